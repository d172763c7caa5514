"""Alerts of real databases: raised, stored, over; also on a full disk, and after a restart."""

import asyncio
import dataclasses
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from core.database.leases import Fence
from core.errors import NotFoundError
from core.events import Event
from core.performance.alerts import alerting as module
from core.performance.alerts.alerting import Alerting
from core.performance.alerts.repository import AlertRepository
from core.performance.alerts.rules import DEFAULTS, stored_rules
from core.performance.alerts.schemas import AlertCleared, AlertKind, AlertRaised, AlertRow
from core.performance.alerts.service import AlertService
from core.performance.backups.rules import Due, Failure, store_due
from core.performance.backups.schemas import BackupsChanged
from core.performance.maintenance.records import recorded
from core.performance.maintenance.schemas import Task
from core.performance.metrics.ring import Sample
from core.performance.target import Target
from core.progress import Progress
from tests.core.performance.metrics.running import NOON, Time, by_metric, digest, lease
from tests.core.running import Bench
from tests.waiting import until

WAL = DEFAULTS[AlertKind.WAL_LARGE]
GOOD, BAD = 0.0, WAL.raise_at + 1


class Watch:
    """What raises alerts, a clock, and what was told."""

    def __init__(self, bench: Bench, target: Target) -> None:
        self.time = Time()
        self.target = target
        self.alerting = Alerting(target, self.time.clocks)
        self.service = AlertService(target, self.alerting)
        self.told: list[str] = []
        self._actor = bench.actor
        self._stop = bench.core.events.subscribe(self._note)

    def _note(self, event: Event) -> None:
        if isinstance(event, AlertRaised | AlertCleared) and event.path == self.target.path:
            word = "raised" if isinstance(event, AlertRaised) else "over"
            self.told.append(f"{event.alert.kind.value} {word}")

    @asynccontextmanager
    async def watching(self, fence: Fence | None) -> AsyncIterator[None]:
        """Watch inside, as the leader does under its fence."""
        task = asyncio.create_task(self.alerting.keep_watching(fence))
        try:
            await until(lambda: self.alerting.ready, "the rules")
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def sees(self, wal: float, seconds: int = 1, failures: int = 0) -> None:
        """Show it the same figures for some seconds."""
        for _second in range(seconds):
            self.time.passes(1)
            self.alerting.note(Sample(NOON, by_metric({"WAL_BYTES": wal})), failures)

    def waits(self) -> int:
        """Return how often somebody waited for a connection."""
        return sum(pool.waits for pool in self.target.database.pools())

    async def tells(self, *told: str) -> None:
        """Wait until just this was told, from the first word on."""
        await until(lambda: len(self.told) >= len(told), str(told))
        assert self.told == list(told)

    async def stored(self) -> list[AlertRow]:
        """Return the alerts that are stored."""
        records = await self.target.records()
        async with records.read() as session:
            return await AlertRepository(session).newest(100)

    async def open(self) -> list[AlertKind]:
        """Return what a screen shows as open."""
        return [alert.kind for alert in await self.service.open(self._actor)]


@pytest.fixture
def watch(bench: Bench) -> Watch:
    return Watch(bench, bench.workspace.performance.target)


@pytest.fixture
async def fence(bench: Bench) -> Fence:
    return await lease(bench.workspace.database)


async def test_scheduled_backups_fail_until_one_is_made(
    bench: Bench, watch: Watch, fence: Fence
) -> None:
    """By hand or on schedule."""
    failure = Failure(count=2, problem="No room.", at=datetime.now(UTC))
    async with watch.watching(fence):
        async with bench.workspace.database.unit_of_work() as unit:
            await store_due(unit.session, Due(expression="", next_at=None, failure=failure))
            unit.publish(BackupsChanged(watch.target.path))
            await unit.commit()
        await until(lambda: watch.alerting.settled, "it is known")
        watch.sees(GOOD)
        await watch.tells("backup_failed raised")
        [alert] = await watch.stored()
        assert "2 scheduled backups failed. No room." in alert.words
        backups = bench.workspace.performance.backups
        await backups.make(bench.actor, progress=Progress(lambda: None))
        await until(lambda: watch.alerting.settled, "that one was made")
        watch.sees(GOOD)
        await watch.tells("backup_failed raised", "backup_failed over")


