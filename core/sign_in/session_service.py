"""Sessions: signing out, locking, listing, and ending those that are open elsewhere."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from core.database.database import GIVEN_UP_AFTER_S
from core.errors import NotFoundError
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import permitted
from core.sign_in.desk import TOPIC, Desk, deed
from core.sign_in.guesses import Attempt
from core.sign_in.repository import (
    Person,
    SignInRepository,
    ended_before,
    overdue,
    session_named,
    sessions_of,
    still_open,
)
from core.sign_in.rules import read_rules
from core.sign_in.schemas import SessionRow
from core.translation import _

MOST_SHOWN = 500
_KEPT = timedelta(days=90)


class SessionService(Desk):
    """The sessions of a workspace."""

    async def sign_out(self, actor: Actor) -> None:
        """End a session; nothing of it is remembered on this computer any more.

        Raises:
            SessionEndedError: It is over already.
        """
        actor = self._own(actor)
        assert actor.session is not None
        remembered = actor.session not in self._presence.unremembered()
        await self._end([actor.session], "signed_out", actor)
        self._presence.dismiss(actor.session, _("You signed out."))
        if remembered:
            await self._token.forget()

    async def lock(self, actor: Actor) -> None:
        """Note that the window is locked: a remembered session needs the password from now on.

        Raises:
            SessionEndedError: The session is over.
        """
        actor = self._own(actor)
        await self._lock(actor, await self._person(actor.user_id), locked=True)

    async def unlock(self, actor: Actor, password: str) -> None:
        """Unlock the window by the password; it counts as an attempt to sign in.

        Raises:
            SignInFailedError: It is not the password.
            TooManyAttemptsError: It was not looked at.
            SessionEndedError: The session is over.
        """
        actor = self._own(actor)
        person = await self._person(actor.user_id)
        attempt = await self._check(actor, person, person.username, password, "unlock")
        await self._lock(self._own(actor), person, locked=False, attempt=attempt)
        self.seen(actor)

    def seen(self, actor: Actor) -> None:
        """Note that the person at the window did something; costs nothing.

        Without it a session that is not remembered ends after the idle limit.
        """
        if actor.session is not None:
            self._presence.seen(actor.session)

    @permitted(Operation.SESSIONS_READ_OWN)
    async def sessions(self, actor: Actor) -> tuple[SessionRow, ...]:
        """Return the sessions of the actor, open ones first."""
        if actor.user_id is None:
            return ()
        return await self._rows(actor, sessions_of(actor.user_id))

    @permitted(Operation.SESSIONS_READ)
    async def all_sessions(
        self, actor: Actor, *, user_id: int | None = None, open_only: bool = True
    ) -> tuple[SessionRow, ...]:
        """Return the sessions of all, or of one person; at most ``MOST_SHOWN``."""
        conditions = () if user_id is None else sessions_of(user_id)
        if open_only:
            conditions = (*conditions, still_open())
        return await self._rows(actor, conditions)

    @permitted(Operation.SESSIONS_END_OWN)
    async def end_session(self, actor: Actor, *, uid: str) -> None:
        """End a session: one's own, or with the right to do so, that of anybody.

        Raises:
            NotFoundError: It is over already.
            PermissionDeniedError: It is somebody else's.
        """
        async with self._database.read() as session:
            found = (await SignInRepository(session).sessions_named([uid])).get(uid)
        if found is not None and found.person.id != actor.user_id:
            self.gate.require(actor, Operation.SESSIONS_END)
        if found is None or not await self._end([uid], "ended", actor):
            raise NotFoundError(_("This session is over already."))

    @permitted(Operation.SESSIONS_END_OWN)
    async def end_other_sessions(self, actor: Actor) -> int:
        """End all sessions of the actor but the present one; return how many."""
        if actor.user_id is None:
            return 0
        async with self._database.unit_of_work() as unit:
            others = sessions_of(actor.user_id, but=[actor.session or ""])
            repository = SignInRepository(unit.session)
            ended = await repository.end_sessions("ended", self._clock.now(), *others)
            person = await repository.person(actor.user_id)
            if ended and person is not None:
                changes = {"why": "ended", "count": len(ended)}
                unit.record(deed(actor, "sign_in.session_ended", person, changes))
                unit.changed(TOPIC)
                await unit.commit()
        return len(ended)

    async def _rows(self, actor: Actor, conditions: Iterable[Any]) -> tuple[SessionRow, ...]:
        async with self._database.read() as session:
            rows = await SignInRepository(session).session_rows(*conditions, limit=MOST_SHOWN)
        return tuple(_row(row, actor) for row in rows)

    async def _lock(
        self, actor: Actor, person: Person, *, locked: bool, attempt: Attempt | None = None
    ) -> None:
        async with self._database.unit_of_work() as unit:
            repository = SignInRepository(unit.session)
            if attempt is not None:
                await self._check_still(repository, actor, person, "unlock")
                await self._guesses.succeeded(unit.session, attempt)
            assert actor.session is not None
            await repository.change_session(
                actor.session, locked_at=self._clock.now() if locked else None
            )
            name = "sign_in.locked" if locked else "sign_in.unlocked"
            unit.record(deed(actor, name, person))
            await unit.commit()

    async def _end(
        self,
        uids: Sequence[str],
        why: str,
        by: Actor | None = None,
        *,
        wait_s: float = GIVEN_UP_AFTER_S,
    ) -> Sequence[str]:
        """End open sessions and record each; return those that were open."""
        ended = []
        async with self._database.unit_of_work(wait_s=wait_s) as unit:
            repository = SignInRepository(unit.session)
            known = await repository.sessions_named(uids)
            for uid in uids:
                now = self._clock.now()
                if not await repository.end_sessions(why, now, *session_named(uid)):
                    continue
                ended.append(uid)
                person, actor = known[uid].person, by or Actor.of_the_program()
                name = "sign_in.signed_out" if why == "signed_out" else "sign_in.session_ended"
                changes = {} if why == "signed_out" else {"why": why}
                unit.record(deed(actor, name, person, changes))
            if ended:
                unit.changed(TOPIC)
                await unit.commit()
        return ended

    async def _end_overdue(self) -> None:
        """End the sessions that ran out while nobody watched; forget those of long ago."""
        async with self._database.read() as session:
            rules = await read_rules(SignInRepository(session))
            now = self._clock.now()
            limits = overdue(
                now,
                now - timedelta(minutes=rules.session_idle),
                now - timedelta(minutes=rules.session_longest),
            )
            rows = await SignInRepository(session).session_rows(
                still_open(), *limits, limit=MOST_SHOWN
            )
            old = await SignInRepository(session).session_rows(
                ended_before(now - _KEPT), limit=1
            )
        if rows:
            await self._end([row.uid for row in rows], "expired")
        if old:
            async with self._database.unit_of_work() as unit:
                await SignInRepository(unit.session).forget_sessions(now - _KEPT)
                await unit.commit()


def _row(row: Row[Any], actor: Actor) -> SessionRow:
    return SessionRow(
        uid=row.uid,
        user_id=row.user_id,
        username=row.username,
        origin=row.origin,
        device=row.device,
        remembered=bool(row.remembered),
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        ended_why=row.ended_why or "",
        current=row.uid == actor.session,
    )
