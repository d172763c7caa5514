"""The pages of a list that are at hand, and the fetching of those that are wanted.

Only the last few wanted pages are fetched, the newest first and two at a time: who drags the
scroll bar over a million rows passes pages that nobody will look at any more. A page is
fetched from the cursor of a neighbour at hand where there is one, since a place deep in a
list is dear to find by its number.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, Protocol

from PySide6.QtCore import QTimer

from core.database.query.schemas import Cursor, ListQuery, PageStart, Slice
from core.errors import AppError
from desktop.tasks import TaskRunner
from desktop.widgets.paged_table.columns import Row

PAGE: Final = 200
_KEPT = 40
_WANTED = 4
_AT_ONCE = 2
_PAUSE_MS = 20


class Fetch(Protocol[Row]):
    """Fetches a page of a list, at most ``limit`` rows."""

    def __call__(
        self, query: ListQuery, start: PageStart, limit: int, /
    ) -> Awaitable[Slice[Row]]:
        """Return the rows that follow a start, or end there."""
        ...


@dataclass(slots=True)
class Loaded(Generic[Row]):
    """A page at hand.

    ``stale`` ones are shown until they are fetched anew. Where ``from_end``, its place was
    counted from the end of the list, and holds only while the list is as long as it was.
    """

    rows: tuple[Row, ...]
    first: Cursor | None
    last: Cursor | None
    more_after: bool
    from_end: bool = False
    stale: bool = False


class Pages(Generic[Row]):
    """The pages of one list.

    Args:
        fetch: Asked for pages.
        tasks: Runs the fetching.
        arrived: Called with number and page when one has come.
        failed: Called with the error of a page, which is asked for again only after ``retry``.
    """

    def __init__(
        self,
        fetch: Fetch[Row],
        tasks: TaskRunner,
        arrived: Callable[[int, Loaded[Row]], None],
        failed: Callable[[AppError], None],
    ) -> None:
        self.count = 0
        self.query: ListQuery | None = None
        self._fetch, self._tasks = fetch, tasks
        self._arrived, self._failed_with = arrived, failed
        self._pages: OrderedDict[int, Loaded[Row]] = OrderedDict()
        self._wanted: deque[int] = deque(maxlen=_WANTED)
        self._under_way: set[int] = set()
        self._failed: set[int] = set()
        self._epoch = 0
        self._pause = QTimer()
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._serve)

    def get(self, place: int) -> Row | None:
        """Return the row at a place if it is at hand; else its page is wanted from now on."""
        number = place // PAGE
        page = self._pages.get(number)
        if page is None or page.stale:
            self.want(number)
        if page is None:
            return None
        self._pages.move_to_end(number)
        return _row(page, place)

    def peek(self, place: int) -> Row | None:
        """Return the row at a place if it is at hand, without wanting it."""
        page = self._pages.get(place // PAGE)
        return _row(page, place) if page else None

    def want(self, number: int) -> None:
        """Fetch a page soon, before those wanted earlier."""
        page = self._pages.get(number)
        if (page is not None and not page.stale) or not 0 <= number * PAGE < self.count:
            return
        if number in self._failed or number in self._under_way:
            return
        if number in self._wanted:
            self._wanted.remove(number)
        self._wanted.append(number)
        if not self._pause.isActive():
            self._pause.start()

    def put(self, number: int, page: Loaded[Row]) -> None:
        """Keep a page; the one looked at longest ago goes when there are too many."""
        self._pages[number] = page
        self._pages.move_to_end(number)
        while len(self._pages) > _KEPT:
            self._pages.popitem(last=False)

    def restart(self, query: ListQuery | None) -> None:
        """Forget everything: what comes belongs to another list, or to other places."""
        self.query = query
        self._pages.clear()
        self.abandon()

    def abandon(self) -> None:
        """Take no answer that is under way, and ask again where one failed."""
        self._epoch += 1
        self._wanted.clear()
        self._under_way.clear()
        self._failed.clear()
        self._pause.stop()

    def age(self) -> None:
        """Show what is at hand until it is fetched anew."""
        for page in self._pages.values():
            page.stale = True
        self.abandon()

    def forget_end(self) -> None:
        """Forget the pages whose place was counted from the end."""
        for number in [n for n, page in self._pages.items() if page.from_end]:
            del self._pages[number]

    def forget_from(self, count: int) -> None:
        """Forget what lies behind the first ``count`` rows."""
        for number in [n for n in self._pages if (n + 1) * PAGE > count]:
            page = self._pages[number]
            keep = count - number * PAGE
            if keep <= 0:
                del self._pages[number]
            elif len(page.rows) > keep:
                page.rows, page.last, page.stale = page.rows[:keep], None, True

    def retry(self) -> None:
        """Ask again for pages that failed, as soon as they are looked at."""
        self._failed.clear()

    async def load(
        self, number: int, *, near: dict[int, Loaded[Row]], by_place: bool = False
    ) -> Loaded[Row]:
        """Fetch a page from a neighbour in ``near`` or by its place, without keeping it.

        The last page is counted from the end, which is quicker, unless ``by_place``.

        Raises:
            AppError: It could not be fetched.
        """
        assert self.query is not None
        start, limit = self._start(number, near, by_place=by_place)
        found = await self._fetch(self.query, start, limit)
        after = near.get(number + 1)
        ended = start.backwards and (after is None or after.from_end)
        return Loaded(found.rows, found.first, found.last, found.more_after, from_end=ended)

    def _start(
        self, number: int, near: dict[int, Loaded[Row]], *, by_place: bool
    ) -> tuple[PageStart, int]:
        before, after = near.get(number - 1), near.get(number + 1)
        if number == 0:
            return PageStart(), PAGE
        if before and not before.stale and len(before.rows) == PAGE and before.last:
            return PageStart(cursor=before.last), PAGE
        if after and not after.stale and after.first:
            return PageStart(cursor=after.first, backwards=True), PAGE
        left = self.count - number * PAGE
        if 0 < left <= PAGE and not by_place:
            return PageStart(backwards=True), left
        return PageStart(position=number * PAGE), PAGE

    def _serve(self) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return  # The loop rests or has ended; whoever looks again asks again.
        while self._wanted and len(self._under_way) < _AT_ONCE:
            number = self._wanted.pop()
            self._under_way.add(number)
            if self._tasks.run(self._bring(number, self._epoch)) is None:
                self._wanted.clear()

    async def _bring(self, number: int, epoch: int) -> None:
        # Until it is there it counts as failed: what is under way is not asked for again.
        self._failed.add(number)
        try:
            page = await self.load(number, near=dict(self._pages))
            if epoch == self._epoch:
                self._failed.discard(number)
                self.put(number, page)
                self._arrived(number, page)
        except AppError as error:
            if epoch == self._epoch:
                self._failed_with(error)
        finally:
            if epoch == self._epoch:
                self._under_way.discard(number)
                self._serve()


def _row(page: Loaded[Row], place: int) -> Row | None:
    offset = place % PAGE
    return page.rows[offset] if offset < len(page.rows) else None
