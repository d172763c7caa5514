"""Who is signed in through this process: kept true while rights and sessions change.

What any process writes about people, rights and sessions is looked at at once; limits of
time are looked at as they pass. Whoever may do something else now, or nothing any more, is
told by ``AccessChanged``; the gate knows before.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.database.audit_trail import Deed, Subject
from core.database.database import Database
from core.events import EventBus
from core.security.actors import Actor, Origin, Role
from core.security.permissions import Gate
from core.sign_in.clock import Clock
from core.sign_in.repository import SignInRepository, StoredSession, session_named
from core.sign_in.rules import read_rules
from core.sign_in.schemas import AccessChanged, SignInRules
from core.sign_in.watcher import Watcher
from core.translation import _

TOPICS = frozenset({"users", "sessions", "rights", "projects", "sign_in_rules"})
SEEN_EVERY = timedelta(minutes=1)
_LOOK_EVERY_S = 15.0

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Present:
    actor: Actor
    held: bool
    remembered: bool
    # When it ends by the clock that cannot be set; what the other clock says counts as well.
    longest_until: float
    seen: datetime
    seen_monotonic: float
    written: datetime


class Presence:
    """The sessions of this process."""

    def __init__(self, database: Database, gate: Gate, bus: EventBus, clock: Clock) -> None:
        self._database = database
        self._gate = gate
        self._bus = bus
        self._clock = clock
        self._present: dict[str, _Present] = {}
        self._reviewing = asyncio.Lock()
        self.watcher = Watcher(bus, TOPICS, self.review, every_s=_LOOK_EVERY_S)

    @property
    def actors(self) -> tuple[Actor, ...]:
        """Those who are let through now."""
        return tuple(one.actor for one in self._present.values() if not one.held)

    def unremembered(self) -> tuple[str, ...]:
        """Return the sessions that end with this process."""
        return tuple(uid for uid, one in self._present.items() if not one.remembered)

    def admit(self, actor: Actor, *, until: datetime, remembered: bool, held: bool) -> None:
        """Let a session through, or hold it back until the password is changed.

        Args:
            actor: Who, with the roles that hold now.
            until: When the session ends at the latest.
            remembered: It has no idle limit: the lock of the window takes its place.
            held: The password is to be changed first.
        """
        assert actor.session is not None
        now, monotonic = self._clock.now(), self._clock.monotonic()
        longest_until = monotonic + (until - now).total_seconds()
        self._present[actor.session] = _Present(
            actor, held, remembered, longest_until, now, monotonic, now
        )
        if held:
            self._gate.hold(actor.session)
        else:
            self._gate.let_in(actor)
        # What was committed since the roles were read is looked at once more.
        self.watcher.wake()

    def find(self, actor: Actor) -> Actor | None:
        """Return the actor of a session that is here, let through or held back."""
        one = self._present.get(actor.session or "")
        return None if one is None else one.actor

    def is_held(self, actor: Actor) -> bool:
        """Tell whether the session waits for a change of the password."""
        one = self._present.get(actor.session or "")
        return one is not None and one.held

    def release(self, actor: Actor) -> None:
        """Let a session through whose password was changed."""
        one = self._present[actor.session or ""]  # as ``find`` told
        one.held = False
        self._gate.let_in(one.actor)

    def seen(self, session: str) -> None:
        """Note that the person did something."""
        one = self._present.get(session)
        if one is not None:
            one.seen, one.seen_monotonic = self._clock.now(), self._clock.monotonic()

    def dismiss(self, session: str, why: str) -> None:
        """Let a session through no more, and tell so."""
        if self._present.pop(session, None) is not None:
            self._gate.shut_out(session)
            self._bus.publish(AccessChanged(session, None, why))

    async def review(self) -> None:
        """Look at all sessions of this process anew.

        Raises:
            DatabaseError: They could not be read; nothing was changed.
        """
        async with self._reviewing:
            if self._present:
                await self._review()

    async def _review(self) -> None:
        uids = list(self._present)
        for session in self._gate.take_asked():
            one = self._present.get(session)
            if one is not None and one.actor.origin is Origin.SCRIPT:
                self.seen(session)
        async with self._database.read(snapshot=True) as session_:
            repository = SignInRepository(session_)
            stored = await _stored(repository, uids)
            people = {one.person.id for one in stored.values() if one is not None}
            roles = await repository.project_roles(people)
            rules = await read_rules(repository)
        for uid in uids:
            if uid not in stored:
                self.dismiss(uid, _("Your account is gone."))
            elif (now := stored[uid]) is None:
                self.dismiss(uid, _("Your account cannot be read."))
            else:
                await self._settle(uid, now, roles, rules)

    async def _settle(
        self,
        uid: str,
        stored: StoredSession,
        roles: Mapping[int, Mapping[int, Role]],
        rules: SignInRules,
    ) -> None:
        one = self._present.get(uid)
        if one is None:
            return
        if stored.ended_at is not None:
            self.dismiss(uid, _told(stored.ended_why))
        elif not stored.person.active:
            await self._end(one, stored, "inactive")
        elif self._is_over(one, stored, rules):
            await self._end(one, stored, "expired")
        else:
            self._update(one, stored, roles.get(stored.person.id, {}))
            await self._write_seen(one, uid)

    def _is_over(self, one: _Present, stored: StoredSession, rules: SignInRules) -> bool:
        now, monotonic = self._clock.now(), self._clock.monotonic()
        longest = timedelta(minutes=rules.session_longest)
        idle = timedelta(minutes=rules.session_idle)
        if now >= min(stored.expires_at, stored.created_at + longest):
            return True
        if monotonic >= one.longest_until:
            return True
        if stored.remembered:
            return False
        if one.seen < stored.last_seen_at <= now:
            # By another process that has this session too: only its time of day is known.
            return now - stored.last_seen_at >= idle
        waited = monotonic - one.seen_monotonic
        return now - one.seen >= idle or waited >= idle.total_seconds()

    def _update(self, one: _Present, stored: StoredSession, roles: Mapping[int, Role]) -> None:
        person = stored.person
        actor = replace(
            one.actor, user=person.username, role=person.role, project_roles=dict(roles)
        )
        if actor == one.actor:
            return
        one.actor = actor
        if not one.held:
            self._gate.let_in(actor)
            self._bus.publish(AccessChanged(stored.uid, actor, _("Your rights were changed.")))

    async def _write_seen(self, one: _Present, uid: str) -> None:
        if one.seen - one.written < SEEN_EVERY:
            return
        async with self._database.unit_of_work() as unit:
            await SignInRepository(unit.session).change_session(uid, last_seen_at=one.seen)
            await unit.commit()
        one.written = one.seen

    async def _end(self, one: _Present, stored: StoredSession, why: str) -> None:
        self.dismiss(stored.uid, _told(why))
        async with self._database.unit_of_work() as unit:
            ended = await SignInRepository(unit.session).end_sessions(
                why, self._clock.now(), *session_named(stored.uid)
            )
            if ended:
                subject = Subject("user", stored.person.uid, stored.person.username)
                unit.record(Deed(one.actor, "sign_in.session_ended", subject, {"why": why}))
                unit.changed("sessions")
                await unit.commit()


async def _stored(
    repository: SignInRepository, uids: Collection[str]
) -> dict[str, StoredSession | None]:
    """Return the sessions that there are; None for one whose rows make no sense."""
    try:
        return {**await repository.sessions_named(uids)}
    except (ValueError, TypeError):
        _log.warning("Sessions or their people cannot be read; each is looked at by itself")
    found: dict[str, StoredSession | None] = {}
    for uid in uids:
        try:
            found.update(await repository.sessions_named([uid]))
        except (ValueError, TypeError):
            found[uid] = None
    return found


def _told(why: str) -> str:
    """Return in words why a session is over."""
    words = {
        "signed_out": _("You signed out."),
        "expired": _("You were signed in for too long, or did nothing for too long."),
        "inactive": _("Your account was deactivated."),
        "password": _("Your password was changed."),
        "ended": _("Your session was ended."),
        "closed": _("The window was closed."),
        "restored": _("The workspace was restored from a backup."),
    }
    return words.get(why, _("Your session has ended."))
