"""The rows of a list of any length, each known only once it has been looked at."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from enum import Enum
from typing import Any, Final, Generic, Protocol

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from core.database.query.schemas import ListQuery, PageStart
from core.errors import AppError
from core.translation import _
from desktop.refresher import Refresher
from desktop.tasks import TaskRunner
from desktop.widgets.paged_table.cells import alignment, cell
from desktop.widgets.paged_table.columns import Column, Row
from desktop.widgets.paged_table.pages import PAGE, Fetch, Loaded, Pages
from desktop.widgets.paged_table.window import Window, fetch_window

NOT_YET: Final = "…"

Index = QModelIndex | QPersistentModelIndex


class Counted(Protocol):
    """How many rows a list has; ``exact`` is false where it was estimated or given up."""

    @property
    def value(self) -> int:
        """The number of rows."""

    @property
    def exact(self) -> bool:
        """Whether there are precisely so many."""


class State(Enum):
    """What a table can show."""

    IDLE = "idle"
    LOADING = "loading"
    READY = "ready"
    EMPTY = "empty"
    FAILED = "failed"


class PagedModel(QAbstractTableModel, Generic[Row]):
    """The rows that a query finds.

    Args:
        tasks: Runs the fetching.
        columns: What is shown of a row.
        key: Tells rows apart for good; equal for the old and the new version of a row.
        fetch: Fetches a page.
        count: Counts the rows of a query; the first page never waits for it.

    Signals:
        state_changed: The list is loading, there, empty or failed.
        count_changed: More or fewer rows are known of, or their number is exact now.
        failed: Rows or their number could not be fetched; carries the ``AppError``.
        restarted: The rows of another query are there.
        arrived: Rows came: the first place and how many.
        shifted: Rows came or went before those in sight: the place where these began, and by
            how many places they moved.
        busy_changed: What is shown is being replaced, or no longer.
    """

    state_changed = Signal()
    count_changed = Signal()
    failed = Signal(object)
    restarted = Signal()
    arrived = Signal(int, int)
    shifted = Signal(int, int)
    busy_changed = Signal(bool)

    def __init__(
        self,
        tasks: TaskRunner,
        columns: Sequence[Column[Row]],
        *,
        key: Callable[[Row], Hashable],
        fetch: Fetch[Row],
        count: Callable[[ListQuery], Awaitable[Counted]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.key = key
        self.pages: Pages[Row] = Pages(fetch, tasks, self._page_arrived, self.failed.emit)
        self.state = State.IDLE
        self.exact = False
        self.sight: Callable[[], tuple[int, int]] = lambda: (0, 0)
        self._fetch, self._count, self._tasks = fetch, count, tasks
        self._refresher = Refresher(tasks, self._refresh)
        self._epoch = 0
        self._query: ListQuery | None = None
        self._counted: Counted | None = None

    @property
    def query(self) -> ListQuery | None:
        """What was asked for last."""
        return self._query

    def show_query(self, query: ListQuery) -> None:
        """Show the rows of a query; until the first ones come, the old ones stay."""
        self._query = query
        self._epoch += 1
        self.pages.abandon()
        if self.state is not State.READY:
            self._set_state(State.LOADING)
        self._counted = None
        self.busy_changed.emit(True)
        self._tasks.latest((self, "rows"), self._open(query, self._epoch))
        self._tasks.latest((self, "count"), self._recount(query, self._epoch))

    def refresh(self) -> None:
        """Fetch anew what is in sight: something changed."""
        if self._query is None:
            return
        if self.state is State.READY:
            self._refresher.ask()
        else:
            self.show_query(self._query)

    def retry(self) -> None:
        """Fetch again what failed."""
        self.pages.retry()
        self.refresh()

    def row_at(self, place: int) -> Row | None:
        """Return the row at a place if it is at hand, without fetching it."""
        return self.pages.peek(place)

    async def rows(self, first: int, last: int) -> list[Row]:
        """Return the rows at two places and between, fetched where they are not at hand.

        Raises:
            AppError: They could not be fetched.
        """
        found: list[Row] = []
        near: dict[int, Loaded[Row]] = {}
        for number in range(first // PAGE, last // PAGE + 1):
            places = range(max(first, number * PAGE), min(last, number * PAGE + PAGE - 1) + 1)
            known = [row for row in map(self.pages.peek, places) if row is not None]
            if len(known) < len(places):
                near = {number: await self.pages.load(number, near=near)}
                rows = near[number].rows
                known = list(rows[places.start % PAGE : places.stop - number * PAGE])
            found += known
        return found

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return the number of rows known of."""
        return 0 if parent is not None and parent.isValid() else self.pages.count

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return the number of columns, those put away included."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(  # noqa: N802
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the heading of a column and how it is aligned."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.words
        if role == Qt.ItemDataRole.ToolTipRole and column.sort:
            return _("Click to sort by {field}").format(field=column.words)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment(column)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell says, "…" until its row has come."""
        if not index.isValid():
            return None
        row = self.pages.get(index.row())
        if row is not None:
            return cell(self.columns[index.column()], row, role)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment(self.columns[index.column()])
        return NOT_YET if role == Qt.ItemDataRole.DisplayRole else None

    async def _open(self, query: ListQuery, epoch: int) -> None:
        try:
            found = await self._fetch(query, PageStart(), PAGE)
        except AppError as error:
            self._set_state(State.FAILED)
            self.failed.emit(error)
        else:
            self._restart(query, Loaded(found.rows, found.first, found.last, found.more_after))
        finally:
            if epoch == self._epoch:
                self.busy_changed.emit(False)

    async def _recount(self, query: ListQuery, epoch: int) -> None:
        try:
            counted = await self._count(query)
        except AppError as error:
            if epoch == self._epoch:
                self.failed.emit(error)
            return
        if epoch == self._epoch:
            self._counted = counted
            if self.pages.query is query:
                self._take_count()

    def _restart(self, query: ListQuery, page: Loaded[Row]) -> None:
        self.beginResetModel()
        self.pages.restart(query)
        # More is announced than came, so that one can go on before the count is there.
        self.pages.count = len(page.rows) + (PAGE if page.more_after else 0)
        self.exact = not page.more_after
        if page.rows:
            self.pages.put(0, page)
        self.endResetModel()
        self._set_state(State.READY if page.rows else State.EMPTY)
        self.restarted.emit()
        self.count_changed.emit()
        self.busy_changed.emit(False)
        self.arrived.emit(0, len(page.rows))
        self._take_count()

    def _take_count(self) -> None:
        counted = self._counted
        if counted is None or (self.exact and not counted.exact):
            return
        self.exact = counted.exact
        self._resize(counted.value)
        self.count_changed.emit()

    def _resize(self, count: int) -> None:
        """Let the list be so long; rows come or go at its end."""
        old = self.pages.count
        if count == old:
            return
        self.pages.forget_end()
        if count > old:
            self.beginInsertRows(QModelIndex(), old, count - 1)
            self.pages.count = count
            self.endInsertRows()
        else:
            self.beginRemoveRows(QModelIndex(), count, old - 1)
            self.pages.count = count
            self.pages.forget_from(count)
            self.endRemoveRows()
        self._set_state(State.READY if count else State.EMPTY)

    def _page_arrived(self, number: int, page: Loaded[Row]) -> None:
        first, end = number * PAGE, number * PAGE + len(page.rows)
        if not page.from_end and self._tell_end(end, page):
            self.count_changed.emit()
        self._changed(first, min(end, self.pages.count) - first)

    def _tell_end(self, end: int, page: Loaded[Row]) -> bool:
        """Correct the count where a page shows that it was wrong."""
        if not page.more_after and end != self.pages.count:
            self._resize(end)
            self.exact = bool(page.rows)
            return True
        if page.more_after and end >= self.pages.count:
            self._resize(end + PAGE)
            self.exact = False
            return True
        return False

    def _changed(self, first: int, count: int) -> None:
        if count > 0:
            last = len(self.columns) - 1
            self.dataChanged.emit(self.index(first, 0), self.index(first + count - 1, last))
            self.arrived.emit(first, count)

    async def _refresh(self) -> None:
        query, epoch = self._query, self._epoch
        if query is None or self.state is not State.READY:
            return
        self.busy_changed.emit(True)
        try:
            self.pages.abandon()
            window = await fetch_window(self.pages, self.key, *self.sight())
            if epoch == self._epoch:
                self._take_window(window)
            self.exact = False
            await self._recount(query, epoch)
        except AppError as error:
            if epoch == self._epoch:
                self.failed.emit(error)
        finally:
            if epoch == self._epoch:
                self.busy_changed.emit(False)

    def _take_window(self, window: Window[Row]) -> None:
        """Put fetched pages in the place of the old ones, moved with what stood there."""
        place = self.sight()[0]
        shift = max(window.shift, -place) if self.pages.count else 0
        if shift:
            self._move(place, shift)
        else:
            self.pages.age()
        for number, page in window.pages.items():
            if number * PAGE < self.pages.count:
                self.pages.put(number, page)
        if shift:
            self.shifted.emit(place, shift)
        for number, page in window.pages.items():
            self._page_arrived(number, page)

    def _move(self, place: int, by: int) -> None:
        """Let rows come or go before a place; what was at hand does not lie there any more."""
        self.pages.restart(self._query)
        self.dataChanged.emit(
            self.index(0, 0), self.index(self.pages.count - 1, len(self.columns) - 1)
        )
        if by > 0:
            self.beginInsertRows(QModelIndex(), place, place + by - 1)
            self.pages.count += by
            self.endInsertRows()
        else:
            self.beginRemoveRows(QModelIndex(), place + by, place - 1)
            self.pages.count += by
            self.endRemoveRows()

    def _set_state(self, state: State) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit()
