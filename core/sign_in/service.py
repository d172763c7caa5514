"""Signs people in and out of a workspace, by all ways that there are."""

import logging
from dataclasses import replace

from core import log
from core.database.audit_trail import Deed, Subject
from core.database.fields.names import username_key
from core.errors import ConflictError, DatabaseError
from core.security.actors import Actor, Origin
from core.security.operations import Operation
from core.sign_in import first_start
from core.sign_in.desk import (
    TOPIC,
    Surroundings,
    deed,
    digest_of,
    new_token,
    nobody,
)
from core.sign_in.entering import Entering, check_free
from core.sign_in.factor_service import FactorService, wrong_code
from core.sign_in.password_service import PasswordService
from core.sign_in.passwords import Passwords
from core.sign_in.repository import SignInRepository, session_named
from core.sign_in.rescue_service import RescueService
from core.sign_in.schemas import (
    Entrance,
    FirstAdministrator,
    SecondFactorNeeded,
    SignedIn,
    SignInFailedError,
)
from core.sign_in.session_service import SessionService
from core.sign_in.tickets import Ticket
from core.translation import _

__all__ = ["Passwords", "RescueService", "SignInService", "Surroundings"]

# No name is longer; what is typed here may be anything.
_LOOKED_AT = 1_000
_AT_THE_END_S = 2.0

_log = logging.getLogger(__name__)


