"""A poll asks while it is awake, and not at all while it rests."""

import asyncio

from core.errors import AppError
from desktop.performance.poll import Poll
from desktop.tasks import TaskRunner
from tests.desktop.running import until


class Place:
    """Notes what is told of an answer."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def wait(self) -> None:
        self.noted.append("wait")

    def ready(self) -> None:
        self.noted.append("ready")

    def fail(self, error: AppError) -> None:
        self.noted.append(error.title)


async def test_it_goes_on_until_it_rests(tasks: TaskRunner) -> None:
    """Seen failing with a poll that forgot its task on resting."""
    asked = 0

    async def fetch() -> int:
        nonlocal asked
        asked += 1
        return asked

    shown: list[int] = []
    poll = Poll(tasks, Place(), fetch, shown.append, every_s=0.001)
    poll.wake()
    poll.wake()
    await until(lambda: len(shown) >= 3)
    poll.rest()
    seen = asked
    await asyncio.sleep(0.01)
    assert asked == seen
    assert not poll.busy
    poll.wake()
    await until(lambda: asked > seen)
    poll.rest()


async def test_what_is_under_way_is_given_up(tasks: TaskRunner) -> None:
    place, shown = Place(), list[int]()
    never: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def fetch() -> int:
        return await never

    poll = Poll(tasks, place, fetch, shown.append, every_s=None)
    poll.wake()
    await until(lambda: place.noted)
    poll.rest()
    await until(never.cancelled)
    assert (place.noted, shown, poll.answered) == (["wait"], [], False)


async def test_a_failure_is_told_and_asked_about_again(tasks: TaskRunner) -> None:
    place = Place()
    answers: list[AppError | int] = [AppError("The disk is gone."), 7]

    async def fetch() -> int:
        answer = answers.pop(0)
        if isinstance(answer, AppError):
            raise answer
        return answer

    shown: list[int] = []
    poll = Poll(tasks, place, fetch, shown.append, every_s=None)
    poll.wake()
    await until(lambda: not poll.busy)
    assert place.noted == ["wait", "The disk is gone."]
    poll.again()
    await until(lambda: shown == [7])
    assert place.noted[2:] == ["wait", "ready"]
    await until(lambda: not poll.busy)
    poll.wake()
    assert not poll.busy


async def test_what_is_wished_out_of_sight_is_asked_in_sight(tasks: TaskRunner) -> None:
    """Seen failing with a wish that was forgotten while the page was out of sight."""
    asked: list[int] = []

    async def fetch() -> int:
        asked.append(1)
        return len(asked)

    poll = Poll(tasks, Place(), fetch, lambda _n: None, every_s=None)
    poll.wake()
    await until(lambda: not poll.busy)
    poll.rest()
    poll.again()
    assert not poll.busy
    poll.wake()
    await until(lambda: len(asked) == 2)
