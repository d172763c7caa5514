"""What the presenter fetches: pages, changes of others, and what is gone."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any, NoReturn

from sqlalchemy import insert, text

from core.builds.schemas import BuildFinished, BuildRow, BuildState, LogGrown
from core.builds.tables import Build
from core.errors import AppError
from core.events import Event
from core.projects.schemas import ProjectRow
from core.workspaces.workspace import Workspace
from tests.desktop.builds.conftest import Bench, until
from tests.desktop.builds.samples import NOW


async def store_builds(bench: Bench, project: ProjectRow, count: int) -> None:
    """Store builds that have ended, as if they had run here long ago."""
    rows = [_stored(project, number) for number in range(1, count + 1)]

    async def store(workspace: Workspace) -> None:
        async with workspace.database.unit_of_work() as unit:
            await unit.session.execute(insert(Build), rows)
            await unit.session.execute(
                text("INSERT INTO build_numbers (project_id, last) VALUES (:id, :last)"),
                {"id": project.id, "last": count},
            )
            unit.changed("builds")
            await unit.commit()

    await bench.choose(project)
    await bench.context.workspace.run(store)
    builds = bench.presenter.builds
    await until(builds.rowCount, builds.modelReset, builds.rowsInserted)


def _stored(project: ProjectRow, number: int) -> dict[str, object]:
    started = NOW + timedelta(minutes=number)
    return {
        "uid": str(uuid.uuid4()),
        "project_id": project.id,
        "number": number,
        "state": BuildState.SUCCESS.value,
        "message": "",
        "command": "make",
        "directory": "/src",
        "environment": {},
        "secret_names": [],
        "grace_s": 10,
        "terminal": False,
        "requested_by": "ada",
        "origin": "desktop",
        "build_metadata": {},
        "queued_at": started,
        "started_at": started,
        "finished_at": started,
        "duration_ms": 1000,
        "created_at": started,
        "updated_at": started,
    }


async def test_older_builds_are_fetched_as_somebody_scrolls(bench: Bench) -> None:
    project = await bench.add("api", "true")
    await store_builds(bench, project, 450)
    builds, table = bench.presenter.builds, bench.view.table
    assert builds.rowCount() == 200
    table.scrollToBottom()
    await until(lambda: builds.rowCount() == 400, builds.rowsInserted)
    table.scrollToBottom()
    await until(lambda: builds.rowCount() == 450, builds.rowsInserted)
    assert [row.number for row in builds.rows] == list(range(450, 0, -1))


async def test_what_is_in_sight_stays_there_when_a_build_comes(bench: Bench) -> None:
    project = await bench.add("api", "true")
    await store_builds(bench, project, 150)
    table, builds = bench.view.table, bench.presenter.builds
    bar = table.verticalScrollBar()
    bar.setValue(50 * 32)
    assert table.indexAt(table.viewport().rect().topLeft()).data() == "#100"
    actor = bench.context.actor
    await bench.context.workspace.run(lambda w: w.builds.queue(actor, project_id=project.id))
    await until(lambda: builds.rowCount() > 150, builds.rowsInserted)
    assert table.indexAt(table.viewport().rect().topLeft()).data() == "#100"
    await until(lambda: builds.rows[0].state.finished, builds.dataChanged)


async def test_a_build_of_another_window_is_followed_by_what_is_stored(bench: Bench) -> None:
    """Another window gets no ``LogGrown`` and no ``BuildFinished``."""
    tab, happened = bench.tab, bench.context.workspace.core.happened

    def other_window(event: Event) -> None:
        if not isinstance(event, LogGrown | BuildFinished):
            tab.presenter.on_event(event)

    tab.on_event = other_window  # type: ignore[method-assign]
    happened.disconnect()
    happened.connect(tab.on_event)
    await bench.choose(await bench.add("api", "seq 1 300"))
    build: BuildRow = await bench.run_to_end()
    assert build.state is BuildState.SUCCESS
    log, presenter = bench.view.log_pane.log, bench.presenter
    await until(lambda: log.lines == 300, presenter.log_summary, log.model().rowsInserted)


async def test_a_project_deleted_elsewhere_makes_room_for_its_neighbour(bench: Bench) -> None:
    first = await bench.add("a", "true")
    second = await bench.add("b", "true")
    await bench.choose(first)
    await bench.run_to_end()
    actor, presenter = bench.context.actor, bench.presenter
    await bench.context.workspace.run(lambda w: w.projects.delete(actor, project_id=first.id))
    await until(lambda: bench.shown_project == second.id, presenter.project_chosen)
    assert bench.view.header.name.text() == "b"
    await bench.context.workspace.run(lambda w: w.projects.delete(actor, project_id=second.id))
    await until(lambda: presenter.project_id is None, presenter.projects_changed)
    assert bench.view.currentWidget() is bench.view.no_projects


async def test_the_first_project_is_chosen_when_another_window_makes_it(bench: Bench) -> None:
    project = await bench.add("api", "true")
    presenter = bench.presenter
    await until(lambda: bench.shown_project == project.id, presenter.project_chosen)
    assert bench.view.header.name.text() == "api"
    assert bench.context.actions["build.run"].isEnabled()


async def refuse(*_arguments: object) -> NoReturn:
    raise AppError("The database is busy.")


async def two_projects(bench: Bench) -> tuple[ProjectRow, ProjectRow]:
    """Return two projects, the first of which is chosen and has two stored builds."""
    first = await bench.add("a", "true")
    second = await bench.add("b", "true")
    await store_builds(bench, first, 2)
    return first, second


async def test_another_project_never_stands_over_the_builds_of_the_last(
    bench: Bench, failures: list[BaseException]
) -> None:
    _first, second = await two_projects(bench)
    presenter, view = bench.presenter, bench.view
    assert presenter.build is not None
    page, presenter.calls.page = presenter.calls.page, refuse
    presenter.choose_project(second.id)
    assert view.header.name.text() == presenter.project.name == "b"
    assert (presenter.build, presenter.builds.rows) == (None, [])
    assert view.body.currentWidget() is view.right_split
    assert not bench.context.actions["build.cancel"].isEnabled()
    for task in tuple(bench.context.tasks._tasks):
        await asyncio.wait([task])
    await asyncio.sleep(0)
    assert [str(error) for error in failures] == ["The database is busy."]
    failures.clear()
    assert view.header.name.text() == "b"
    presenter.calls.page = page
    place = view.projects.list.currentIndex()
    view.projects.list.clicked.emit(place)
    await until(lambda: bench.shown_project == second.id, presenter.project_chosen)
    assert view.body.currentWidget() is view.no_builds


async def test_another_build_never_stands_over_the_log_of_the_last(
    bench: Bench, failures: list[BaseException]
) -> None:
    await two_projects(bench)
    presenter, details = bench.presenter, bench.view.log_pane
    newest, older = presenter.builds.rows
    log: Any = details.log

    def pages() -> Any:
        return log._log_model.pages

    if details._summary is None:
        await until(lambda: details._summary, presenter.log_shown)
    assert pages() is not None
    summary, presenter.calls.summary = presenter.calls.summary, refuse
    presenter.choose_build(older.id)
    assert pages() is None
    assert log._message == "Loading…"
    presenter.on_event(LogGrown(older.id, 5))
    assert log._target == 0
    failed = asyncio.Event()
    presenter.log_failed.connect(failed.set)
    await failed.wait()
    await asyncio.sleep(0)
    assert "could not be loaded" in log._message
    failures.clear()
    presenter.calls.summary = summary
    bench.view.table.clicked.emit(bench.view.table.currentIndex())
    await until(pages, presenter.log_shown)
    assert pages().source.build_id == older.id != newest.id
