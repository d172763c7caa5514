"""The last step of signing in: the session is stored and the person let through."""

from datetime import datetime, timedelta

from core.database.unit_of_work import UnitOfWork
from core.security.actors import Origin
from core.sign_in import first_start
from core.sign_in.desk import (
    TOPIC,
    Desk,
    Surroundings,
    deed,
    new_token,
    told_of_attempts,
    wrong_password,
)
from core.sign_in.repository import Person, SignInRepository, StoredSession
from core.sign_in.rules import read_rules
from core.sign_in.schemas import SignedIn
from core.sign_in.tickets import Ticket, Tickets
from core.translation import _, ngettext

# A session from the future means that the clock was set back; a little is no matter.
_CLOCK_SLACK = timedelta(minutes=5)


class Entering(Desk):
    """Lets people in whose password, code or token was found to be right."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self._tickets = Tickets(self._clock)

    async def _let_in(self, ticket: Ticket) -> SignedIn:
        """Let somebody in whose attempt was a success, if that still holds.

        Raises:
            SignInFailedError: Meanwhile the account was deactivated or its password changed.
        """
        token = new_token()
        problem = await self._token.keep(token) if ticket.remember else ""
        async with self._database.unit_of_work() as unit:
            person = await SignInRepository(unit.session).person(ticket.user_id)
            if person is None or not person.active:
                raise wrong_password("sign_in")
            if person.password_changed_at != ticket.password_changed_at:
                raise wrong_password("sign_in")
            await self._guesses.succeeded(unit.session, ticket.attempt)
            if ticket.rehashed is not None:
                repository = SignInRepository(unit.session)
                await repository.change_person(person.id, password_hash=ticket.rehashed)
            return await self._enter(
                unit, person, origin=ticket.origin, device=ticket.device, token=token,
                remembered=ticket.remember and not problem,
                changes=told_of_attempts(ticket.attempt),
                notices=_not_remembered(problem),
            )  # fmt: skip

    async def _enter(
        self,
        unit: UnitOfWork,
        person: Person,
        *,
        origin: Origin,
        device: str,
        token: str,
        remembered: bool = False,
        changes: dict[str, object] | None = None,
        notices: tuple[str, ...] = (),
    ) -> SignedIn:
        """Store a new session, commit, and let the person through."""
        repository = SignInRepository(unit.session)
        failures = await repository.failures_since(person)
        actor, until = await self._open_session(
            unit, person, origin=origin, device=device, token=token, remembered=remembered
        )
        unit.record(deed(actor, "sign_in.signed_in", person, changes))
        signed_in = await self._note_and_commit(unit, person)
        held = person.must_change_password
        self._presence.admit(actor, until=until, remembered=remembered, held=held)
        told = (*_failures(failures, person.last_sign_in_at), *notices)
        return SignedIn(actor, held, told, signed_in)

    async def _enter_again(
        self, unit: UnitOfWork, found: StoredSession, origin: Origin
    ) -> SignedIn:
        """Let somebody through whose session is remembered, and commit."""
        repository = SignInRepository(unit.session)
        failures = await repository.failures_since(found.person)
        actor = await self._actor(repository, found.person, origin, found.uid)
        await repository.change_session(found.uid, last_seen_at=self._clock.now())
        unit.record(deed(actor, "sign_in.resumed", found.person))
        idle_lock_s = await self._note_and_commit(unit, found.person)
        held = found.person.must_change_password
        self._presence.admit(actor, until=found.expires_at, remembered=True, held=held)
        told = _failures(failures, found.person.last_sign_in_at)
        return SignedIn(actor, held, told, idle_lock_s)

    async def _note_and_commit(self, unit: UnitOfWork, person: Person) -> int:
        """Note that a person is here, commit, and return after how long the window locks."""
        repository, now = SignInRepository(unit.session), self._clock.now()
        await repository.note_activity(person.id, "signed_in", now)
        await repository.change_person(person.id, last_sign_in_at=now)
        rules = await read_rules(repository)
        unit.changed(TOPIC, "users")
        await unit.commit()
        return rules.lock_after * 60

    async def _may_resume(self, repository: SignInRepository, found: StoredSession) -> bool:
        """Tell whether a remembered session may go on."""
        now = self._clock.now()
        longest = timedelta(minutes=(await read_rules(repository)).session_longest)
        return (
            found.remembered
            and found.ended_at is None
            and found.locked_at is None
            and found.person.active
            and now < min(found.expires_at, found.created_at + longest)
            and found.created_at <= now + _CLOCK_SLACK
        )


async def check_free(
    repository: SignInRepository, name_key: str, email_key: str | None
) -> None:
    """Refuse a name or an address that belongs to somebody already.

    Raises:
        ValidationError: It names which.
    """
    name_taken, email_taken = await repository.taken(name_key, email_key)
    problems = {}
    if name_taken:
        problems["username"] = _("Somebody has this user name already. Choose another one.")
    if email_taken:
        problems["email"] = _("Somebody has this e-mail address already.")
    if problems:
        raise first_start.not_made(problems)


def _failures(count: int, since: datetime | None) -> tuple[str, ...]:
    if not count:
        return ()
    if since is None:
        return (
            ngettext(
                "{n} attempt to sign in with your name failed.",
                "{n} attempts to sign in with your name failed.",
                count,
            ).format(n=count),
        )
    return (
        ngettext(
            "{n} attempt to sign in with your name failed since {time}.",
            "{n} attempts to sign in with your name failed since {time}.",
            count,
        ).format(n=count, time=since.astimezone().strftime("%Y-%m-%d %H:%M")),
    )


def _not_remembered(problem: str) -> tuple[str, ...]:
    if not problem:
        return ()
    return (_("You are not remembered on this computer: {why}").format(why=problem),)
