"""The chosen build beside another one."""

from typing import Any

from desktop.builds.panes.compare import ComparePane
from tests.desktop.builds.conftest import Bench
from tests.waiting import until


def _pane(bench: Bench) -> ComparePane:
    (pane,) = (one for one in bench.view.details.panes if isinstance(one, ComparePane))
    return pane


def _rows(part: Any) -> dict[str, tuple[str, ...]]:
    table = part.table
    return {
        table.item(row, 0).text(): tuple(
            table.item(row, column).text() for column in range(1, table.columnCount())
        )
        for row in range(table.rowCount())
    }


async def test_two_builds_stand_beside_each_other(bench: Bench) -> None:
    marker = bench.folder / "marker"
    project = await bench.add("api", "test -e marker || exit 3", environment={"MODE": "one"})
    await bench.choose(project)
    await bench.run_to_end()
    marker.touch()
    await bench.run_to_end()
    pane = _pane(bench)
    bench.view.details.bring(pane)
    await until(lambda: pane._found is not None)
    rows = _rows(pane.fields)
    assert rows["State"][:2] == ("Failed", "Success")
    assert rows["Exit code"][:2] == ("3", "0")
    assert "Command" not in rows
    assert not pane.variables.isVisible()
    pane.all_fields.setChecked(True)
    assert "Command" in _rows(pane.fields)
    assert _rows(pane.variables)["MODE"] == ("one", "one", "same")


async def test_the_first_build_says_that_there_is_nothing_to_compare(bench: Bench) -> None:
    await bench.choose(await bench.add("api", "true"))
    await bench.run_to_end()
    pane = _pane(bench)
    bench.view.details.bring(pane)
    await until(lambda: not pane._outdated)
    assert pane.empty.isVisible()
    assert "no earlier build" in pane.empty._text.text()
