"""Starts children at the priority of the program, though its threads may have a lower one.

On Linux a thread can be less important than others. A child inherits that of the thread that
starts it, and only an administrator may make it more important again: the builds of a window
whose core steps back would be slower than those of anybody else.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_starters: list[ThreadPoolExecutor] = []


@contextmanager
def usual_priority_kept() -> Iterator[None]:
    """Within, ``at_usual_priority`` calls with the priority that this thread has at first."""
    with ThreadPoolExecutor(1, thread_name_prefix="starter") as starter:
        starter.submit(threading.get_native_id).result()  # else it would begin later, lower
        _starters.append(starter)
        try:
            yield
        finally:
            _starters.remove(starter)


def at_usual_priority(call: Callable[[], T]) -> T:
    """Call this with the usual priority, where one is kept; wait for what it returns."""
    return _starters[-1].submit(call).result() if _starters else call()
