"""Scheduled backups: when they are made, what is told when they fail, and which ones go."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.app import Core
from core.database import leases
from core.database.leases import Fence, LeaseLostError
from core.errors import CancelledByUserError, DiskFullError
from core.events import Event
from core.performance.alerts.repository import AlertRepository
from core.performance.backups import schedule
from core.performance.backups.retention import to_remove
from core.performance.backups.schedule import LONGEST_WAIT_S, BackupSchedule
from core.performance.backups.schemas import Backup, BackupOrigin, BackupRules
from core.progress import JobChanged, JobState, Progress
from core.security.actors import Actor
from core.workspaces.workspace import Workspace
from tests.waiting import until

NOW = datetime(2026, 5, 4, 12, 0, 30, tzinfo=UTC)


class Desk:
    """A schedule that is looked at by hand, with a clock of the test."""

    def __init__(self, workspace: Workspace, actor: Actor, fence: Fence) -> None:
        self.workspace = workspace
        self.actor = actor
        self.fence = fence
        self.now = NOW
        self.made: list[datetime] = []
        self.failure: Exception | None = None
        self.schedule = self.another()

    def another(self) -> BackupSchedule:
        """Return a schedule that remembers nothing, as after a crash."""
        target = self.workspace.performance.target
        return BackupSchedule(target, self._make, now=lambda: self.now, zone=UTC)

    async def _make(self, _rules: BackupRules) -> None:
        self.made.append(self.now)
        if self.failure is not None:
            raise self.failure

    async def rules(self, **values: object) -> None:
        rules = BackupRules(**{"enabled": True, "expression": "0 * * * *", **values})  # type: ignore[arg-type]
        await self.workspace.performance.backups.change_rules(self.actor, rules=rules)

    async def at(self, *, hours: float) -> float:
        """Look at so many hours after the beginning."""
        self.now = NOW + timedelta(hours=hours)
        return await self.schedule.turn(self.fence)


@pytest.fixture
async def desk(core: Core, tmp_path: Path, actor: Actor) -> Desk:
    """Give one in a workspace in which nothing is done by itself."""
    workspace = await core.workspaces.create(tmp_path / "w.db", open_here=True)
    async with workspace.database.unit_of_work() as unit:
        fence = await leases.acquire(unit.session, name="t", holder="t", ttl_ms=600_000)
        await unit.commit()
    assert fence is not None
    await workspace._leader.stop()
    return Desk(workspace, actor, fence)


async def test_a_backup_is_made_at_its_time_and_once(desk: Desk) -> None:
    assert await desk.schedule.turn(desk.fence) == LONGEST_WAIT_S
    await desk.rules()
    assert await desk.at(hours=0) == LONGEST_WAIT_S
    assert await desk.at(hours=0.99) == pytest.approx(6)
    assert desk.made == []
    for hours in (1, 1.001, 1.002):
        await desk.at(hours=hours)
    assert len(desk.made) == 1
    await desk.at(hours=2)
    assert len(desk.made) == 2


async def test_what_was_missed_is_made_up_for_once(desk: Desk) -> None:
    """Seen failing with a time that was remembered by the process alone."""
    await desk.rules()
    await desk.at(hours=0)
    desk.schedule = desk.another()
    await desk.at(hours=30)
    assert len(desk.made) == 1
    await desk.at(hours=30.1)
    assert len(desk.made) == 1


async def test_what_was_turned_off_or_changed_is_not_made_up_for(desk: Desk) -> None:
    await desk.rules()
    await desk.at(hours=0)
    await desk.rules(enabled=False)
    await desk.at(hours=1.5)
    await desk.rules()
    await desk.at(hours=2.5)
    assert desk.made == []
    await desk.rules(expression="30 * * * *")
    await desk.at(hours=3.2)
    assert desk.made == []
    await desk.at(hours=3.6)
    assert len(desk.made) == 1


async def test_a_clock_that_is_put_back_makes_none_twice_and_forgets_none(desk: Desk) -> None:
    await desk.rules()
    for hours in (0, 1, 0.5, 1.0):
        await desk.at(hours=hours)
    assert len(desk.made) == 1
    await desk.at(hours=-100)
    await desk.at(hours=-99)
    assert len(desk.made) == 2


@pytest.mark.expected_log("A scheduled backup failed")
async def test_failures_are_counted_until_one_succeeds(
    desk: Desk, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen making it once more while what came out could not be stored."""
    workspace = desk.workspace
    await desk.rules()
    await desk.at(hours=0)
    desk.failure = DiskFullError("No room.", hint="Make some.")
    with monkeypatch.context() as patched:
        patched.setattr(schedule, "store_due", _full)
        with pytest.raises(DiskFullError):
            await desk.at(hours=1)
    await desk.at(hours=1.5)
    assert len(desk.made) == 1
    assert await failed(workspace) == (1, "No room. Make some.")
    desk.failure = CancelledByUserError("No more.")
    await desk.at(hours=2)
    desk.failure = DiskFullError("No room.")
    await desk.at(hours=3)
    assert await failed(workspace) == (2, "No room.")
    desk.failure = None
    await desk.at(hours=4)
    assert (len(desk.made), await failed(workspace)) == (4, (0, ""))


