"""Rows map to lines and back; pages are fetched the newest first, and none for nothing."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from core.builds.schemas import LogSummary
from desktop.tasks import TaskRunner
from desktop.widgets.log_view.pages import PAGE, Pages
from desktop.widgets.log_view.row_map import RowMap
from tests.desktop.widgets.log_source import MemoryLog
from tests.waiting import until


@st.composite
def _maps(draw: st.DrawFn) -> RowMap:
    lines = draw(st.integers(0, 500))
    first = draw(st.integers(0, lines))
    return RowMap(lines, first, draw(st.integers(0, lines - first)))


@given(_maps())
def test_every_line_has_a_row_and_only_dropped_ones_share_it(row_map: RowMap) -> None:
    kept = [row_map.line(row) for row in range(row_map.rows)]
    gap = range(row_map.gap_first, row_map.gap_first + row_map.gap_lines)
    assert [line for line in kept if line is not None] == [
        line for line in range(row_map.lines) if line not in gap
    ]
    assert kept.count(None) == bool(row_map.gap_lines)
    assert all(row_map.row(line) == row for row, line in enumerate(kept) if line is not None)
    assert {row_map.row(line) for line in gap} <= {row_map.gap_first}


def test_a_map_grows_and_never_shrinks() -> None:
    row_map = RowMap.of(LogSummary(1, 100, 0, 0, 0, False, 10, 20))
    assert row_map.rows == 81
    assert row_map.grown(150).rows == 131
    assert row_map.grown(50) == row_map


def _pages(source: MemoryLog, tasks: TaskRunner, arrived: list[int]) -> Pages:
    pages = Pages(source, tasks, lambda first, _count: arrived.append(first))
    pages.total = source.total
    return pages


async def test_the_newest_wanted_pages_are_fetched_and_the_oldest_forgotten(
    tasks: TaskRunner,
) -> None:
    source = MemoryLog(100_000)
    arrived: list[int] = []
    pages = _pages(source, tasks, arrived)
    source.gate.clear()
    pages.get(0)
    await until(lambda: len(source.asked) == 1)
    for number in range(1, 40):
        assert pages.get(number * PAGE) is None
    source.gate.set()
    await until(lambda: len(arrived) == 5)
    assert [first // PAGE for first, _count in source.asked] == [0, 39, 38, 37, 36]
    found = pages.get(39 * PAGE + 7)
    assert found is not None
    assert found.message == f"line {39 * PAGE + 7}"


async def test_only_so_many_pages_are_kept(tasks: TaskRunner) -> None:
    source = MemoryLog(100_000)
    pages = _pages(source, tasks, [])
    await pages.load(0, source.total - 1, source.total)
    kept = [line for line in range(0, source.total, PAGE) if pages.peek(line) is not None]
    assert len(kept) == 64
    assert kept[-1] == source.total - PAGE


async def test_an_incomplete_page_is_asked_for_again_only_after_growth(
    tasks: TaskRunner,
) -> None:
    source = MemoryLog(50)
    arrived: list[int] = []
    pages = _pages(source, tasks, arrived)
    await pages.load(0, 49, 50)
    assert pages.get(60) is None
    for _turn in range(10):
        await asyncio.sleep(0)
    assert source.asked == [(0, PAGE)]
    source.total = pages.total = 70
    assert pages.get(60) is None
    await until(lambda: len(arrived) == 2)
    assert pages.get(60) is not None
    assert source.asked == [(0, PAGE)] * 2


async def test_what_failed_is_told_once_and_asked_for_again_on_demand(
    tasks: TaskRunner, failures: list[BaseException]
) -> None:
    source = MemoryLog(50)
    arrived: list[int] = []
    source.fault = OSError("The disk is gone.")
    pages = _pages(source, tasks, arrived)
    pages.get(0)
    await until(lambda: bool(failures))
    for _repaint in range(10):
        assert pages.get(0) is None
    await pages.load(0, 49, 50)
    assert len(source.asked) == 1
    assert failures.pop() is source.fault
    source.fault = None
    pages.retry()
    pages.get(0)
    await until(lambda: bool(arrived))
    assert pages.get(0) is not None


async def test_nothing_arrives_after_closing(tasks: TaskRunner) -> None:
    source = MemoryLog(1_000)
    arrived: list[int] = []
    pages = _pages(source, tasks, arrived)
    source.gate.clear()
    pages.get(0)
    pages.get(500)
    await until(lambda: len(source.asked) == 1)
    pages.close()
    source.gate.set()
    await pages.load(0, 10, 1_000)
    await tasks.close()
    assert arrived == []
    assert len(source.asked) == 1
