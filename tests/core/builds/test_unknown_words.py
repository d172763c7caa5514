"""Rows that say what is not known here, of damage or a newer Buildbench: lists show them."""

from sqlalchemy import text

from core.builds.schemas import BuildRow, BuildState, FailureReason, Severity, TriggerKind
from core.database.query.schemas import ListQuery, PageStart
from core.projects.schemas import Checkout, ProjectType
from core.triggers.schemas import TriggerCreate, TriggerType
from tests.core.running import Bench

COMMAND = "echo 'main.c:3:5: error: expected x'; exit 3"


async def damage(bench: Bench, table: str, **values: object) -> None:
    """Write this into all rows of a table."""
    names = ", ".join(f"{name} = :{name}" for name in values)
    async with bench.workspace.database.unit_of_work() as unit:
        await unit.session.execute(text(f"UPDATE {table} SET {names}"), values)
        await unit.commit()


async def of_project(bench: Bench, project_id: int) -> BuildRow:
    """Return the build of a project out of its list."""
    builds = bench.workspace.builds
    page = await builds.list_page(bench.actor, project_id=project_id)
    (row,) = page.rows
    return row


async def test_builds_that_say_what_is_not_known(bench: Bench) -> None:
    """Seen failing, each in its turn, with the whole list refused."""
    build = await bench.run(COMMAND)
    workspace, actor = bench.workspace, bench.actor
    await workspace.logs.problems(actor, build_id=build.id)
    await damage(bench, "builds", trigger="moon", trigger_detail="full", checkout="cloud")
    row = await of_project(bench, build.project_id)
    assert (row.trigger, row.trigger_detail) == (TriggerKind.UNKNOWN, "moon")
    assert row.checkout is Checkout.FOLDER
    assert (row.state, row.reason, row.message) == (
        BuildState.FAILED, FailureReason.EXIT_CODE, build.message
    )  # fmt: skip
    await damage(bench, "builds", reason="bored")
    row = await of_project(bench, build.project_id)
    assert (row.state, row.reason) == (BuildState.FAILED, None)
    assert "“bored”" in row.message
    await damage(bench, "builds", state="paused")
    await damage(bench, "build_problems", severity="grave")
    row = await of_project(bench, build.project_id)
    assert (row.state, row.reason) == (BuildState.FAILED, FailureReason.LOST)
    assert "“paused”" in row.message
    (problem,) = await workspace.logs.problems(actor, build_id=build.id)
    assert problem.severity is Severity.ERROR
    assert (await workspace.logs.summary(actor, build_id=build.id)).finished
    (project,) = await workspace.projects.list_all(actor)
    assert project.recent[0].state == BuildState.FAILED


async def test_projects_and_triggers_that_say_what_is_not_known(bench: Bench) -> None:
    """Seen failing with the whole list refused."""
    workspace, actor = bench.workspace, bench.actor
    project = await bench.project()
    data = TriggerCreate(kind=TriggerType.SCHEDULE, expression="0 4 * * *")
    await workspace.triggers.create(actor, project_id=project.id, data=data)
    await damage(bench, "projects", type="abacus", checkout="cloud")
    await damage(bench, "build_triggers", kind="moon", enabled=False)
    found = await workspace.projects.slice(
        actor, query=ListQuery(), start=PageStart(), limit=10
    )
    assert [(row.type, row.checkout) for row in found.rows] == [
        (ProjectType.GENERIC, Checkout.FOLDER)
    ]
    (trigger,) = await workspace.triggers.list_of(actor, project_id=project.id)
    assert (trigger.kind, trigger.enabled) == (TriggerType.SCHEDULE, False)
    assert "“moon”" in trigger.error
