"""Which lines of a log are errors and warnings.

A case-insensitive alternation over every line costs 12 s a million, so chunks are first
searched for a few words by RE2, in linear time and outside the interpreter's lock; only the
lines around a hit are looked at.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

import re2

from core.builds.schemas import LogLevel

MOST_MARKS = 10_000


class MarkKind(StrEnum):
    """What a mark stands for."""

    ERROR = "error"
    WARNING = "warning"
    SYSTEM = "system"


_bytes = re2.Options()
_bytes.encoding = re2.Options.Encoding.LATIN1
# Each expression below needs one of these.
_HINT = re2.compile(rb"(?i)error|warn|fail|fatal|exception|err!|\*\*\*", _bytes)

_ERROR = re.compile(
    rb"(?:^|[\s:\[(/*|>-])"
    rb"(?:fatal error|internal compiler error|fatal|[\w.]*error|[\w.]*exception)"
    rb"(?:[\s\[(][\w./-]*[\])]?)?:\s"
    rb"|\berror [A-Z]{1,4}\d+"
    rb"|\[error\]|\berror(?:\s*[|:!]|\s+-)|^error\b(?!-)"
    rb"|^[^*]{0,200}\*\*\* [^*]{0,200}\bError \d+"
    rb"|^(?:fail|failed|failure)\b|(?<!\b0 )\bfailed\s*(?:$|[:(\x1b])|\bbuild failed\b"
    rb"|^npm err(?:!|or\b)|^cmake error\b|^\s*--- FAIL\b|make(?:\[\d+\])?: \*\*\* ",
    re.IGNORECASE | re.MULTILINE,
)
_WARNING = re.compile(
    rb"(?:^|[\s:\[(|>-])[\w.]*warning(?:[\s\[(][\w./-]*[\])]?)?:\s"
    rb"|\[warn(?:ing)?\]|^warn(?:ing)?\b|\bwarning [A-Z]{1,4}\d+|^npm warn\b|^cmake warning\b",
    re.IGNORECASE | re.MULTILINE,
)
_ESCAPES = re.compile(rb"\x1b\[[0-9;:]*[A-Za-z]")
_LONGEST = 2_000


def level_of(line: bytes) -> LogLevel:
    """Return how loud a line is, by the words that compilers and test runners use."""
    text = line[:_LONGEST]
    if not _HINT.search(text):
        return LogLevel.PLAIN
    if b"\x1b" in text:
        text = _ESCAPES.sub(b"", text)
    if _WARNING.search(text):
        return LogLevel.WARNING
    if _ERROR.search(text):
        return LogLevel.ERROR
    return LogLevel.PLAIN


def find_marks(
    raw: bytes, *, first_line: int, continued: bool, most: int
) -> Iterator[tuple[int, MarkKind]]:
    """Give the number and kind of each loud line that begins in a chunk, in order.

    Args:
        first_line: The number of the first line that begins in the chunk.
        continued: Whether the first bytes belong to the line before.
        most: How many marks to give at the most.
    """
    line, position = first_line - (1 if continued else 0), 0
    found = 0
    while hit := _HINT.search(raw, position):
        line += raw.count(b"\n", position, hit.start())
        start = raw.rfind(b"\n", 0, hit.start()) + 1
        end = raw.find(b"\n", hit.start())
        end = len(raw) if end < 0 else end
        level = level_of(raw[start : min(end, start + _LONGEST)])
        if level is not LogLevel.PLAIN and line >= first_line:
            if found == most:
                return
            found += 1
            yield line, MarkKind(level.value)
        line += 1
        position = min(end + 1, len(raw))
