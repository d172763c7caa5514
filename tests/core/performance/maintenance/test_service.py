"""Maintenance through the service: what it does, records, refuses, and tells."""

import asyncio
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from core.app import Core
from core.database.engine import connect_bare
from core.errors import (
    AppError,
    ConflictError,
    PermissionDeniedError,
    ReadOnlyError,
    ValidationError,
)
from core.events import DatabaseWaiting, Event
from core.performance.advice.schemas import AdviceKind
from core.performance.child.client import child_ahead
from core.performance.maintenance import records
from core.performance.maintenance import service as service_module
from core.performance.maintenance.records import Run
from core.performance.maintenance.repository import RunsRepository
from core.performance.maintenance.schemas import (
    CheckpointMode,
    MaintenanceChanged,
    MaintenanceRow,
    RunState,
    Task,
)
from core.performance.maintenance.service import MaintenanceService
from core.progress import Progress
from core.projects.schemas import ProjectCreate
from core.security.actors import Actor, Origin, Role
from core.workspaces.workspace import Workspace
from tests.core.performance.files import content, digest_of, make_plain
from tests.waiting import until

TASKS = (
    Task.VACUUM, Task.INCREMENTAL_VACUUM, Task.ANALYZE, Task.REINDEX, Task.OPTIMIZE,
    Task.CHECKPOINT, Task.INTEGRITY_CHECK, Task.QUICK_CHECK, Task.FOREIGN_KEY_CHECK,
)  # fmt: skip


def quietly() -> Progress:
    return Progress(lambda: None)


async def _run(
    workspace: Workspace, actor: Actor, task: Task, mode: CheckpointMode | None = None
) -> MaintenanceRow:
    service: MaintenanceService = workspace.performance.maintenance
    return await service.run(actor, task=task, mode=mode, progress=quietly())


async def test_every_deed_is_done_and_recorded(
    core: Core, workspace: Workspace, actor: Actor
) -> None:
    """Seen failing without the entry into the audit trail."""
    told: list[Event] = []
    core.events.subscribe(told.append)
    for task in TASKS:
        row = await _run(workspace, actor, task)
        assert (row.task, row.state) == (task, RunState.SUCCEEDED), row.message
        assert row.message
        assert row.findings == ()
        assert row.before is not None
        assert row.after is not None
        assert row.after.journal_mode == "wal"
    runs = await workspace.performance.maintenance.runs(actor)
    assert tuple(row.task for row in runs) == tuple(reversed(TASKS))
    assert {row.actor for row in runs} == {actor.user}
    changed = [event for event in told if isinstance(event, MaintenanceChanged)]
    assert len(changed) == 2 * len(TASKS)
    page = await workspace.audit.entries(actor)
    deeds = [row for row in page.rows if row.operation == "maintenance.run"]
    assert [row.changes["task"] for row in deeds] == [task.value for task in reversed(TASKS)]
    # Backups of days are more than one list holds, and take nothing away from the rest.
    async with workspace.database.unit_of_work() as unit:
        for _number in range(101):
            done = Run(Task.BACKUP, actor, "", state=RunState.SUCCEEDED)
            await RunsRepository(unit.session).put(done.values())
        await unit.commit()
    service = workspace.performance.maintenance
    assert {row.task for row in await service.runs(actor)} == {Task.BACKUP}
    last = await service.last_runs(actor)
    assert tuple(row.task for row in last) == (Task.BACKUP, *reversed(TASKS))
    assert last[1:] == runs
    checks = (Task.QUICK_CHECK, Task.INTEGRITY_CHECK)
    found = await service.runs(actor, tasks=checks)
    assert found == tuple(row for row in runs if row.task in checks)


async def test_vacuum_while_the_workspace_is_used(
    core: Core, workspace: Workspace, actor: Actor
) -> None:
    """Writers wait for it and are told its name; readers go on."""
    await _grow(workspace)
    told: list[Event] = []
    core.events.subscribe(told.append)
    service = workspace.performance.maintenance
    inside = asyncio.Event()
    packing = asyncio.create_task(
        service.run(actor, task=Task.VACUUM, progress=Progress(inside.set))
    )
    await inside.wait()
    data = ProjectCreate(name="meanwhile", path=str(workspace.folders.root), command="true")
    creating = asyncio.create_task(workspace.projects.create(actor, data=data))
    while not packing.done():
        await workspace.projects.list_all(actor)
    row = await packing
    await creating
    assert row.before is not None
    assert row.after is not None
    assert row.after.freelist_bytes == 0
    assert row.after.file_bytes < row.before.file_bytes
    waits = [event.text for event in told if isinstance(event, DatabaseWaiting)]
    assert all("Packing the database" in text or not text for text in waits)


