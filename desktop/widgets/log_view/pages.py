"""The pages of a log that are at hand, and the fetching of those that are wanted.

Only the last few wanted pages are fetched, the newest first: who drags the scroll bar over
a million lines passes pages that nobody will look at any more. Where the rows in sight are far
apart in the log, each from another page, as many pages are wanted as rows are in sight.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from core.builds.schemas import BuildLog
from desktop.tasks import TaskRunner

PAGE: Final = 200
_KEPT_PAGES = 64
_WANTED_PAGES = 4
_WANTED_APART = 60


class LogSource(Protocol):
    """Where lines come from."""

    async def lines(self, first: int, count: int) -> Sequence[BuildLog]:
        """Return the lines ``first`` to ``first + count - 1`` that exist, in order."""
        ...


class _Page:
    __slots__ = ("asked_at", "lines")

    def __init__(self, lines: dict[int, BuildLog], asked_at: int) -> None:
        self.lines = lines
        self.asked_at = asked_at


class Pages:
    """The pages of one log.

    Args:
        source: Asked for lines.
        tasks: Runs the fetching; failures are told there, and a page that failed is asked
            for again only after ``retry``.
        arrived: Called with first line and count when lines have come.
    """

    def __init__(
        self, source: LogSource, tasks: TaskRunner, arrived: Callable[[int, int], None]
    ) -> None:
        self.source = source
        self.total = 0
        self._tasks = tasks
        self._arrived = arrived
        self._pages: OrderedDict[int, _Page] = OrderedDict()
        self._wanted: deque[int] = deque()
        self._most_wanted = _WANTED_PAGES
        self._failed: set[int] = set()
        self._stale: set[int] = set()
        self._fetching = False
        self._closed = False

    def get(self, line: int) -> BuildLog | None:
        """Return a line if it is at hand; else it is wanted from now on."""
        number = line // PAGE
        page = self._pages.get(number)
        if page is not None:
            self._pages.move_to_end(number)
            if number in self._stale:
                self._want(number)
            if (found := page.lines.get(line)) is not None:
                return found
            if page.asked_at >= self.total:
                return None
        self._want(number)
        return None

    def peek(self, line: int) -> BuildLog | None:
        """Return a line if it is at hand, without wanting it."""
        page = self._pages.get(line // PAGE)
        return page.lines.get(line) if page else None

    def outdate_end(self) -> None:
        """Ask for the last line again when it is looked at: more of it may have come."""
        if self.total:
            self._stale.add((self.total - 1) // PAGE)

    def expect(self, *, apart: bool) -> None:
        """Say whether the lines that are looked at together are far apart in the log."""
        self._most_wanted = _WANTED_APART if apart else _WANTED_PAGES

    def retry(self) -> None:
        """Forget what failed."""
        self._failed.clear()

    def close(self) -> None:
        """Fetch nothing any more."""
        self._closed = True
        self._wanted.clear()

    async def load(self, first: int, last: int, total: int) -> None:
        """Fetch what is missing of the lines ``first`` to ``last``, of ``total`` in all."""
        for number in range(first // PAGE, last // PAGE + 1):
            end = min(last, number * PAGE + PAGE - 1)
            known = self.peek(end) is not None and number not in self._stale
            if not known and number not in self._failed and not self._closed:
                await self._fetch(number, total)

    def _want(self, number: int) -> None:
        if number in self._failed or self._closed:
            return
        if number in self._wanted:
            self._wanted.remove(number)
        self._wanted.append(number)
        while len(self._wanted) > self._most_wanted:
            self._wanted.popleft()
        if not self._fetching:
            self._fetching = True
            if self._tasks.run(self._fetch_wanted()) is None:
                self._fetching = False

    async def _fetch_wanted(self) -> None:
        try:
            while self._wanted:
                await self._fetch(self._wanted.pop(), self.total)
        finally:
            self._fetching = False

    async def _fetch(self, number: int, total: int) -> None:
        # Until it is there it counts as failed: neither a failure nor a fetch under way is
        # asked for again by the next repaint.
        self._failed.add(number)
        self._stale.discard(number)
        lines = await self.source.lines(number * PAGE, PAGE)
        self._failed.discard(number)
        if self._closed:
            return
        self._pages[number] = _Page({line.sequence_number: line for line in lines}, total)
        self._pages.move_to_end(number)
        while len(self._pages) > _KEPT_PAGES:
            self._pages.popitem(last=False)
        self._arrived(number * PAGE, PAGE)