class SignInService(SessionService, PasswordService, FactorService, Entering):
    """Signing in into one workspace, and all that belongs to it."""

    async def start(self) -> None:
        """Watch sessions and attempts; end the sessions that are overdue."""
        if not self._database.read_only:
            await self._end_overdue()
        self._presence.watcher.start()
        self._alerts.watcher.start()

    async def close(self) -> None:
        """End what ends with this process; remembered sessions stay open."""
        self._token.close()
        await self._alerts.watcher.stop()
        await self._presence.watcher.stop()
        leaving = self._presence.unremembered()
        if leaving and not self._database.read_only:
            try:
                await self._end(leaving, "closed", wait_s=_AT_THE_END_S)
            except DatabaseError as error:
                _log.info("Sessions were left to run out: %s", error)

    async def entrance(self) -> Entrance:
        """Return how one comes in here, as it stands now."""
        if self.gate.open_here:
            return Entrance.OPEN
        if self._database.read_only:
            return Entrance.READING
        async with self._database.read() as session:
            somebody = await SignInRepository(session).anybody_has_a_password()
        return Entrance.SIGN_IN if somebody else Entrance.FIRST_START

    async def note_open_here(self, actor: Actor, *, on: bool) -> None:
        """Check and record that this workspace opens here without sign-in, or no longer.

        While nobody can sign in anyone at this computer may decide; then an administrator.

        Raises:
            ConflictError: Nobody could administer the workspace afterwards.
            AppError: As ``permitted`` methods of ``RULES_CHANGE``.
        """
        async with self._database.unit_of_work() as unit:
            repository = SignInRepository(unit.session)
            if await repository.anybody_has_a_password() or self.gate.open_here:
                self.gate.require(actor, Operation.RULES_CHANGE)
            if not on and await repository.anybody_has_a_password():
                await _check_administrable(repository)
            changes = {"open_here": on}
            unit.record(
                Deed(actor, Operation.RULES_CHANGE.key, Subject("rules", "", ""), changes)
            )
            await unit.commit()

    async def read_along(self, *, origin: Origin) -> SignedIn:
        """Let somebody in as a viewer where the file cannot be written.

        Whoever can read the file can read that much anyway.

        Raises:
            ConflictError: The file can be written, so one signs in.
        """
        if not self._database.read_only:
            raise ConflictError(_("This workspace asks who you are."), hint=_("Sign in first."))
        actor = replace(nobody(origin), session="reading")
        self.gate.let_in(actor)
        return SignedIn(actor, must_change_password=False)

    async def create_first_administrator(
        self, data: FirstAdministrator, *, origin: Origin, device: str
    ) -> SignedIn:
        """Make the first administrator, who is then signed in.

        Raises:
            ValidationError: A field cannot be taken; the error names it.
            ConflictError: Somebody else was first.
        """
        report = await self.password_report(
            data.password,
            username=data.username,
            display_name=data.display_name,
            email=data.email,
        )
        data = first_start.checked(data, report)
        log.hide(data.password)
        hashed = await self._passwords.hash(data.password)
        row = first_start.row_of(data, hashed, self._clock.now())
        async with self._database.unit_of_work() as unit:
            repository = SignInRepository(unit.session)
            if await repository.anybody_has_a_password():
                raise ConflictError(
                    _("Somebody else was first: this workspace has an administrator."),
                    hint=_("Sign in, or ask them for an account."),
                )
            await check_free(repository, row["username_key"], row["email_key"])
            user_id = await repository.add_person(row)
            person = await repository.person(user_id)
            assert person is not None
            made = {"role": person.role.value}
            unit.record(deed(nobody(origin), "sign_in.first_start", person, made))
            return await self._enter(
                unit, person, origin=origin, device=device, token=new_token()
            )

    async def sign_in(
        self,
        username: str,
        password: str,
        *,
        origin: Origin,
        device: str,
        remember: bool = False,
    ) -> SignedIn | SecondFactorNeeded:
        """Let somebody in by name and password, or ask for the code as well.

        Args:
            username: The name, in any case.
            password: At most 1,024 characters.
            origin: Through what they come.
            device: What this computer is called, for the list of sessions.
            remember: Next time they come in without a password; see ``can_remember``.

        Raises:
            SignInFailedError: Name or password are not right, or the account is not active.
            TooManyAttemptsError: The attempt was not looked at.
        """
        username = username[:_LOOKED_AT]
        async with self._database.read() as session:
            person = await SignInRepository(session).named(_key_to_find(username))
        attempt = await self._check(nobody(origin), person, username, password, "sign_in")
        assert person is not None
        log.hide(password)
        rehashed = await self._rehashed(person, password)
        ticket = Ticket(
            person.id, attempt, origin, device, remember, person.password_changed_at, rehashed,
            self._tickets.until(),
        )  # fmt: skip
        if person.totp_secret is not None:
            return SecondFactorNeeded(self._tickets.issue(ticket))
        return await self._let_in(ticket)

    async def second_factor(self, ticket: str, code: str) -> SignedIn:
        """Let somebody in whose password was right, by a code or a recovery code.

        Raises:
            SignInFailedError: The code is not right or was used; or the ticket is no longer
                good, and one begins with the password again.
            TooManyAttemptsError: The code was not looked at.
        """
        with self._tickets.taken(ticket) as found:
            if found is None:
                raise SignInFailedError(
                    _("It took too long."), hint=_("Begin with name and password again.")
                )
            person = await self._person(found.user_id)
            actor = nobody(found.origin)
            attempt = await self._reserve(actor, person, person.username, "second_factor")
            if not await self._use_code(actor, person, code):
                await self._failed(actor, person, attempt, "second_factor")
                raise wrong_code()
        return await self._let_in(replace(found, attempt=attempt.after(found.attempt)))

    async def resume(self, *, origin: Origin) -> SignedIn | None:
        """Let in who is remembered on this computer; None where nobody is any more.

        A session whose window was locked does not come back without the password.
        """
        token = None if self._database.read_only else await self._token.get()
        if token is None:
            return None
        async with self._database.unit_of_work() as unit:
            repository = SignInRepository(unit.session)
            found = await repository.session_of_token(digest_of(token))
            if found is not None and await self._may_resume(repository, found):
                return await self._enter_again(unit, found, origin)
            if found is not None:
                await repository.end_sessions(
                    "expired", self._clock.now(), *session_named(found.uid)
                )
                unit.record(
                    deed(nobody(origin), "sign_in.session_ended", found.person,
                         {"why": "expired"})
                )  # fmt: skip
                unit.changed(TOPIC)
                await unit.commit()
        await self._token.forget()
        return None

    async def can_remember(self) -> str:
        """Return in words why “remember” is impossible here; empty where it is possible."""
        return await self._token.why_not()


async def _check_administrable(repository: SignInRepository) -> None:
    if not await repository.an_administrator_can_sign_in():
        raise ConflictError(
            _("Nobody could administer this workspace any more."),
            detail=_("No active administrator has a password."),
            hint=_("Give one of them a password first."),
        )


def _key_to_find(username: str) -> str:
    """Return the key of a name; of what no database can hold, one that nobody has."""
    key = username_key(username)
    try:
        key.encode()
    except UnicodeEncodeError:
        return ""
    return key