async def test_raised_acknowledged_and_over(bench: Bench, watch: Watch, fence: Fence) -> None:
    """Failed by alerts that did not end, and by a second one while one is open.

    The worst was seen lost by a run of maintenance meanwhile, with which all began anew.
    """
    async with watch.watching(fence):
        watch.sees(BAD, 40)
        await watch.tells("wal_large raised")
        [alert] = await watch.stored()
        assert alert.open
        assert (alert.value, alert.threshold) == (BAD, WAL.raise_at)
        seen = await watch.service.acknowledge(bench.actor, alert_id=alert.id)
        assert seen.acknowledged_by == bench.actor.user
        assert await watch.service.acknowledge(bench.actor, alert_id=alert.id) == seen
        assert seen.acknowledged_at is not None
        watch.sees(2 * BAD, 40)
        async with recorded(watch.target, bench.actor, Task.OPTIMIZE):
            pass
        await until(lambda: watch.alerting.settled, "that the run was noted")
        watch.sees(GOOD, 80)
        await watch.tells("wal_large raised", "wal_large over")
    [over] = await watch.service.list_of(bench.actor)
    assert over == dataclasses.replace(
        seen, value=2 * BAD, words=over.words, cleared_at=over.cleared_at
    )
    assert not over.open
    assert await watch.open() == []
    with pytest.raises(NotFoundError):
        await watch.service.acknowledge(bench.actor, alert_id=alert.id + 1)


async def test_only_one_is_open_of_a_kind(bench: Bench, watch: Watch, fence: Fence) -> None:
    """As where two windows judge a file that is not ours; failed without the unique index."""
    other = Watch(bench, watch.target)
    async with watch.watching(fence), other.watching(fence):
        watch.sees(BAD, 40)
        await watch.tells("wal_large raised")
        other.sees(BAD, 40)
        await until(lambda: other.alerting.settled, "that the other one stored it")
        assert len(await watch.stored()) == 1
        assert watch.told == other.told == ["wal_large raised"]


async def test_a_new_leader_ends_what_the_last_one_raised(
    bench: Bench, watch: Watch, fence: Fence
) -> None:
    """Failed by judges that began with nothing raised: the alert stayed open for ever."""
    async with watch.watching(fence):
        watch.sees(BAD, 40)
        await watch.tells("wal_large raised")
    again = Watch(bench, watch.target)
    async with again.watching(fence):
        again.sees(GOOD, 40)
        await again.tells("wal_large over")
    assert await again.open() == []


async def test_who_does_not_lead_raises_nothing(watch: Watch, fence: Fence) -> None:
    watch.sees(BAD, 100)
    lost = dataclasses.replace(fence, token=fence.token + 1)
    async with watch.watching(lost):
        watch.sees(BAD, 100)
        await until(lambda: not watch.alerting.ready, "that it noticed")
    assert watch.told == []
    assert await watch.stored() == []


