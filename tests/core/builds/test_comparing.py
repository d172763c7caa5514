"""How two builds differ: fields, variables, problems, artifacts, curves; the same both ways."""

import asyncio
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import text

from core.builds.schemas import BuildRequest, BuildRow, Problem
from core.builds.statistics import comparing
from core.builds.statistics.schemas import Difference
from core.errors import NotFoundError
from tests.core.builds.figures import Known, store
from tests.core.running import Bench

_SAMPLES = "INSERT INTO build_samples VALUES (1, 1000, 50.5, 10, 1), (1, 0, 1.0, 5, 1)"
_PROBLEMS = (
    "INSERT INTO build_problems (build_id, line, severity, tool, file, message) VALUES"
    " (1, 5, 'error', 'gcc', 'a.c', 'x'), (2, 9, 'error', 'gcc', 'a.c', 'x'),"
    " (2, 2, 'warning', 'gcc', 'b.c', 'y')"
)


async def run(bench: Bench, project_id: int, **variables: str) -> BuildRow:
    """Run a build of a project with variables."""
    build = await bench.workspace.builds.queue(
        bench.actor, project_id=project_id, request=BuildRequest(environment=variables)
    )
    return await bench.end(build.id)


async def test_two_real_builds(bench: Bench) -> None:
    """One fails where the other did not, and makes other files.

    Seen failing with artifacts compared by their sizes, which are equal here.
    """
    project = await bench.project(
        "printf x > same.txt; echo $WHAT > $NAME.txt; echo $WHAT > c.txt; exit $CODE",
        artifact_patterns=("*.txt",), environment={"SAME": "x", "GONE": "1"},
        secrets={"TOKEN": "much too secret"},
    )  # fmt: skip
    first = await run(bench, project.id, WHAT="ab", NAME="first", CODE="0")
    await asyncio.to_thread((bench.folder / "first.txt").unlink)
    second = await run(bench, project.id, WHAT="cd", NAME="second", CODE="3", MORE="1")
    statistics = bench.workspace.statistics
    found = await statistics.compare(bench.actor, first=first.id, second=second.id)
    assert (found.first.id, found.second.id) == (first.id, second.id)
    fields = {one.name: one for one in found.fields}
    assert (fields["exit_code"].first, fields["exit_code"].second) == (0, 3)
    assert not fields["state"].same
    assert fields["command"].same
    assert all(one.words for one in found.fields)
    variables = {one.name: one.difference for one in found.variables}
    assert variables == {
        "CODE": Difference.CHANGED, "GONE": Difference.SAME, "MORE": Difference.ADDED,
        "NAME": Difference.CHANGED, "SAME": Difference.SAME, "TOKEN": Difference.SAME,
        "WHAT": Difference.CHANGED,
    }  # fmt: skip
    artifacts = {one.path: one.difference for one in found.artifacts}
    assert artifacts == {
        "c.txt": Difference.CHANGED, "first.txt": Difference.REMOVED,
        "same.txt": Difference.SAME, "second.txt": Difference.ADDED,
    }  # fmt: skip
    assert not any("secret" in str(one.first) for one in found.variables)
    back = await statistics.compare(bench.actor, first=second.id, second=first.id)
    assert (back.new, back.gone) == (found.gone, found.new)
    with pytest.raises(NotFoundError):
        await statistics.compare(bench.actor, first=first.id, second=77)


async def test_curves_and_problems_are_read(bench: Bench) -> None:
    project = (await bench.project()).id
    values: dict[str, Any] = {
        "project_id": project, "state": "failed", "reason": None, "finished_at": None,
        "duration_ms": 1, "commit": "", "dirty": None, "command": "x", "retry_of": None,
    }  # fmt: skip
    now = (await bench.workspace.projects.get(bench.actor, project_id=project)).created_at
    await store(bench, [Known(id=n, number=n, **values) for n in (1, 2)], now)
    async with bench.workspace.database.unit_of_work() as unit:
        for statement in (_SAMPLES, _PROBLEMS, "UPDATE builds SET problems = 1"):
            await unit.session.execute(text(statement))
        await unit.commit()
    found = await bench.workspace.statistics.compare(bench.actor, first=1, second=2)
    assert [one.offset_ms for one in found.first_samples] == [0, 1000]
    assert found.second_samples == ()
    assert [(one.message, one.line, one.severity) for one in found.new] == [("y", 2, "warning")]
    assert (found.gone, found.problems_same, found.problems_known) == ((), 1, True)


_ROWS = some.lists(
    some.builds(
        SimpleNamespace,
        line=some.integers(0, 99),
        severity=some.sampled_from(["error", "warning"]),
        tool=some.just("gcc"),
        file=some.sampled_from(["a.c", "b.c"]),
        row=some.none(),
        column=some.none(),
        message=some.sampled_from(["x", "y"]),
    ),
    max_size=12,
)


def keys(problems: list[Any]) -> Counter[tuple[str, str, str]]:
    """Count problems wherever they are in the log."""
    return Counter((str(one.severity), one.file, one.message) for one in problems)


@given(_ROWS, _ROWS)
def test_new_and_gone_problems_are_what_is_more_and_less(
    first: list[Any], second: list[Any]
) -> None:
    """Seen failing with problems told apart by their lines, and with sets of them."""
    new, gone, same = comparing.problems(first, second)
    assert keys(new) == keys(second) - keys(first)
    assert keys(gone) == keys(first) - keys(second)
    assert same == (keys(first) & keys(second)).total()
    assert all(isinstance(one, Problem) for one in (*new, *gone))


def test_problems_are_the_same_in_another_work_tree() -> None:
    """Seen failing: all of what CMake prints was new where builds took turns with trees."""
    first, second = (
        [
            SimpleNamespace(
                line=1, severity="error", tool="gcc", file=f"/w/trees/x/{tree}/a.c", row=3,
                column=1, message=f"cannot open /w/trees/x/{tree}/b.h",
            )
        ]
        for tree in (0, 1)
    )  # fmt: skip
    both: tuple[Any, Any] = (first, second)
    assert comparing.problems(*both, ("/w/trees/x/0", "/w/trees/x/1")) == ([], [], 1)
    new, gone, same = comparing.problems(*both)
    assert (len(new), len(gone), same) == (1, 1, 0)
