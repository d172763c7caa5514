"""Who stores the figures, when, and what is left when something goes wrong meanwhile."""

import asyncio
import dataclasses
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core.database.database import Database
from core.database.holders import own_name
from core.database.leases import Fence, LeaseLostError, release, states
from core.performance.metrics import recorder as recording
from core.performance.metrics.recorder import Recorder
from core.performance.metrics.rolling import Resolution
from core.performance.metrics.schemas import Metric, Span
from core.workspaces.workspace import Workspace
from tests.core.performance.metrics.running import (
    NOON,
    Time,
    all_rows,
    beside,
    count,
    digest,
    lease,
    samples,
    stored,
)
from tests.core.running import Bench
from tests.waiting import until

MINUTE, HOUR, DAY = Resolution.MINUTE, Resolution.HOUR, Resolution.DAY


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def recorder(workspace: Workspace, time: Time) -> Recorder:
    """Return a recorder of a workspace that counts."""
    made = Recorder(workspace.performance.target, time.clocks)
    made.begin()
    return made


def of_file(workspace: Workspace, time: Time) -> Recorder:
    """Return a recorder of a file that is not ours, whose figures were looked at."""
    made = Recorder(workspace.performance.target, time.clocks)
    made.wanted = True
    made.begin()
    return made


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """Make a database that is not ours."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    path = folder / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.commit()
    return path


async def test_a_restart_in_the_middle_of_a_minute(
    workspace: Workspace, recorder: Recorder, time: Time
) -> None:
    """Failed by writing a minute over what another process had stored of it."""
    database, fence = workspace.database, await lease(workspace.database)
    count(recorder, time, 90, CPU=0.5)
    await recorder.store(fence)
    again = Recorder(workspace.performance.target, time.clocks)
    again.begin()
    count(again, time, 60, CPU=1.0)
    await again.store(fence)
    await again.store(fence)
    assert await samples(database, MINUTE) == [
        ("29 12:00", 60),
        ("29 12:01", 60),
        ("29 12:02", 30),
    ]
    assert [row.mean for row in await stored(database, MINUTE)] == [0.5, 0.75, 1.0]
    [hour] = await stored(database, HOUR)
    assert (hour.samples, hour.low, hour.high) == (150, 0.5, 1.0)
    assert hour.mean == pytest.approx(0.7)
    assert await samples(database, DAY) == [("29 00:00", 150)]


async def test_a_clock_that_is_put_back(
    workspace: Workspace, recorder: Recorder, time: Time
) -> None:
    """Failed by a mark up to which everything counted as stored."""
    fence = await lease(workspace.database)
    count(recorder, time, 60, CPU=0.2)
    await recorder.store(fence)
    time.wall -= 3_630
    count(recorder, time, 60, CPU=0.4)
    await recorder.store(fence)
    time.wall += 3_600
    count(recorder, time, 30, CPU=0.8)
    await recorder.store(fence)
    database = workspace.database
    assert await samples(database, HOUR) == [("29 11:00", 60), ("29 12:00", 90)]
    assert await samples(database, MINUTE) == [
        ("29 11:00", 30),
        ("29 11:01", 30),
        ("29 12:00", 60),
        ("29 12:01", 30),
    ]


async def test_old_figures_go_and_others_stay(
    workspace: Workspace, recorder: Recorder, time: Time
) -> None:
    """Failed without removal, and by removing at once after the clock was set."""
    database, fence = workspace.database, await lease(workspace.database)
    days = 86_400
    time.passes(1_000)
    for age in (1, 3, 59, 61, 1_825, 1_830):
        time.wall = NOON - age * days
        count(recorder, time, 1, CPU=1.0)
    await recorder.store(fence)
    time.wall = NOON
    count(recorder, time, 590, CPU=1.0)
    await recorder.store(fence)
    assert len(await stored(database, MINUTE)) == 6 + 10
    time.passes(60)
    count(recorder, time, 1, CPU=1.0)
    await recorder.store(fence)
    left = {at: await stored(database, at) for at in (MINUTE, HOUR, DAY)}
    ages = {at: int((NOON - kept[0].at.timestamp()) // days) for at, kept in left.items()}
    assert ages == {MINUTE: 1, HOUR: 59, DAY: 1_825}
    assert {at: len(kept) for at, kept in left.items()} == {MINUTE: 12, HOUR: 4, DAY: 6}


async def test_who_does_not_lead_any_more_stores_nothing(
    workspace: Workspace, recorder: Recorder, time: Time
) -> None:
    """Failed without the fence; two windows on one workspace then count twice.

    What was counted stays where nobody led in between, as after VACUUM. Seen thrown away.
    """
    fence = await lease(workspace.database)
    recorder.begin(fence)
    for nobody_between in (False, True):
        count(recorder, time, 60, CPU=0.5)
        for _leader in range(1 if nobody_between else 2):
            async with workspace.database.unit_of_work() as unit:
                await release(unit.session, await _held(workspace.database, fence))
                await unit.commit()
            new = await lease(workspace.database)
        with pytest.raises(LeaseLostError):
            await recorder.store(fence)
        assert await all_rows(workspace.database) == 0
        recorder.begin(fence := new)
    await recorder.store(fence)
    assert await samples(workspace.database, MINUTE) == [("29 12:01", 60)]


async def _held(database: Database, fence: Fence) -> Fence:
    """Return the lease as it is held now."""
    async with database.read() as session:
        [now] = [one for one in await states(session) if one.name == fence.name]
    return dataclasses.replace(fence, token=now.token)


async def test_only_who_leads_counts(workspace: Workspace, time: Time) -> None:
    """Failed by storing what this window measured while another one stored."""
    fence = await lease(workspace.database)
    recorder = Recorder(workspace.performance.target, time.clocks)
    count(recorder, time, 60, CPU=0.5)
    recorder.begin()
    count(recorder, time, 5, CPU=0.5)
    await recorder.store(fence)
    assert await samples(workspace.database, MINUTE) == [("29 12:01", 5)]


async def test_two_windows_on_one_workspace(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the one that leads stores; the other takes over. Failed by each window storing."""
    stores: list[int] = []
    store = Recorder.store

    async def noted(self: Recorder, *args: Any, **kwargs: Any) -> None:
        stores.append(id(self))
        await store(self, *args, **kwargs)

    monkeypatch.setattr(recording, "EVERY_S", 0.01)
    monkeypatch.setattr(Recorder, "store", noted)
    path = bench.workspace.info.path
    await bench.core.workspaces.close(bench.workspace)
    first = await bench.core.workspaces.open(path)
    second = await bench.core.workspaces.open(path)
    await until(lambda: len(stores) > 20, "stores of the first one")
    assert len(set(stores)) == 1
    await bench.core.workspaces.close(first)
    await until(lambda: len(set(stores)) == 2, "the second one")
    await bench.core.workspaces.close(second)


