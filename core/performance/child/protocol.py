"""What parent and child say to each other: a line of JSON each.

The parent writes ``{"operation", "path", "arguments"}``, perhaps later ``{"cancel": true}``;
the end of its output means that it is gone, and counts as a cancellation. The child writes any
number of ``{"progress", "phase"}`` and at most one ``{"no_return": phase}``, and at last either
``{"result": {…}}`` or ``{"error": {"code", "message", "extended"}}``.
"""

import json
from enum import StrEnum
from typing import Any, NamedTuple

CANCEL = b'{"cancel":true}\n'
WAITING = "waiting"  # the phase while somebody else keeps the file
LONGEST_LINE_BYTES = 32 * 1024 * 1024


class Code(StrEnum):
    """Why an operation failed."""

    FULL = "full"
    BUSY = "busy"
    READ_ONLY = "readonly"
    CORRUPT = "corrupt"
    NOT_A_DATABASE = "notadb"
    CANNOT_OPEN = "cannot_open"
    INTERRUPTED = "interrupt"
    IO = "io"
    OTHER = "other"


class Request(NamedTuple):
    """What the child is asked to do.

    ``arguments`` are those of the operation; some concern all. ``mode`` is "ro", "immutable" or
    "rw"; ``temporary``, where it is given, the folder for temporary files of SQLite;
    ``busy_wait_s`` how long to wait for others that hold a lock, in seconds.
    """

    operation: str
    path: str
    arguments: dict[str, Any]


class OperationError(Exception):
    """An operation that failed for a reason that can be told.

    Args:
        message: What the library or the system said; in English.
    """

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


def encoded(message: dict[str, Any]) -> bytes:
    """Return a message as its line."""
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"


def decoded(line: bytes) -> dict[str, Any]:
    """Return the message of a line.

    Raises:
        ValueError: It is none.
    """
    try:
        message = json.loads(line)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(message, dict):
        raise ValueError("no object")  # noqa: TRY004  # of what was read, not of an argument
    return message