async def _full(_session: object, _due: object) -> None:
    raise DiskFullError("No room.")


async def failed(workspace: Workspace) -> tuple[float, str]:
    async with workspace.database.read() as session:
        return await AlertRepository(session).failed_backups()


async def test_who_leads_no_more_makes_no_more(desk: Desk) -> None:
    await desk.rules()
    await desk.at(hours=0)
    async with desk.workspace.database.unit_of_work() as unit:
        await leases.release(unit.session, desk.fence)
        await unit.commit()
    with pytest.raises(LeaseLostError):
        await desk.at(hours=1)


async def test_the_leader_makes_verified_backups_and_removes_old_ones(
    core: Core, workspace: Workspace, actor: Actor
) -> None:
    """Nobody calls here: the duty of the leader does it all, as a job that is seen."""
    jobs: list[Event] = []
    core.events.subscribe(jobs.append)
    service = workspace.performance.backups
    mine = await service.make(actor, progress=Progress(lambda: None))
    rules = BackupRules(enabled=True, expression="* * * * *")
    await service.change_rules(actor, rules=rules)

    async def planned() -> bool:
        async with workspace.database.read() as session:
            connection = await session.connection()
            rows = await connection.exec_driver_sql(
                "SELECT count(*) FROM workspace_settings WHERE name = 'backup_due'"
            )
            return bool(rows.scalar_one())

    await until(planned, "the next one is planned")
    async with workspace.database.unit_of_work() as unit:
        connection = await unit.session.connection()
        await connection.exec_driver_sql(
            "UPDATE workspace_settings SET value = json_set(value, '$.next_at',"
            " '2026-01-01T00:00:00Z') WHERE name = 'backup_due'"
        )
        unit.changed("backup_rules")
        await unit.commit()

    async def made() -> list[Backup]:
        found = await service.list_of(actor)
        return [one for one in found if one.verified_at is not None]

    await until(made, "a scheduled backup that was verified")
    (backup,) = await made()
    seen = [event.job for event in jobs if isinstance(event, JobChanged)]
    assert "Scheduled backup" in seen[0].title
    assert JobState.RUNNING in {job.state for job in seen}
    assert (backup.origin, backup.problem) == (BackupOrigin.SCHEDULED, "")
    assert mine.name in {one.name for one in await service.list_of(actor)}


_BACKUPS = st.lists(
    st.builds(
        lambda days, origin, problem, number: Backup(
            name=f"{number}.db",
            path=Path(f"{number}.db"),
            made_at=NOW - timedelta(days=days),
            bytes=1,
            sha256="",
            database="",
            origin=origin,
            revision="",
            verified_at=None,
            problem=problem,
        ),
        st.integers(-2, 40),
        st.sampled_from([BackupOrigin.SCHEDULED] * 3 + [BackupOrigin.MANUAL]),
        st.sampled_from(["", "", "bad"]),
        st.integers(0, 10_000),
    ),
    max_size=20,
    unique_by=lambda one: one.name,
)


@given(_BACKUPS, st.integers(1, 3), st.integers(0, 30))
def test_what_goes(backups: list[Backup], keep_last: int, keep_days: int) -> None:
    """Seen failing when the last good one went since newer ones were no good."""
    rules = BackupRules(keep_last=keep_last, keep_days=keep_days)
    gone = to_remove(backups, rules, NOW)
    stays = [one for one in backups if one not in gone]
    scheduled = [one for one in backups if one.origin is BackupOrigin.SCHEDULED]
    assert all(one in scheduled for one in gone)
    assert not gone or keep_days
    assert all(NOW - one.made_at > timedelta(days=keep_days) for one in gone)
    kept = [one for one in scheduled if one in stays]
    assert len(kept) >= min(keep_last, len(scheduled))
    if good := [one for one in scheduled if one.good]:
        newest = max(one.made_at for one in good)
        assert any(one.good and one.made_at == newest for one in kept)
    old = [one for one in kept if NOW - one.made_at > timedelta(days=keep_days)]
    if keep_days:
        assert len(old) <= keep_last + 1
