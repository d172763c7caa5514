"""Locks, semaphores and the limiter: held by who has them, and let go at any cancellation."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from core.database.concurrency.board import ConcurrencyBoard
from core.database.concurrency.limiter import Priority, PriorityLimiter, QueueFullError
from core.database.concurrency.locks import KeyedLock
from core.database.concurrency.places import WaitTimeoutError
from core.database.concurrency.semaphores import Semaphore
from tests.core.database.stepping import cancelled_at

Hold = Callable[[], AbstractAsyncContextManager[None]]


async def _hold(hold: Hold, until: asyncio.Event) -> None:
    async with hold():
        await until.wait()


async def _cancel_at_each_await(hold: Hold) -> int:
    """Wait behind another holder, be inside, leave; cancelled at each await in turn."""
    awaits = 0
    while True:
        go, stay = asyncio.Event(), asyncio.Event()
        other = asyncio.create_task(_hold(hold, go))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(go.set)
        asyncio.get_running_loop().call_later(0.01, stay.set)
        reached = await cancelled_at(_hold(hold, stay), awaits + 1)
        await other
        async with asyncio.timeout(30), hold():
            pass
        if not reached:
            return awaits
        awaits += 1


async def test_cancelled_at_any_await_nothing_stays_held() -> None:
    """Seen failing with a release in ``finally`` of who has acquired nothing."""
    lock, room = KeyedLock("keys"), Semaphore("room", 1)
    limiter = PriorityLimiter("work", limit=1, queue_limit=5)
    for hold in (lambda: lock.hold("a"), room.hold, limiter.place):
        assert await _cancel_at_each_await(hold) == 2
    assert lock.figures().held == ()
    assert (lock.figures().waiting, lock._keys) == (0, {})
    assert (room.figures().in_use, room.figures().waiting) == (0, 0)
    figures = limiter.figures()
    assert (figures.running, figures.waiting, figures.failed) == (0, 0, 0)
    assert figures.cancelled == 2
    assert figures.succeeded == 7


async def test_keys_do_not_wait_for_one_another() -> None:
    lock = KeyedLock("trees")
    async with lock.hold("a"), lock.hold("b"):
        assert lock.figures().held == ("a", "b")
        with pytest.raises(WaitTimeoutError):
            await asyncio.create_task(_hold(lambda: lock.hold("a", wait_s=0), asyncio.Event()))
    figures = lock.figures()
    assert (figures.held, figures.acquired, figures.timed_out) == ((), 2, 1)
    assert figures.longest_held_s > 0
    assert lock._keys == {}


async def test_who_holds_a_key_does_not_get_it_again() -> None:
    """Seen hanging where it waits for itself."""
    lock = KeyedLock("trees")
    async with lock.hold("a"):
        with pytest.raises(RuntimeError, match="'a' is held by who asks"):
            async with lock.hold("a"):
                raise AssertionError
        assert lock.figures().held == ("a",)
    async with lock.hold("a"):
        pass


async def test_a_limiter_counts_how_work_ends() -> None:
    limiter = PriorityLimiter("work", limit=1, queue_limit=1)
    go = asyncio.Event()
    first = asyncio.create_task(_hold(limiter.place, go))
    await asyncio.sleep(0)
    second = asyncio.create_task(_hold(lambda: limiter.place(Priority.BACKGROUND), go))
    await asyncio.sleep(0)
    with pytest.raises(QueueFullError) as caught:
        await _hold(limiter.place, go)
    assert "1 jobs" in caught.value.detail
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    with pytest.raises(WaitTimeoutError):
        await _hold(lambda: limiter.place(wait_s=0), go)
    go.set()
    await first
    with pytest.raises(ZeroDivisionError):
        async with limiter.place():
            _ = 1 / 0
    figures = limiter.figures()
    ends = (figures.succeeded, figures.failed, figures.cancelled)
    assert (ends, figures.refused, figures.timed_out) == ((1, 1, 1), 1, 1)
    assert (figures.running, figures.waiting, figures.queue_limit) == (0, 0, 1)


async def test_work_inside_a_limiter_does_not_ask_it_again() -> None:
    """Seen hanging where it waits for itself."""
    limiter = PriorityLimiter("work", limit=1, queue_limit=1)
    async with limiter.place():
        with pytest.raises(RuntimeError, match="from within"):
            async with limiter.place():
                raise AssertionError


async def test_a_board_makes_each_once() -> None:
    board = ConcurrencyBoard()
    assert board.lock("a") is board.lock("a")
    assert board.semaphore("b", 2) is board.semaphore("b", 5)
    async with board.semaphore("b", 2).hold(), board.lock("a").hold(1):
        ((lock,), (room,)) = board.locks(), board.semaphores()
        assert (lock.name, lock.held) == ("a", ("1",))
        assert (room.name, room.limit, room.in_use) == ("b", 2, 1)
    (heavy,) = board.limiters()
    assert heavy.limit >= 1
