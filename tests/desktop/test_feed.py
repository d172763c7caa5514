"""Many wishes make few runs; a feed asks while it is awake, and not at all while it rests."""

import asyncio

from core.errors import AppError
from desktop.feed import Feed, QuietPlace
from desktop.refresher import Refresher
from desktop.tasks import TaskRunner
from tests.waiting import until


class Place(QuietPlace):
    """Notes what is told of an answer."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[str] = []

    def wait(self) -> None:
        self.noted.append("wait")

    def ready(self) -> None:
        self.noted.append("ready")

    def fail(self, error: AppError) -> None:
        self.noted.append(error.title)


async def test_many_wishes_make_few_runs_and_the_last_is_never_lost(tasks: TaskRunner) -> None:
    """Seen failing where a wish while the work ran was taken for answered."""
    told = 0
    seen: list[int] = []

    async def work() -> None:
        nonlocal told
        seen.append(told)
        if told == 100:
            told += 1
            refresher.ask()

    refresher = Refresher(tasks, work, pause_s=0)
    while told < 100:
        told += 1
        refresher.ask()
    (task,) = tasks._tasks
    await _ended(task)
    assert seen == [100, 101]
    told += 1
    refresher.ask()
    (task,) = tasks._tasks
    await _ended(task)
    assert seen == [100, 101, 102]


async def test_work_that_failed_is_done_again_when_wished(
    tasks: TaskRunner, failures: list[BaseException]
) -> None:
    runs: list[str] = []

    async def work() -> None:
        runs.append("run")
        if len(runs) == 1:
            raise OSError("away")

    refresher = Refresher(tasks, work, pause_s=0)
    for expected in (1, 2):
        refresher.ask()
        (task,) = tasks._tasks
        await _ended(task)
        assert len(runs) == expected
    assert [str(failures.pop())] == ["away"]


async def _ended(task: asyncio.Task[object]) -> None:
    await asyncio.wait([task])
    await asyncio.sleep(0)


async def test_it_goes_on_until_it_rests(tasks: TaskRunner) -> None:
    """Seen failing with a feed that forgot its task on resting."""
    asked = 0

    async def fetch() -> int:
        nonlocal asked
        asked += 1
        return asked

    shown: list[int] = []
    feed = Feed(tasks, Place(), fetch, shown.append, every_s=0.001)
    feed.wake()
    feed.wake()
    await until(lambda: len(shown) >= 3)
    feed.rest()
    seen = asked
    await asyncio.sleep(0.01)
    assert asked == seen
    assert not feed.busy
    feed.wake()
    await until(lambda: asked > seen)
    feed.rest()


async def test_what_is_under_way_is_given_up_and_asked_again(tasks: TaskRunner) -> None:
    """Seen failing where a wish counted as answered from the question on: it was lost."""
    place, shown = Place(), list[int]()
    answers: list[asyncio.Future[int]] = []

    async def fetch() -> int:
        answers.append(asyncio.get_running_loop().create_future())
        return await answers[-1]

    feed = Feed(tasks, place, fetch, shown.append)
    feed.wake()
    await until(lambda: place.noted)
    feed.rest()
    await until(answers[0].cancelled)
    assert (place.noted, shown, feed.answered) == (["wait"], [], False)
    feed.wake()
    await until(lambda: len(answers) == 2)
    feed.rest()
    feed.wake()  # before what is given up came to its end
    await until(lambda: len(answers) == 3)
    answers[2].set_result(7)
    await until(lambda: shown == [7])


async def test_a_failure_is_told_and_asked_about_again(tasks: TaskRunner) -> None:
    """By the person, and when the place is looked at again; seen failing without either."""
    place = Place()
    away = AppError("The disk is gone.")
    answers: list[AppError | int] = [away, away, 7]

    async def fetch() -> int:
        answer = answers.pop(0)
        if isinstance(answer, AppError):
            raise answer
        return answer

    shown: list[int] = []
    feed = Feed(tasks, place, fetch, shown.append, pause_s=0)
    feed.wake()
    await until(lambda: not feed.busy)
    assert place.noted == ["wait", "The disk is gone."]
    place.retried.emit()
    await until(lambda: not feed.busy)
    assert place.noted == 2 * ["wait", "The disk is gone."]
    feed.rest()
    feed.wake()
    await until(lambda: shown == [7])
    assert place.noted[4:] == ["wait", "ready"]
    await until(lambda: not feed.busy)
    feed.wake()
    assert not feed.busy


async def test_what_is_wished_out_of_sight_is_asked_in_sight(tasks: TaskRunner) -> None:
    """Seen failing with a wish that was forgotten while the page was out of sight."""
    asked: list[int] = []

    async def fetch() -> int:
        asked.append(1)
        return len(asked)

    feed = Feed(tasks, Place(), fetch, lambda _n: None, pause_s=0)
    feed.wake()
    await until(lambda: not feed.busy)
    feed.rest()
    feed.again()
    feed.ask()
    assert not feed.busy
    feed.wake()
    await until(lambda: len(asked) == 2)
