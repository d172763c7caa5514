"""What all parts of signing in share: who is asked, what is counted, what is recorded."""

import hashlib
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.database.audit_trail import Deed, Subject
from core.database.database import Database
from core.database.unit_of_work import UnitOfWork
from core.errors import ConflictError, NotFoundError
from core.events import EventBus
from core.security.actors import Actor, Origin, Role
from core.security.permissions import Gate, SessionEndedError
from core.security.sealing import Sealer
from core.security.system_keyring import SystemKeyring
from core.sign_in import alerts
from core.sign_in.clock import Clock
from core.sign_in.guesses import Attempt, Guesses
from core.sign_in.passwords import LOOKED_AT, Passwords
from core.sign_in.presence import Presence
from core.sign_in.remembering import RememberedToken
from core.sign_in.repository import Person, SignInRepository
from core.sign_in.rules import read_rules
from core.sign_in.schemas import SignInFailedError, SignInRules
from core.translation import _

TOPIC = "sessions"
# Attempts on names that are nobody's that are recorded one by one, in a quarter of an hour.
_RECORDED_UNKNOWN = 100
_QUARTER_S = 15 * 60.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What signing in into one workspace works with.

    Attributes:
        uid: Names the workspace, also in the keyring.
        name: What people call it.
        may_use_keyring: Tells whether tokens may be kept in the keyring.
    """

    database: Database
    gate: Gate
    bus: EventBus
    sealer: Sealer
    uid: str
    name: str
    passwords: Passwords
    keyring: SystemKeyring
    clock: Clock = field(default_factory=Clock)
    may_use_keyring: Callable[[], bool] = lambda: True


class Desk:
    """What the services of signing in are built on."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.gate = surroundings.gate
        self._around = surroundings
        self._database = surroundings.database
        self._clock = surroundings.clock
        self._passwords = surroundings.passwords
        self._guesses = Guesses(self._database, surroundings.uid, self._clock)
        self._presence = Presence(self._database, self.gate, surroundings.bus, self._clock)
        self._alerts = alerts.Alerts(
            self._database, surroundings.bus, self._clock, self._may_be_told
        )
        self._token = RememberedToken(
            surroundings.keyring, surroundings.uid, surroundings.may_use_keyring
        )
        self._unknown: list[float] = []
        self._unrecorded = 0

    def _may_be_told(self) -> bool:
        """Tell whether an administrator is here, who is told of attempts to guess."""
        here = any(actor.role is Role.ADMINISTRATOR for actor in self._presence.actors)
        return here or self.gate.open_here

    def _own(self, actor: Actor) -> Actor:
        """Return somebody who signed in here, also while the password is to be changed.

        Raises:
            SessionEndedError: The session is over.
            ConflictError: They are here without having signed in.
        """
        if actor.session is None:
            raise ConflictError(
                _("You are here without having signed in."),
                hint=_("Sign in with an account of this workspace first."),
            )
        found = self._presence.find(actor)
        if found is None:
            raise _session_ended()
        return found

    async def _person(self, user_id: int | None) -> Person:
        """Return a person as they are kept now.

        Raises:
            NotFoundError: There is none, or they are in the bin.
        """
        async with self._database.read() as session:
            person = await SignInRepository(session).person(user_id or 0)
        if person is None:
            raise NotFoundError(
                _("This person is gone."), hint=_("Somebody else may have deleted them.")
            )
        return person

    async def _check_still(
        self, repository: SignInRepository, actor: Actor, person: Person, purpose: str
    ) -> None:
        """Make sure, in the unit that writes, that a password looked at before still counts.

        Raises:
            SessionEndedError: Meanwhile the session was ended, as by a reset.
            SignInFailedError: Meanwhile the password was changed.
        """
        session = (await repository.sessions_named([actor.session or ""])).get(
            actor.session or ""
        )
        if session is None or session.ended_at is not None or not session.person.active:
            raise _session_ended()
        if session.person.password_hash != person.password_hash:
            raise wrong_password(purpose)

    async def _rules(self) -> SignInRules:
        async with self._database.read() as session:
            return await read_rules(SignInRepository(session))

    async def _check(
        self, actor: Actor, person: Person | None, username: str, password: str, purpose: str
    ) -> Attempt:
        """Return the reservation with which a password was found to be right.

        The work is the same for names that are nobody's.

        Raises:
            SignInFailedError: The password is wrong, or may not be used.
            TooManyAttemptsError: It was not looked at.
        """
        attempt = await self._reserve(actor, person, username, purpose)
        stored = None if person is None else person.password_hash
        # One that is too long equals none: cut off, it takes no more work than any other.
        right = await self._passwords.verify(password[:LOOKED_AT], stored)
        if person is not None and person.active and right:
            return attempt
        await self._failed(actor, person, attempt, purpose)
        raise wrong_password(purpose)

    async def _reserve(
        self, actor: Actor, person: Person | None, username: str, purpose: str
    ) -> Attempt:
        refusal = Deed(actor, "sign_in.refused", subject_of(person), {"for": purpose})
        account = self._guesses.account(username)
        return await self._guesses.reserve(account, refusal=refusal)

    async def _failed(
        self, actor: Actor, person: Person | None, attempt: Attempt, purpose: str
    ) -> None:
        """Record an attempt that failed; a flood of names that are nobody's only in sums."""
        changes: dict[str, object] = {"for": purpose, **told_of_attempts(attempt)}
        if person is not None and not person.active:
            changes["inactive"] = True
        deed = Deed(actor, "sign_in.failed", subject_of(person), changes)
        if person is None and self._is_flood():
            self._unrecorded += 1
            return
        if self._unrecorded:
            changes["not_recorded"], self._unrecorded = self._unrecorded, 0
        async with self._database.unit_of_work() as unit:
            unit.record(deed)
            unit.changed(alerts.TOPIC)
            await unit.commit()

    def _is_flood(self) -> bool:
        now = self._clock.monotonic()
        self._unknown = [at for at in self._unknown if at > now - _QUARTER_S]
        if len(self._unknown) >= _RECORDED_UNKNOWN:
            return True
        self._unknown.append(now)
        return False

    async def _actor(
        self, repository: SignInRepository, person: Person, origin: Origin, session: str
    ) -> Actor:
        """Return a person as one who acts in a session, with the roles that hold now."""
        roles = await repository.project_roles([person.id])
        return Actor(
            person.username,
            person.role,
            origin,
            session=session,
            user_id=person.id,
            uid=person.uid,
            project_roles=roles.get(person.id, {}),
        )

    async def _open_session(
        self,
        unit: UnitOfWork,
        person: Person,
        *,
        origin: Origin,
        device: str,
        token: str,
        remembered: bool,
    ) -> tuple[Actor, datetime]:
        """Store a session; return who has it, and when it ends at the latest."""
        repository = SignInRepository(unit.session)
        now = self._clock.now()
        until = now + timedelta(minutes=(await read_rules(repository)).session_longest)
        uid = str(uuid.uuid4())
        await repository.add_session(
            uid=uid,
            user_id=person.id,
            token_digest=digest_of(token),
            origin=origin.value,
            device=device[:200],
            remembered=remembered,
            created_at=now,
            last_seen_at=now,
            expires_at=until,
        )
        return await self._actor(repository, person, origin, uid), until


