"""Finds problems in the text of a log, which comes in stretches.

All hints of all parsers are looked for at once, by RE2, so that lines that tell nothing cost
next to nothing; only lines that are hit go through the parsers.
"""

from bisect import bisect_left
from dataclasses import dataclass

import re2

from core.builds.logs.escapes import as_shown
from core.builds.logs.problems import compiled, drivers, javascript, jvm, python
from core.builds.logs.problems.drivers import is_only_a_status
from core.builds.logs.problems.spot import AFTER_BYTES, BEFORE_BYTES, Complaint, Spot
from core.builds.logs.walk import Stretch
from core.builds.schemas import Problem, Severity

MOST_PROBLEMS = 1_000
MOST_LOOKED_AT = 50_000
_TELLING = 20

PARSERS = (
    *drivers.PARSERS,
    *javascript.PARSERS,
    *python.PARSERS,
    *jvm.PARSERS,
    *compiled.PARSERS,
)

_bytes = re2.Options()
_bytes.encoding = re2.Options.Encoding.LATIN1
_bytes.never_capture = True
_bytes.never_nl = True
_bytes.max_mem = 64 * 1024 * 1024
_HINT = re2.compile(b"|".join(sorted({parser.hint for parser in PARSERS})), _bytes)


def _which() -> "re2.Set":
    """Return the set of all hints, which tells those that a line matches at once."""
    hints = re2.Set.SearchSet(_bytes)
    for parser in PARSERS:
        hints.Add(parser.hint)
    hints.Compile()
    return hints


_WHICH = _which()


@dataclass(frozen=True, slots=True)
class Sighted:
    """The text of a stretch, and the beginnings of the lines that were hit."""

    first_line: int
    text: bytes
    starts: tuple[int, ...]


def sighted(stretch: Stretch) -> Sighted:
    """Read a stretch and look for hints in it; for worker threads."""
    first_line, raw = stretch.read()
    return sighted_text(first_line, as_shown(raw))


def sighted_text(first_line: int, text: bytes) -> Sighted:
    """Look for hints in whole lines without escape sequences."""
    starts: list[int] = []
    position = 0
    while len(starts) < MOST_LOOKED_AT and (hit := _HINT.search(text, position)):
        # A hint may begin with the ends of lines before.
        at = max(hit.end() - 1, hit.start())
        start = text.rfind(b"\n", 0, at) + 1
        starts.append(start)
        end = text.find(b"\n", at)
        if end < 0:
            break
        position = end + 1
    return Sighted(first_line, text, tuple(starts))


class ProblemFinder:
    """Takes in what was sighted, in order, and keeps the first problems that differ."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._seen: set[tuple[object, ...]] = set()
        self._looked_at = 0
        self._rest = Sighted(0, b"", ())

    @property
    def full(self) -> bool:
        """Whether nothing more will be taken."""
        return len(self.problems) >= MOST_PROBLEMS or self._looked_at >= MOST_LOOKED_AT

    def feed(self, part: Sighted, *, last: bool = False) -> None:
        """Take in a stretch; lines near its end wait for those that follow."""
        joined = self._joined(part)
        safe = len(joined.text) if last else len(joined.text) - AFTER_BYTES
        until = bisect_left(joined.starts, safe)
        line, counted = joined.first_line, 0
        for start in joined.starts[:until]:
            if self.full:
                return
            line += joined.text.count(b"\n", counted, start)
            counted = start
            self._look(Spot(joined.text, start), line)
        self._keep(joined, until, safe)

    def end(self) -> None:
        """Look at what still waits."""
        rest, self._rest = self._rest, Sighted(0, b"", ())
        self.feed(rest, last=True)

    def _joined(self, part: Sighted) -> Sighted:
        kept, shift = self._rest, len(self._rest.text)
        if not shift:
            return part
        starts = (*kept.starts, *(start + shift for start in part.starts))
        return Sighted(kept.first_line, kept.text + part.text, starts)

    def _keep(self, joined: Sighted, until: int, safe: int) -> None:
        """Keep the lines that are not looked at yet, and some before them."""
        waiting = joined.starts[until:]
        begin = max(0, min(waiting[0] if waiting else safe, safe) - BEFORE_BYTES)
        # Of a line without end only the last part is kept: all of it would fill the memory.
        newline = joined.text.rfind(b"\n", max(0, begin - BEFORE_BYTES), begin)
        begin = newline + 1 if newline >= 0 else max(0, begin - BEFORE_BYTES)
        self._rest = Sighted(
            joined.first_line + joined.text.count(b"\n", 0, begin),
            joined.text[begin:],
            tuple(start - begin for start in waiting),
        )

    def _look(self, spot: Spot, line: int) -> None:
        self._looked_at += 1
        for index in sorted(_WHICH.Match(spot.line) or ()):
            if found := PARSERS[index].parse(spot):
                self._add(found, line)
                return

    def _add(self, found: Complaint, line: int) -> None:
        key = (found.severity, found.file, found.row, found.column, found.message)
        if key in self._seen or not found.message or self._is_told(found):
            return
        self._seen.add(key)
        self.problems.append(
            Problem(
                line=line,
                severity=found.severity,
                tool=found.tool,
                file=found.file,
                row=found.row,
                column=found.column,
                message=found.message,
            )
        )

    def _is_told(self, found: Complaint) -> bool:
        """Tell whether make or the summary of pytest repeats a failure that was shown."""
        if is_only_a_status(found):
            errors = (told for told in self.problems if told.severity is Severity.ERROR)
            return any(not is_only_a_status(told) for told in errors)
        if found.tool != "pytest" or found.row is not None:
            return False
        said = found.message.partition(": ")[2].rstrip(".…")
        return bool(said) and any(
            told.tool == "pytest"
            and told.row is not None
            and (told.file == found.file or len(said) > _TELLING)
            and said.removeprefix("AssertionError: ") in told.message
            for told in self.problems
        )


def problems_in(text: bytes) -> list[Problem]:
    """Return the problems of a whole text."""
    finder = ProblemFinder()
    finder.feed(sighted_text(0, as_shown(text)))
    finder.end()
    return sorted(finder.problems, key=lambda problem: problem.line)