async def test_a_full_disk_is_told_before_it_can_be_stored(
    watch: Watch, fence: Fence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed by writing first and telling then: nobody heard of the full disk."""
    monkeypatch.setattr(module, "AGAIN_AFTER_S", 0.02)
    database = watch.target.database
    async with database.writer.connect() as connection:
        await connection.execute(text("CREATE TABLE filler (x)"))
        await connection.execute(
            text(
                "CREATE TRIGGER no_room BEFORE INSERT ON alerts BEGIN"
                " INSERT INTO filler VALUES (zeroblob(1000000)); END"
            )
        )
        await connection.commit()
        await connection.execute(text("PRAGMA max_page_count=1"))
    async with watch.watching(fence):
        watch.sees(BAD, 40)
        await watch.tells("wal_large raised")
        assert await watch.open() == [AlertKind.WAL_LARGE]
        assert await watch.stored() == []
        async with database.writer.connect() as connection:
            await connection.execute(text("PRAGMA max_page_count=1073741823"))
        await until(watch.stored, "the alert in the database")
        assert await watch.open() == [AlertKind.WAL_LARGE]
        watch.sees(GOOD, 40)
        await watch.tells("wal_large raised", "wal_large over")


async def test_an_alert_that_is_over_before_it_is_stored(
    watch: Watch, fence: Fence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a transaction that keeps all others from writing."""
    monkeypatch.setattr(module, "AGAIN_AFTER_S", 0.02)
    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    async with watch.watching(fence):
        async with watch.target.database.unit_of_work():
            watch.sees(BAD, 40)
            await watch.tells("wal_large raised")
            watch.sees(GOOD, 40)
            await watch.tells("wal_large raised", "wal_large over")
        await until(lambda: watch.alerting.settled, "the end")
    assert await watch.stored() == []


async def test_one_that_turns_again_while_it_is_stored(watch: Watch, fence: Fence) -> None:
    """Failed by forgetting both turns when the first was stored: it stayed open for ever."""
    async with watch.watching(fence):
        async with watch.target.database.unit_of_work():
            waits = watch.waits()
            watch.sees(BAD, 40)
            await until(lambda: watch.waits() > waits, "that it waits for this transaction")
            watch.sees(GOOD, 40)
        await until(lambda: watch.alerting.settled, "the end")
    assert await watch.open() == []
    assert watch.told in ([], ["wal_large raised", "wal_large over"])


async def test_a_check_that_found_problems(bench: Bench, watch: Watch, fence: Fence) -> None:
    """Raised by the record of any window; seen ended by a check that looks at less."""

    async def check(*findings: str, task: Task = Task.QUICK_CHECK) -> None:
        async with recorded(watch.target, bench.actor, task) as run:
            run.findings = findings
        await until(lambda: watch.alerting.settled, "that it was read")
        watch.sees(GOOD)

    async with watch.watching(fence):
        await check()
        assert watch.told == []
        await check("row 7 is missing from an index", "row 8, too")
        await watch.tells("integrity_failed raised")
        [alert] = await watch.stored()
        assert "found 2 problems, the first: row 7" in alert.words
        await check("something", task=Task.VACUUM)
        await check(task=Task.RESTORE)
        turns = ["integrity_failed raised", "integrity_failed over"]
        await watch.tells(*turns)
        await check("row 9 is missing from an index", task=Task.INTEGRITY_CHECK)
        await watch.tells(*turns, turns[0])
        await check("it is worse")
        await check()
        await until(lambda: watch.alerting.settled, "what comes of it")
        assert await watch.open() == [AlertKind.INTEGRITY_FAILED]
        await check(task=Task.INTEGRITY_CHECK)
        await watch.tells(*turns, *turns)
        await check("a page is odd")
        await check()
        await watch.tells(*turns, *turns, *turns)
        # Rows that refer to none are no damage, but nothing to be passed over either.
        await check("row 1 refers to none", task=Task.FOREIGN_KEY_CHECK)
        await check()
        await watch.tells(*turns * 3, "keys_broken raised")
        await check(task=Task.FOREIGN_KEY_CHECK)
        await watch.tells(*turns * 3, "keys_broken raised", "keys_broken over")


async def test_a_database_that_does_not_answer(watch: Watch, fence: Fence) -> None:
    async with watch.watching(fence):
        watch.sees(GOOD, failures=2)
        watch.sees(GOOD, failures=3)
        await watch.tells("connection_failures raised")
        watch.sees(GOOD, failures=1)
        watch.sees(GOOD, failures=0)
        await watch.tells("connection_failures raised", "connection_failures over")


async def test_rules_are_kept_and_followed_at_once(
    bench: Bench, watch: Watch, fence: Fence
) -> None:
    """Failed by rules that were read at the start alone."""
    assert await watch.service.rules(bench.actor) == tuple(DEFAULTS.values())
    tight = dataclasses.replace(WAL, raise_at=100.0, clear_at=50.0, for_s=0.0)
    async with watch.watching(fence):
        await watch.service.change_rules(bench.actor, rules=[tight])
        await until(lambda: watch.alerting.settled, "the new rules")
        watch.sees(100.0)
        await watch.tells("wal_large raised")
        off = dataclasses.replace(tight, enabled=False)
        await watch.service.change_rules(bench.actor, rules=[off])
        await watch.tells("wal_large raised", "wal_large over")
        watch.sees(BAD, 100)
        assert await watch.open() == []
    assert off in await watch.service.rules(bench.actor)
    async with bench.workspace.database.read() as session:
        written = await session.scalars(
            text("SELECT changes FROM audit_entries WHERE operation = 'alerts.rules'")
        )
        assert ["wal_large" in changes for changes in written] == [True, True]


@pytest.mark.parametrize(
    "stored",
    [
        "{", "[1]", "null", '"x"', "{}", '{"wal_large": 3}', "[" * 100_000,
        '{"wal_large": {"enabled": 1, "raise_at": 2, "clear_at": 1, "for_s": 0}}',
        '{"wal_large": {"enabled": true, "raise_at": NaN, "clear_at": 1, "for_s": 0}}',
        '{"wal_large": {"enabled": true, "raise_at": "2", "clear_at": 1, "for_s": 0}}',
        '{"wal_large": {"enabled": true, "raise_at": 2, "clear_at": 3, "for_s": 0}}',
    ],
)  # fmt: skip
async def test_damaged_rules_are_the_usual_ones(bench: Bench, stored: str) -> None:
    write = text("INSERT INTO workspace_settings (name, value) VALUES ('alert_rules', :value)")
    async with bench.workspace.database.unit_of_work() as unit:
        await unit.session.execute(write, {"value": stored})
        assert await stored_rules(unit.session) == DEFAULTS


async def test_a_file_that_is_not_ours(bench: Bench, tmp_path: Path) -> None:
    """What is raised is kept beside it; before, nothing is made for it."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.commit()
    before = digest(path)
    workspace = await bench.core.workspaces.open(path)
    watch = Watch(bench, workspace.performance.target)
    async with watch.watching(None):
        watch.sees(GOOD, 100)
        assert await watch.open() == []
        usual = {**DEFAULTS}
        del usual[AlertKind.BACKUP_FAILED]  # it has no schedule
        assert await watch.service.rules(bench.actor) == tuple(usual.values())
        assert not await watch.target.has_records()
        watch.sees(BAD, 100)
        await watch.tells("wal_large raised")
    [alert] = await watch.stored()
    assert alert.raised_at <= datetime.now(UTC)
    await bench.core.workspaces.close(workspace)
    assert digest(path) == before