async def _grow(workspace: Workspace) -> None:
    """Put free pages into the file of a workspace."""
    async with workspace.database.unit_of_work() as unit:
        connection = await unit.session.connection()
        await connection.exec_driver_sql("CREATE TABLE filler (x BLOB)")
        await connection.exec_driver_sql(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<20000)"
            " INSERT INTO filler SELECT randomblob(900) FROM n"
        )
        await connection.exec_driver_sql("DELETE FROM filler WHERE rowid < 10000")
        await unit.commit()


async def test_a_cancelled_run_is_recorded(
    core: Core, workspace: Workspace, actor: Actor
) -> None:
    service = workspace.performance.maintenance
    at_work = asyncio.Event()
    with closing(connect_bare(workspace.info.path, "rw")) as other:

        def hold(event: Event) -> None:
            if isinstance(event, MaintenanceChanged) and not at_work.is_set():
                other.execute("BEGIN IMMEDIATE")  # the child waits for it
                at_work.set()

        core.events.subscribe(hold)
        given: list[Progress] = []

        async def pack(progress: Progress) -> MaintenanceRow:
            given.append(progress)
            return await service.run(actor, task=Task.VACUUM, progress=progress)

        running = asyncio.create_task(core.jobs.run("Pack", pack))
        await at_work.wait()
        await until(lambda: given[0].fraction is not None, "the child at work")
        running.cancel()  # as the end of the window does
        await until(lambda: not psutil.Process().children(), "the end of the child")
        other.execute("ROLLBACK")
        with pytest.raises(asyncio.CancelledError):
            await running
    (row,) = await service.runs(actor)
    assert row.state is RunState.CANCELLED
    assert row.message.startswith("It was broken off:")
    assert row.before is not None
    assert row.after is not None
    # Nothing is held on to.
    assert (await _run(workspace, actor, Task.VACUUM)).state is RunState.SUCCEEDED


