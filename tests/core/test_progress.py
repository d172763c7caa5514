"""Jobs that people watch."""

import asyncio

import pytest

from core import progress as progress_module
from core.errors import CancelledByUserError, NotFoundError
from core.events import Event, EventBus
from core.progress import JobBoard, JobChanged, JobSnapshot, JobState, Progress, nobody_asked
from tests.waiting import until


class Clock:
    """A monotonic clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        """Return the time in seconds."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Put a clock into the module of progress."""
    clock = Clock()
    monkeypatch.setattr(progress_module, "time", clock)
    return clock


@pytest.fixture
def told() -> list[JobSnapshot]:
    """Return the jobs as they were told."""
    return []


@pytest.fixture
def board(told: list[JobSnapshot]) -> JobBoard:
    """Return a board whose events are kept."""
    bus = EventBus()

    def keep(event: Event) -> None:
        assert isinstance(event, JobChanged)
        told.append(event.job)

    bus.subscribe(keep)
    return JobBoard(bus)


async def test_fraction_and_estimate(
    board: JobBoard, clock: Clock, told: list[JobSnapshot]
) -> None:
    async def work(progress: Progress) -> str:
        clock.now += 1
        progress.report(0.01, "first")
        clock.now += 9
        progress.report(0.25)
        clock.now += 0.05
        progress.report(0.9)  # too soon to be told
        progress.report(7)
        progress.report(-1, "last")
        return "done"

    assert await board.run("Title", work) == "done"
    assert [job.state for job in told] == [JobState.RUNNING] * 3 + [JobState.SUCCEEDED]
    assert [job.fraction for job in told] == [None, 0.01, 0.25, 1.0]
    assert [job.remaining_s for job in told] == [None, None, 30.0, None]
    assert [job.text for job in told] == ["", "first", "first", "last"]
    assert told[-1].elapsed_s == pytest.approx(10.05)
    assert not told[-1].cancellable


async def test_cancel_by_the_person(board: JobBoard, told: list[JobSnapshot]) -> None:
    started = asyncio.Event()

    asked = []

    async def work(_progress: Progress) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            asked.append(not nobody_asked())

    running = asyncio.create_task(board.run("Long", work))
    await started.wait()
    assert board.cancel(told[0].id)
    assert not board.cancel(told[0].id)
    with pytest.raises(CancelledByUserError, match="Long"):
        await running
    assert asked == [True]
    states = [job.state for job in told]
    assert states == [JobState.RUNNING, JobState.CANCELLING, JobState.CANCELLED]
    assert not board.cancel(told[0].id)
    assert not board.cancel(4711)


async def test_cancel_that_comes_too_late(board: JobBoard, told: list[JobSnapshot]) -> None:
    go = asyncio.Event()

    async def work(progress: Progress) -> int:
        progress.no_return("finishing")
        await go.wait()
        return 5

    running = asyncio.create_task(board.run("Long", work))
    await until(lambda: told and told[-1].text == "finishing", "the point of no return")
    assert not told[-1].cancellable
    assert not board.cancel(told[-1].id)
    go.set()
    assert await running == 5


async def test_cancelled_caller_takes_its_work_along(board: JobBoard) -> None:
    ended = []

    async def work(_progress: Progress) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(nobody_asked())

    running = asyncio.create_task(board.run("Long", work))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended == [True]
    assert board.snapshots()[0].state is JobState.CANCELLED


@pytest.mark.parametrize("error", [NotFoundError("gone", hint="look"), ValueError("bug")])
async def test_failures_come_back(board: JobBoard, error: Exception) -> None:
    async def work(_progress: Progress) -> None:
        raise error

    with pytest.raises(type(error)):
        await board.run("Long", work)
    (job,) = board.snapshots()
    assert job.state is JobState.FAILED
    assert str(error) in job.error


async def test_only_the_last_finished_jobs_are_kept(board: JobBoard) -> None:
    async def work(_progress: Progress) -> None:
        await asyncio.sleep(0)

    for number in range(60):
        await board.run(str(number), work)
    snapshots = board.snapshots()
    assert len(snapshots) == 51
    assert snapshots[0].title == "59"
