"""A line that may tell a problem, with the lines around it; and what parsers make of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import re2

from core.builds.schemas import Severity

LONGEST_LINE = 2_000
LONGEST_MESSAGE = 500
BEFORE_BYTES = 8 * 1024
AFTER_BYTES = 16 * 1024

_latin = re2.Options()
_latin.encoding = re2.Options.Encoding.LATIN1


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a tool says, without the place in the log; see ``schemas.Problem``."""

    severity: Severity
    tool: str
    message: str
    file: str = ""
    row: int | None = None
    column: int | None = None


class Spot:
    """A line of a text, and its neighbours as far as they are at hand.

    Args:
        text: Whole lines, without escape sequences.
        start: Where the line begins.
    """

    def __init__(self, text: bytes, start: int) -> None:
        self._text = text
        self._start = start
        end = text.find(b"\n", start)
        self._end = len(text) if end < 0 else end

    @cached_property
    def line(self) -> bytes:
        """The line; of a long one its beginning."""
        return self._text[self._start : min(self._end, self._start + LONGEST_LINE)]

    @cached_property
    def before(self) -> list[bytes]:
        """The lines before, the nearest first."""
        begin = max(0, self._start - BEFORE_BYTES)
        lines = self._text[begin : self._start].split(b"\n")[:-1]
        return [line[:LONGEST_LINE] for line in reversed(lines)]

    @cached_property
    def after(self) -> list[bytes]:
        """The lines after, the nearest first."""
        lines = self._text[self._end + 1 : self._end + 1 + AFTER_BYTES].split(b"\n")
        return [line[:LONGEST_LINE] for line in lines]


Groups = Mapping[str, str]
Parse = Callable[[Spot], Complaint | None]


@dataclass(frozen=True, slots=True)
class Parser:
    """Reads the problems of a tool.

    ``hint`` is an expression that each of its lines matches: all hints together are looked
    for at once, so that most lines cost nothing.
    """

    tool: str
    hint: bytes
    parse: Parse


class Expression:
    """An expression of RE2 on bytes: linear, whatever a line holds."""

    def __init__(self, pattern: bytes) -> None:
        self._compiled = re2.compile(pattern, _latin)
        self._names = dict(self._compiled.groupindex)

    def search(self, line: bytes) -> dict[str, str] | None:
        """Return the named groups that matched; None when the line does not."""
        found = self._compiled.search(line)
        if found is None:
            return None
        groups = {name.decode(): found.group(index) for name, index in self._names.items()}
        return {name: text_of(value) for name, value in groups.items() if value is not None}


def first_text(lines: list[bytes]) -> str:
    """Return the first line that is not empty, as text; nothing when there is none."""
    return next((text_of(line) for line in lines if line.strip()), "")


def text_of(line: bytes) -> str:
    """Return a part of a line as text."""
    return line.decode("utf-8", "replace").strip()


def complaint(tool: str, groups: Groups, *, message: str = "") -> Complaint:
    """Make a complaint of groups with the names of its fields."""
    return Complaint(
        severity=severity_of(groups.get("severity", "error")),
        tool=tool,
        message=shortened(message or groups.get("message", "")),
        file=groups.get("file", ""),
        row=number_of(groups.get("row")),
        column=number_of(groups.get("column")),
    )


def severity_of(word: str) -> Severity:
    """Return what a tool's word for severity means."""
    return Severity.WARNING if word.lower().startswith("w") else Severity.ERROR


def number_of(digits: str | None) -> int | None:
    """Return a row or column; None when there is none, or none that a file has."""
    return int(digits) if digits and len(digits) < 9 and int(digits) > 0 else None


def shortened(message: str) -> str:
    """Return a message on one line, of a length that a list can show."""
    words = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    return words if len(words) <= LONGEST_MESSAGE else words[: LONGEST_MESSAGE - 1] + "…"


def by_expression(tool: str, pattern: bytes, hint: bytes) -> Parser:
    """Return a parser for problems that stand on one line."""
    expression = Expression(pattern)

    def parse(spot: Spot) -> Complaint | None:
        groups = expression.search(spot.line)
        return complaint(tool, groups) if groups else None

    return Parser(tool, hint, parse)
