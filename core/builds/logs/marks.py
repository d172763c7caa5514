"""Which lines of a log are errors and warnings, and where groups of lines begin and end.

A case-insensitive alternation over every line costs 12 s a million, so chunks are first
searched for a few words by RE2, in linear time and outside the interpreter's lock; only the
lines around a hit are looked at.
"""

import re
from collections.abc import Iterator, MutableMapping
from enum import StrEnum
from functools import lru_cache

import re2

from core.builds.logs.escapes import without_escapes
from core.builds.logs.groups import HINT, Heading, Role, heading_of
from core.builds.schemas import LogLevel


class MarkKind(StrEnum):
    """What a mark stands for."""

    ERROR = "error"
    WARNING = "warning"
    SYSTEM = "system"
    GROUP = "group"
    GROUP_END = "group_end"


# Kept apart, so that a flood of one kind does not hide the others.
MOST_MARKS = {
    MarkKind.ERROR: 10_000,
    MarkKind.WARNING: 5_000,
    MarkKind.GROUP: 2_000,
    MarkKind.GROUP_END: 2_000,
}

# The columns of builds that count marks.
COUNTED = {MarkKind.ERROR: "errors", MarkKind.WARNING: "warnings"}

_bytes = re2.Options()
_bytes.encoding = re2.Options.Encoding.LATIN1
# Each expression below needs one of these.
_OF_WARNINGS = rb"(?i:warn)"
_OF_ERRORS = rb"(?i:error|fail|fatal|exception|err!)|\*\*\*"
_HINTS = {
    MarkKind.ERROR: _OF_ERRORS,
    MarkKind.WARNING: _OF_WARNINGS,
    MarkKind.GROUP: rb"(?m:^)" + HINT,
    MarkKind.GROUP_END: rb"(?m:^)" + HINT,
}
_HINT = re2.compile(_OF_ERRORS + b"|" + _OF_WARNINGS, _bytes)

_ERROR = re.compile(
    rb"(?:^|[\s:\[(/*|>-])"
    rb"(?:fatal error|internal compiler error|fatal|[\w.]*error|[\w.]*exception)"
    rb"(?:[\s\[(][\w./-]*[\])]?)?:\s"
    rb"|\berror [A-Z]{1,4}\d+"
    rb"|\[error\]|\berror(?:\s*[|:!]|\s+-)|^error\b(?!-)"
    rb"|^[^*]{0,200}\*\*\* [^*]{0,200}\bError \d+"
    rb"|^(?:fail|failed|failure)\b|(?<!\b0 )\bfailed\s*(?:$|[:(\x1b])|\bbuild failed\b"
    rb"|^\s*::error[ :]"
    rb"|^npm err(?:!|or\b)|^cmake error\b|^\s*--- FAIL\b"
    rb"|make(?:\[\d+\])?: \*\*\* (?!Waiting for )",
    re.IGNORECASE | re.MULTILINE,
)
_WARNING = re.compile(
    rb"(?:^|[\s:\[(|>-])[\w.]*warning(?:[\s\[(][\w./-]*[\])]?)?:\s"
    rb"|^\s*::warning[ :]"
    rb"|\[warn(?:ing)?\]|^warn(?:ing)?\b|\bwarning [A-Z]{1,4}\d+|^npm warn\b|^cmake warning\b",
    re.IGNORECASE | re.MULTILINE,
)
_LONGEST = 2_000
_HEADS = re.compile(HINT).match


def level_of(line: bytes) -> LogLevel:
    """Return how loud a line is, by the words that compilers and test runners use."""
    text = line[:_LONGEST]
    if not _HINT.search(text):
        return LogLevel.PLAIN
    text = without_escapes(text)
    if _WARNING.search(text):
        return LogLevel.WARNING
    if _ERROR.search(text):
        return LogLevel.ERROR
    return LogLevel.PLAIN


def find_marks(
    raw: bytes, *, first_line: int, continued: bool, room: MutableMapping[MarkKind, int]
) -> Iterator[tuple[int, MarkKind]]:
    """Give the number and kind of each mark of the lines that begin in a chunk, in order.

    Args:
        first_line: The number of the first line that begins in the chunk.
        continued: Whether the first bytes belong to the line before.
        room: How many marks of each kind to give at the most; counted down.
    """
    line, position = first_line - (1 if continued else 0), 0
    hint = _hint(room)
    while hint is not None and (hit := hint.search(raw, position)):
        line += raw.count(b"\n", position, hit.start())
        start = raw.rfind(b"\n", 0, hit.start()) + 1
        end = raw.find(b"\n", hit.start())
        end = len(raw) if end < 0 else end
        if line >= first_line:
            for kind in _kinds(raw, start, end):
                if room[kind] > 0:
                    room[kind] -= 1
                    hint = hint if room[kind] else _hint(room)
                    yield line, kind
        line += 1
        position = min(end + 1, len(raw))


def _hint(room: MutableMapping[MarkKind, int]) -> "re2._Regexp | None":
    return _compiled(frozenset(kind for kind, places in room.items() if places > 0))


@lru_cache
def _compiled(kinds: frozenset[MarkKind]) -> "re2._Regexp | None":
    hints = sorted({_HINTS[kind] for kind in kinds})
    return re2.compile(b"|".join(hints), _bytes) if hints else None


def _kinds(raw: bytes, start: int, end: int) -> Iterator[MarkKind]:
    """Give what the line is that begins and ends here."""
    level = level_of(raw[start : min(end, start + _LONGEST)])
    if level is not LogLevel.PLAIN:
        yield MarkKind(level.value)
    if _HEADS(raw, start):
        role = heading_at(raw, start, end).role
        if role in (Role.COMMAND, Role.RULED):
            yield MarkKind.GROUP
        elif role is Role.END:
            yield MarkKind.GROUP_END


def heading_at(raw: bytes, start: int, end: int) -> Heading:
    """Return what the line between two places is to groups, by the lines around it."""
    before = (
        raw[:start].removesuffix(b"\n")
        if start <= _LONGEST
        else raw[start - _LONGEST : start - 1]
    )
    after, later = (*raw[end + 1 : end + 1 + 2 * _LONGEST].split(b"\n", 2), b"", b"")[:2]
    return heading_of(raw[start:end], before.rpartition(b"\n")[2], (after, later))