@pytest.mark.parametrize("moment", ["figures_of", "end_the_dead"])
async def test_what_is_cancelled_before_it_begins_is_recorded(
    workspace: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Seen failing: of what was cancelled within a tenth of a second nothing was told."""
    there = asyncio.Event()
    module = service_module if moment == "figures_of" else records

    async def hold(_target: object) -> None:
        there.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patched:
        patched.setattr(module, moment, hold)
        running = asyncio.create_task(_run(workspace, actor, Task.VACUUM))
        await there.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    (row,) = await workspace.performance.maintenance.runs(actor)
    assert (row.task, row.state) == (Task.VACUUM, RunState.CANCELLED)
    assert row.message == "It was cancelled."


async def test_only_who_has_the_turn_has_a_process(
    workspace: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing with a child that was started before the wait for the turn."""
    there, started = asyncio.Event(), []

    def counted(operation: str) -> AbstractAsyncContextManager[object]:
        started.append(operation)
        return child_ahead(operation)

    async def hold(_target: object) -> None:
        there.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(service_module, "child_ahead", counted)
    monkeypatch.setattr(service_module, "figures_of", hold)
    first = asyncio.create_task(_run(workspace, actor, Task.VACUUM))
    await there.wait()
    await until(psutil.Process().children, "the child")
    progress, service = quietly(), workspace.performance.maintenance
    second = asyncio.create_task(service.run(actor, task=Task.VACUUM, progress=progress))
    await until(lambda: progress.text, "the wait for the turn")
    assert started == ["vacuum"]
    for each in (second, first):
        each.cancel()
        with pytest.raises(asyncio.CancelledError):
            await each
    assert not psutil.Process().children()


async def test_a_forecast_and_what_came_of_it(workspace: Workspace, actor: Actor) -> None:
    await _grow(workspace)
    service = workspace.performance.maintenance
    figures = await service.figures(actor)
    told = await service.forecast(actor)
    assert told.fits
    assert told.seconds is None
    assert told.gain_bytes == figures.freelist_bytes > 0
    assert told.needed_bytes > figures.page_count * figures.page_size - figures.freelist_bytes
    row = await _run(workspace, actor, Task.VACUUM)
    assert row.before is not None
    assert row.after is not None
    assert row.before.page_count - row.after.page_count >= (
        figures.freelist_bytes // figures.page_size
    )
    again = await service.forecast(actor)
    assert again.gain_bytes == 0
    assert again.seconds is not None
    assert again.seconds >= 0


async def test_what_does_not_fit_is_refused_with_numbers(
    workspace: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing without the check: it began all the same."""
    nearly_full = shutil.disk_usage(workspace.folders.root)._replace(free=1_500_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: nearly_full)
    service = workspace.performance.maintenance
    assert not (await service.forecast(actor)).fits
    with pytest.raises(ConflictError) as caught:
        await _run(workspace, actor, Task.VACUUM)
    assert "1.5 MB" in caught.value.detail
    assert caught.value.hint
    assert not psutil.Process().children()
    assert await service.runs(actor) == ()


class Plain(NamedTuple):
    workspace: Workspace
    path: Path


@pytest.fixture
async def plain(core: Core, tmp_path: Path) -> AsyncIterator[Plain]:
    """Give a file that is not ours, open."""
    path = make_plain(tmp_path / "theirs.db", journal="delete")
    opened = await core.workspaces.open(path)
    yield Plain(opened, path)
    await core.workspaces.close(opened)


@pytest.mark.parametrize("journal", ["delete", "wal", "truncate", "persist"])
async def test_a_file_that_is_not_ours_keeps_its_ways(
    core: Core, actor: Actor, tmp_path: Path, journal: str
) -> None:
    path = make_plain(tmp_path / "theirs.db", journal=journal)
    before, digest = content(path), digest_of(path)
    workspace = await core.workspaces.open(path)
    for task in (Task.INTEGRITY_CHECK, Task.QUICK_CHECK, Task.FOREIGN_KEY_CHECK):
        assert (await _run(workspace, actor, task)).state is RunState.SUCCEEDED
    await core.workspaces.close(workspace)
    assert digest_of(path) == digest
    workspace = await core.workspaces.open(path)
    for task in (Task.VACUUM, Task.REINDEX, Task.CHECKPOINT):
        row = await _run(workspace, actor, task)
        assert row.state is RunState.SUCCEEDED, row.message
        assert row.after is not None
        assert row.after.journal_mode == ("wal" if journal == "wal" else "delete")
        assert row.after.auto_vacuum == "none"
    with pytest.raises(ConflictError, match="little by little"):
        await _run(workspace, actor, Task.INCREMENTAL_VACUUM)
    assert len(await workspace.performance.maintenance.runs(actor)) == 6
    await core.workspaces.close(workspace)
    assert content(path) == before
    assert not path.with_name("theirs.buildbench").exists()
    # In the companion.
    workspace = await core.workspaces.open(path)
    assert len(await workspace.performance.maintenance.runs(actor)) == 6


async def test_vacuum_without_free_pages_claims_none(plain: Plain, actor: Actor) -> None:
    """Seen failing with words that told of free pages, whether there were any or not."""
    await _run(plain.workspace, actor, Task.VACUUM)
    row = await _run(plain.workspace, actor, Task.VACUUM)
    assert row.before is not None
    assert row.before.freelist_bytes == 0
    assert "free pages" not in row.message.lower()


async def test_findings_are_told_in_words(plain: Plain, actor: Actor) -> None:
    with closing(sqlite3.connect(plain.path)) as connection:
        connection.execute("UPDATE things SET owner = 999999 WHERE id = 7")
        connection.commit()
    row = await _run(plain.workspace, actor, Task.FOREIGN_KEY_CHECK)
    assert row.state is RunState.SUCCEEDED
    assert row.message == "1 problem was found."
    assert row.findings == (
        "Row 7 of “things” refers by owner to a row of “owners” that is missing.",
    )
    (kept,) = await plain.workspace.performance.maintenance.runs(actor)
    assert kept == row


async def test_who_may_and_what_may_be_asked(
    workspace: Workspace, actor: Actor, core: Core, tmp_path: Path
) -> None:
    viewer = Actor(user="v", role=Role.VIEWER, origin=Origin.SCRIPT)
    with pytest.raises(PermissionDeniedError):
        await _run(workspace, viewer, Task.QUICK_CHECK)
    assert await workspace.performance.maintenance.runs(viewer) == ()
    with pytest.raises(ValidationError):
        await _run(workspace, actor, Task.RESTORE)
    path = make_plain(tmp_path / "theirs.db")
    path.with_name("again.db").hardlink_to(path)
    linked = await core.workspaces.open(path)
    with pytest.raises(ReadOnlyError) as caught:
        await _run(linked, actor, Task.VACUUM)
    assert "hard links" in caught.value.detail
    assert (await _run(linked, actor, Task.QUICK_CHECK)).state is RunState.SUCCEEDED


@pytest.mark.expected_log("maintenance child")
async def test_a_failure_is_recorded(
    workspace: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "core.performance.child.process.role_command",
        lambda _role: [sys.executable, "-c", "raise SystemExit(7)"],
    )
    with pytest.raises(AppError):
        await _run(workspace, actor, Task.ANALYZE)
    (row,) = await workspace.performance.maintenance.runs(actor)
    assert row.state is RunState.FAILED
    assert "7" in row.message


async def test_old_runs_are_removed_but_those_that_are_needed(
    workspace: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing where nothing is removed, and where what has an undo, or is the last, is."""
    monkeypatch.setattr(records, "_MOST_KEPT", 3)
    service = workspace.performance.maintenance
    done = (Task.ADVICE, Task.ADVICE, Task.INTEGRITY_CHECK, *[Task.ANALYZE] * 5)
    for task in done:
        async with records.recorded(workspace.performance.target, actor, task) as run:
            run.undo = ("DROP INDEX i",) if task is Task.ADVICE else ()
    rows = await service.runs(actor)
    assert [row.task for row in rows] == [
        *[Task.ANALYZE] * 3, Task.INTEGRITY_CHECK, Task.ADVICE, Task.ADVICE,
    ]  # fmt: skip
    assert [row.can_undo for row in rows] == [False] * 4 + [True] * 2


async def test_a_run_whose_process_died_has_failed(
    workspace: Workspace, actor: Actor, core: Core
) -> None:
    """Seen failing while a run counted as alive for as long as it was stored so."""
    path = workspace.info.path
    await core.workspaces.close(workspace)
    script = f"""
import asyncio, os
from pathlib import Path
from core.app import open_core
from core.performance.maintenance.schemas import Task
from core.progress import Progress
from core.security.actors import Actor, Origin
from core.settings import load_settings

async def main():
    async with open_core(load_settings()) as core:
        workspace = await core.workspaces.open(Path({str(path)!r}))
        actor = Actor.of_this_computer(Origin.SCRIPT)
        class Deadly(Progress):
            def report(self, fraction=None, text=None):
                if text == "Checking":
                    os.kill(os.getpid(), 9)
        progress = Deadly(lambda: None)
        await workspace.performance.maintenance.run(
            actor, task=Task.INTEGRITY_CHECK, progress=progress
        )

asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    assert await process.wait() == -9
    again = await core.workspaces.open(path)
    (row,) = await again.performance.maintenance.runs(actor)
    assert row.state is RunState.FAILED
    assert "interrupted" in row.message
    await _run(again, actor, Task.QUICK_CHECK)
    with closing(sqlite3.connect(path)) as connection:
        states = [
            state for (state,) in connection.execute("SELECT state FROM maintenance_runs")
        ]
    assert states == ["failed", "succeeded"]


@pytest.mark.parametrize("journal", ["wal", "delete"])
async def test_the_journal_mode_of_a_file_that_can_only_be_read(
    core: Core, actor: Actor, tmp_path: Path, journal: str
) -> None:
    """Told as "delete", and a log recommended: SQLite does not look for one beside it."""
    path = make_plain(tmp_path / "x.db", rows=10, journal=journal)
    path = path.rename(tmp_path / ("x" * 250))  # no room for "-journal" after it
    workspace = await core.workspaces.open(path)
    assert workspace.info.immutable
    figures = await workspace.performance.maintenance.figures(actor)
    assert figures.journal_mode == journal
    advice = await workspace.performance.advice.find(actor, progress=quietly())
    assert AdviceKind.JOURNAL_MODE not in [each.kind for each in advice.found]
    with pytest.raises(ReadOnlyError) as caught:
        await _run(workspace, actor, Task.VACUUM)
    assert "shorter" in caught.value.detail
    await core.workspaces.close(workspace)
