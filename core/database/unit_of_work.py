"""Units of work: one short write transaction, its changes, and its events after commit."""

import json
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import text

from core.completion import to_the_end
from core.database.audit_trail import Deed, append
from core.database.failures import told_in_words
from core.database.leases import Fence, require
from core.database.transactions import Transaction
from core.events import Changed, Event, EventBus

_BUMP = text(
    "INSERT INTO changes (topic, version) SELECT value, 1 FROM json_each(:topics) WHERE true"
    " ON CONFLICT (topic) DO UPDATE SET version = version + 1 RETURNING topic, version"
)

AUDIT_TOPIC = "audit"


class SeenChanges:
    """The versions of topics that this process has told its subscribers about."""

    def __init__(self) -> None:
        self._versions: dict[str, int] = {}

    def note(self, versions: Iterable[tuple[str, int]]) -> frozenset[str]:
        """Take in versions and return the topics that were not known in them yet."""
        new = {topic: v for topic, v in versions if v > self._versions.get(topic, 0)}
        self._versions.update(new)
        return frozenset(new)

    def forget(self, versions: Iterable[tuple[str, int]]) -> None:
        """Take versions back that were not committed."""
        for topic, version in versions:
            if self._versions.get(topic) == version:
                self._versions[topic] = version - 1


class UnitOfWork:
    """A write transaction that rolls back unless it is committed.

    It holds SQLite's write lock: nothing but the database is awaited inside. Made by
    ``Database.unit_of_work``.
    """

    def __init__(
        self, transaction: Transaction, file: Path, bus: EventBus, seen: SeenChanges,
        fence: Fence | None,
    ) -> None:  # fmt: skip
        self.session = transaction.session
        self._file = file
        self._bus = bus
        self._seen = seen
        self._fence = fence
        self._transaction = transaction
        self._topics: set[str] = set()
        self._events: list[Event] = []
        self._deeds: list[Deed] = []

    async def check_fence(self) -> None:
        """Refuse to write when the lease of this unit is lost."""
        if self._fence is not None:
            await require(self.session, self._fence)

    def changed(self, *topics: str) -> None:
        """Name what this unit writes: screens of this and other processes follow it."""
        self._topics.update(topics)

    def record(self, *deeds: Deed) -> None:
        """Enter who did what into the audit trail, in this transaction."""
        self._deeds.extend(deeds)

    def publish(self, event: Event) -> None:
        """Tell an event once the unit is committed."""
        self._events.append(event)

    async def commit(self) -> None:
        """Make the writes last, then tell the events; a cancellation waits for both.

        It is raised afterwards, although the writes were made.

        Raises:
            DatabaseError: The commit failed; nothing was written.
        """
        self._transaction.committing()
        await to_the_end(self._commit())

    async def _commit(self) -> None:
        with told_in_words(self._file):
            if self._deeds:
                self._topics.add(AUDIT_TOPIC)
                await append(self.session, self._deeds)
            versions = await self._bumped()
            # Known before they can be seen, so that the watcher does not tell them as well.
            self._seen.note(versions)
            try:
                await self.session.commit()
            except BaseException:
                self._seen.forget(versions)
                raise
        self._transaction.committed()
        topics, events = self._topics, self._events
        # What was told is not told again should more be written and committed.
        self._topics, self._events, self._deeds = set(), [], []
        if topics:
            self._bus.publish(Changed(frozenset(topics)))
        for event in events:
            self._bus.publish(event)

    async def _bumped(self) -> list[tuple[str, int]]:
        """Count the topics up and return their new versions."""
        if not self._topics:
            return []
        topics = json.dumps(sorted(self._topics))
        rows = await self.session.execute(_BUMP, {"topics": topics})
        return [(topic, version) for topic, version in rows]
