"""Where in the program a statement was asked for, and of which types its values are."""

import sys
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

import greenlet

_LAYER = ("core.database.", "core.completion")
_MOST_TYPES = 50


def caller() -> str:
    """Return the innermost function and line of the core outside the database layer.

    What that layer does by itself is told by the outermost one. SQLAlchemy runs statements in
    a greenlet of their own: the coroutines that wait for it are frames of the greenlet that
    it was started from.
    """
    outermost = ""
    for frame in _frames():
        name = frame.f_globals.get("__name__", "")
        if name.startswith("core."):
            outermost = f"{name}.{frame.f_code.co_qualname}:{frame.f_lineno}"
            if not name.startswith(_LAYER):
                break
    return outermost


def _frames() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(1)
    current: Any = greenlet.getcurrent()
    while current is not None:
        while frame is not None:
            yield frame
            frame = frame.f_back
        current = current.parent
        frame = current.gr_frame if current is not None else None


def types_of(parameters: Any, *, many: bool) -> tuple[str, ...]:
    """Return the types of the values of a statement, of the first set where it had many."""
    if many and isinstance(parameters, Sequence) and parameters:
        parameters = parameters[0]
    values = (
        list(parameters.values()) if isinstance(parameters, dict) else list(parameters or ())
    )
    told = tuple(_type_of(value) for value in values[:_MOST_TYPES])
    return told if len(values) <= _MOST_TYPES else (*told, f"… {len(values)}")


def _type_of(value: Any) -> str:
    name = type(value).__name__
    return f"{name}({len(value)})" if isinstance(value, str | bytes) else name