def nobody(origin: Origin) -> Actor:
    """Return who sits at this computer and is not known to the workspace."""
    return replace(Actor.of_this_computer(origin), role=Role.VIEWER)


def subject_of(person: Person | None) -> Subject:
    """Return whom an entry of the audit trail is about.

    A name that is nobody's is not kept: it may be a password in the wrong field.
    """
    return (
        Subject("user", "", "")
        if person is None
        else Subject("user", person.uid, person.username)
    )


def deed(
    actor: Actor, operation: str, person: Person, changes: Mapping[str, object] | None = None
) -> Deed:
    """Return an entry of the audit trail about a person."""
    return Deed(actor, operation, subject_of(person), changes or {})


def told_of_attempts(attempt: Attempt) -> dict[str, object]:
    """Return what an entry tells of the attempts before it."""
    return {"refused_before": attempt.refused} if attempt.refused else {}


def _session_ended() -> SessionEndedError:
    return SessionEndedError(_("Your session has ended."), hint=_("Sign in again to go on."))


def new_token() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """Return what is stored of a token or code: its SHA-256. Both are random enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def wrong_password(purpose: str) -> SignInFailedError:
    """Return the error for a wrong password, the same for whatever was wrong about it."""
    if purpose == "sign_in":
        return SignInFailedError(
            _("You are not signed in: the name or the password is not right."),
            hint=_("Check both, and the keyboard; an administrator can reset the password."),
        )
    return SignInFailedError(
        _("This is not your password."), hint=_("Check the keyboard, and type it again.")
    )