@pytest.mark.expected_log("Figures cannot be stored for now")
async def test_a_full_disk(workspace: Workspace, recorder: Recorder, time: Time) -> None:
    """Failed by losing what was taken out to be stored; logged once, not each minute."""
    database, fence = workspace.database, await lease(workspace.database)
    await _limit(database, full=True)
    for _minute in range(3):
        count(recorder, time, 60, **{metric.name: 0.5 for metric in Metric})
        await recorder.store(fence)
    assert await all_rows(database) == 0
    await _limit(database, full=False)
    await recorder.store(fence)
    assert [number for _at, number in await samples(database, MINUTE)] == [60, 60, 60]
    assert await samples(database, DAY) == [("29 00:00", 180)]


async def _limit(database: Database, *, full: bool) -> None:
    """Let the file grow no more: SQLite then says that the disk is full."""
    async with database.writer.connect() as connection:
        pages = "1" if full else "1073741823"
        await connection.execute(text(f"PRAGMA max_page_count={pages}"))


async def test_a_file_that_is_only_open_leaves_nothing(
    bench: Bench, plain: Path, time: Time
) -> None:
    """Failed by making a place for figures that nobody looked at."""
    before = digest(plain)
    workspace = await bench.core.workspaces.open(plain)
    recorder = Recorder(workspace.performance.target, time.clocks)
    recorder.begin()
    count(recorder, time, 60, CPU=0.5)
    await recorder.store()
    assert await bench.workspace.performance.target.has_records()
    assert not await workspace.performance.target.has_records()
    assert await workspace.performance.metrics.series(
        bench.actor, metrics=[Metric.CPU], span=Span.YEAR
    )
    assert not await workspace.performance.target.has_records()
    await bench.core.workspaces.close(workspace)
    assert digest(plain) == before
    assert beside(plain) == ["other.db"]


async def test_a_file_stays_as_it_is_while_its_figures_are_kept(
    bench: Bench, plain: Path, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed by storing in the file; a window beside it stores nothing, until this one ends.

    Seen storing nothing for minutes after the file was closed, or its process had died.
    """
    before = digest(plain)
    one, other = [await bench.core.workspaces.open(plain) for _window in range(2)]
    first, second = of_file(one, time), of_file(other, time)
    for recorder in (first, second, first):
        count(recorder, time, 60, CPU=0.5)
        await recorder.store()
    records = await one.performance.target.records()
    assert await samples(records, MINUTE) == [("29 12:00", 60), ("29 12:02", 60)]
    place, _pid, rest = own_name().split(":")
    async with records.unit_of_work() as unit:
        killed = {"holder": f"{place}:{2**30}:{rest}"}
        await unit.session.execute(text("UPDATE leases SET holder = :holder"), killed)
        await unit.commit()
    count(second, time, 60, CPU=0.5)
    await second.store()
    await first.store()
    assert await samples(records, HOUR) == [("29 12:00", 180)]
    monkeypatch.setattr(recording, "EVERY_S", 0.0)
    storing = asyncio.create_task(second.keep_stored())
    await asyncio.sleep(0)
    count(second, time, 60, CPU=0.5)
    await until(lambda: _are(records, 240), "that the second one stored")
    storing.cancel()
    await asyncio.gather(storing, return_exceptions=True)
    count(first, time, 60, CPU=0.5)
    await first.store()
    assert await _are(records, 300)
    for workspace in (one, other):
        await bench.core.workspaces.close(workspace)
    assert digest(plain) == before
    assert beside(plain) == ["other.db"]


async def _are(records: Database, measurements: int) -> bool:
    """Tell whether just so many measurements are stored."""
    return sum(number for _at, number in await samples(records, HOUR)) == measurements
