"""Problems of builds: kept from their end on, looked for where they are not."""

import pytest
from sqlalchemy import text

from core.builds.logs.problems import keeping
from core.builds.schemas import BuildRow, Problem, Severity
from core.errors import NotFoundError
from tests.core.running import Bench
from tests.waiting import until

COMMAND = "echo 'main.c:3:5: error: expected x'; echo fine; echo 'x.c:9: warning: odd'"
PROBLEMS = (
    Problem(0, Severity.ERROR, "gcc/clang", "main.c", 3, 5, "expected x"),
    Problem(2, Severity.WARNING, "gcc/clang", "x.c", 9, None, "odd"),
)


async def searched(bench: Bench, build: BuildRow) -> None:
    """Wait until the problems of a build are counted."""

    async def counted() -> bool:
        return (await bench.get(build.id)).problems is not None

    await until(counted, "the problems of the build")


async def forget(bench: Bench) -> None:
    """Make all builds as if nobody had looked for problems yet."""
    async with bench.workspace.database.unit_of_work() as unit:
        await unit.session.execute(text("DELETE FROM build_problems"))
        await unit.session.execute(text("UPDATE builds SET problems = NULL"))
        await unit.commit()


async def test_problems_are_kept_at_the_end_of_a_build(bench: Bench) -> None:
    build = await bench.run(COMMAND)
    await searched(bench, build)
    assert (await bench.get(build.id)).problems == 2
    problems = await bench.workspace.logs.problems(bench.actor, build_id=build.id)
    assert problems == PROBLEMS
    quiet = await bench.run("echo nothing")
    await searched(bench, quiet)
    assert (await bench.get(quiet.id)).problems == 0
    assert await bench.workspace.logs.problems(bench.actor, build_id=quiet.id) == ()


async def test_problems_that_nobody_looked_for_are_found_when_asked_for(bench: Bench) -> None:
    """As for builds that ended before a crash, or before problems were looked for."""
    build = await bench.run(COMMAND)
    await searched(bench, build)
    await forget(bench)
    problems = await bench.workspace.logs.problems(bench.actor, build_id=build.id)
    assert problems == PROBLEMS
    assert (await bench.get(build.id)).problems == 2
    await keeping.keep(bench.workspace.database, build.id, PROBLEMS)
    async with bench.workspace.database.read() as session:
        assert await keeping.stored(session, build.id) == PROBLEMS


async def test_problems_of_a_build_that_runs_are_told_and_not_kept(bench: Bench) -> None:
    """Seen to fail when only what is stored was searched."""
    build = await bench.queue(f"{COMMAND}; echo printed; sleep 60")
    await bench.printed(build.id, "printed")
    problems = await bench.workspace.logs.problems(bench.actor, build_id=build.id)
    assert problems == PROBLEMS
    await keeping.find(bench.workspace.database, build.id)
    assert (await bench.get(build.id)).problems is None
    await bench.workspace.builds.cancel(bench.actor, build_id=build.id)
    await bench.end(build.id)


async def test_problems_of_builds_that_are_gone(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        await bench.workspace.logs.problems(bench.actor, build_id=77)
    await keeping.find(bench.workspace.database, 77)
    await keeping.keep(bench.workspace.database, 77, PROBLEMS)
