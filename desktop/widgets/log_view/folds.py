"""The groups of a log: which lines belong together, and which of them are folded away."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from core.builds.schemas import LogGroup
from desktop.widgets.log_view.ansi import plain
from desktop.widgets.log_view.row_map import Span

MOST_GROUPS: Final = 20_000
"""Groups beyond these are shown as plain lines: nobody folds so many."""
_LONGEST_TITLE = 500
_LOOKED_BACK = 256


class Heading(NamedTuple):
    """The line over a group; ``lines`` is how many follow it, None while it is open."""

    title: str
    lines: int | None
    folded: bool


class Folds:
    """The groups of one log and the choice of the person."""

    def __init__(self) -> None:
        self._groups: dict[int, LogGroup] = {}
        self._firsts: list[int] = []
        self._folded: set[int] = set()

    @property
    def any_at_all(self) -> bool:
        """Whether there are groups."""
        return bool(self._groups)

    def take(self, groups: Sequence[LogGroup]) -> bool:
        """Take the groups as they are by now; tell whether anything changed."""
        taken = {group.first: group for group in groups[:MOST_GROUPS]}
        if taken == self._groups:
            return False
        self._groups, self._firsts = taken, sorted(taken)
        self._folded &= taken.keys()
        return True

    def fold_quiet(self, loud: Sequence[int]) -> None:
        """Fold every closed group that holds none of the lines ``loud``, which ascend."""
        for first, group in self._groups.items():
            if group.last is not None and not _any_in(loud, first, group.last):
                self.fold(first)

    def fold(self, first: int) -> bool:
        """Fold the group of a heading; tell whether that changed anything."""
        group = self._groups.get(first)
        if group is None or group.last is None or group.last <= first or first in self._folded:
            return False
        self._folded.add(first)
        return True

    def unfold(self, first: int) -> bool:
        """Unfold the group of a heading; tell whether that changed anything."""
        known = first in self._folded
        self._folded.discard(first)
        return known

    def fold_all(self) -> None:
        """Fold all groups but open ones."""
        for first in self._firsts:
            self.fold(first)

    def unfold_all(self) -> None:
        """Unfold all groups."""
        self._folded.clear()

    def reveal(self, line: int) -> bool:
        """Unfold whatever hides a line; tell whether anything did."""
        hiding = [first for first in self._folded if self._hides(first, line)]
        self._folded.difference_update(hiding)
        return bool(hiding)

    def heading(self, line: int) -> Heading | None:
        """Return what stands in place of a line that heads a group."""
        group = self._groups.get(line)
        if group is None:
            return None
        title = plain(group.title[:_LONGEST_TITLE])
        count = None if group.last is None else group.last - group.first
        return Heading(title, count, folded=line in self._folded)

    def around(self, line: int) -> int | None:
        """Return the heading of the innermost group that a line belongs to."""
        place = bisect_right(self._firsts, line)
        # Groups that ended before it are passed over, a few hundred of them at the most.
        for first in reversed(self._firsts[max(place - _LOOKED_BACK, 0) : place]):
            last = self._groups[first].last
            if last is None or last >= line:
                return first
        return None

    def hidden(self) -> Iterable[Span]:
        """Return the ranges of lines that are folded away, in order of their beginnings."""
        return [(first + 1, self._last(first)) for first in sorted(self._folded)]

    def _hides(self, first: int, line: int) -> bool:
        return first < line <= self._last(first)

    def _last(self, first: int) -> int:
        last = self._groups[first].last
        return first if last is None else last


def _any_in(lines: Sequence[int], first: int, last: int) -> bool:
    place = bisect_left(lines, first)
    return place < len(lines) and lines[place] <= last
