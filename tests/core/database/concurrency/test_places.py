"""Who waits for a place gets it in turn, and nothing is lost whoever leaves when."""

import asyncio
import os

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from core.database.concurrency.places import Places, WaitTimeoutError

LIMIT = 2


class Client:
    """Takes a place, keeps it until it is let go, and gives it back."""

    def __init__(
        self, number: int, places: Places, priority: int, wait_s: float | None
    ) -> None:
        self.number = number
        self.priority = priority
        self.inside = False
        self.waited = False
        self.done_with = asyncio.Event()
        self._places = places
        self._wait_s = wait_s

    async def run(self, entered: list["Client"]) -> None:
        """Be inside until let go."""
        self.waited = self._places.taken == LIMIT
        await self._places.take(priority=self.priority, wait_s=self._wait_s)
        try:
            self.inside = True
            entered.append(self)
            await self.done_with.wait()
        finally:
            self.inside = False
            self._places.give_back()


class Comings(RuleBasedStateMachine):
    """Clients come, are let go, cancelled and lose patience, at any turn of the loop.

    Seen failing: without handing on the place of who is cancelled as it comes; without
    taking who leaves out of the queue; with the newest served first; with a free place that
    is left to whoever comes while others wait.
    """

    clients = Bundle("clients")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.places = Places(LIMIT)
        self.all: list[tuple[Client, asyncio.Task[None]]] = []
        self.entered: list[Client] = []

    @rule(target=clients, priority=st.sampled_from([0, 1]), patient=st.booleans())
    def come(self, priority: int, patient: bool) -> tuple[Client, "asyncio.Task[None]"]:
        """Somebody comes, and may have no patience at all."""
        wait_s = None if patient else 0.0
        client = Client(len(self.all), self.places, priority, wait_s)
        self.all.append((client, self.loop.create_task(client.run(self.entered))))
        return self.all[-1]

    @rule(who=clients)
    def let_go(self, who: tuple[Client, "asyncio.Task[None]"]) -> None:
        """Somebody has what they came for; who waits yet will leave at once."""
        who[0].done_with.set()

    @rule(who=clients)
    def cancel(self, who: tuple[Client, "asyncio.Task[None]"]) -> None:
        """Somebody is cancelled, wherever they are."""
        who[1].cancel()

    @rule(turns=st.integers(1, 4))
    def go_on(self, turns: int) -> None:
        """Let the loop turn."""
        for _turn in range(turns):
            self.loop.run_until_complete(asyncio.sleep(0))

    @invariant()
    def no_more_inside_than_places(self) -> None:
        assert sum(client.inside for client, _task in self.all) <= self.places.taken <= LIMIT

    @invariant()
    def nobody_waits_beside_a_free_place(self) -> None:
        assert not self.places.waiting or self.places.taken == LIMIT

    @invariant()
    def first_come_first_served(self) -> None:
        for priority in (0, 1):
            some = [one for one in self.entered if one.waited and one.priority == priority]
            numbers = [one.number for one in some]
            assert numbers == sorted(numbers)

    def teardown(self) -> None:
        """Whatever happened: once all are gone every place is free, and nobody waits."""
        for client, task in self.all:
            client.done_with.set()
            if client.number % 2:
                task.cancel()
        tasks = [task for _client, task in self.all]
        if tasks:
            self.loop.run_until_complete(asyncio.wait(tasks, timeout=30))
        self.loop.close()
        assert self.places.unused
        for task in tasks:
            error = None if task.cancelled() else task.exception()
            assert error is None or isinstance(error, WaitTimeoutError)


TestComings = Comings.TestCase
TestComings.settings = settings(
    max_examples=int(os.environ.get("FAULT_COUNT", "60")), stateful_step_count=40
)


async def test_the_more_urgent_comes_first() -> None:
    places = Places(1)
    await places.take()
    order: list[str] = []

    async def wait(name: str, priority: int) -> None:
        await places.take(priority=priority)
        order.append(name)
        places.give_back()

    tasks = []
    for name, priority in [("late", 2), ("first", 0), ("normal", 1), ("second", 0)]:
        tasks.append(asyncio.create_task(wait(name, priority)))
        await asyncio.sleep(0)
    places.give_back()
    await asyncio.gather(*tasks)
    assert order == ["first", "second", "normal", "late"]


async def test_figures_of_waiting() -> None:
    places = Places(1)
    await places.take()
    with pytest.raises(WaitTimeoutError) as caught:
        await places.take(wait_s=0.01)
    assert caught.value.hint
    places.give_back()
    counts = places.counts
    assert (counts.acquired, counts.timed_out) == (1, 1)
    assert counts.waited_s > 0
    assert places.unused


def test_there_is_a_place_at_least() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Places(0)
