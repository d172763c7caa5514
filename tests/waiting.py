"""Waits for what tells nobody when it becomes true; whoever waits in vain says for what."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

# It only ends a test that has failed: a machine under heavy load is slow.
LIMIT_S = 60.0
_EVERY_S = 0.005
# Many of those who block ask another process.
_EVERY_BLOCKING_S = 0.02

Found = TypeVar("Found")


async def until(
    condition: Callable[[], Awaitable[object] | object],
    what: str = "",
    seconds: float = LIMIT_S,
) -> Any:
    """Wait for a condition, maybe a coroutine, to give what is true, and return that.

    Args:
        what: What is waited for; the source of the condition tells where nothing is said.
    """
    try:
        async with asyncio.timeout(seconds):
            while True:
                found = condition()
                if isinstance(found, Awaitable):
                    found = await found
                if found:
                    return found
                await asyncio.sleep(_EVERY_S)
    except TimeoutError:
        raise AssertionError(_never(condition, what)) from None


def eventually(
    condition: Callable[[], Found | None], what: str = "", seconds: float = LIMIT_S
) -> Found:
    """Wait for a condition to give what is true, and return that; blocks."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(_never(condition, what))
        time.sleep(_EVERY_BLOCKING_S)
    return found


def source_of(condition: Callable[[], object]) -> str:
    """Return the source of a condition, to say what never happened."""
    try:
        return inspect.getsource(condition).strip()
    except (TypeError, OSError):
        return repr(condition)  # a method of Qt


def _never(condition: Callable[[], object], what: str) -> str:
    return f"never happened: {what or source_of(condition)}"
