"""Which rows of a list are chosen: by their keys, so that it holds while rows come and go.

Qt selects places. This keeps the rows that stand at those places, selects them again where
they turn up after a change, and knows "all rows of this filter" as a flag.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QObject, Signal

from core.errors import AppError
from desktop.tasks import TaskRunner
from desktop.widgets.paged_table.model import PagedModel
from desktop.widgets.paged_table.pages import PAGE
from desktop.widgets.paged_table.spans import marked_spans, rows_span, spans

MOST_CHOSEN: Final = 10_000
"""So many rows can be chosen one by one or as a range; more of them only all together."""

# Rows this near to the end of a page may have moved to the next one since.
_MARGIN = 50
_Flag = QItemSelectionModel.SelectionFlag


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen.

    Attributes:
        everything: All rows that the query finds are chosen, but for those in ``keys``.
        keys: The keys of the rows chosen, or left out of everything.
        count: How many rows that are.
    """

    everything: bool
    keys: tuple[Any, ...]
    count: int


class Selection(QObject):
    """Keeps the choice of a table.

    Args:
        replaces: Tells whether what the person did last replaces the choice, rather than adds
            to it or takes from it.

    Signals:
        changed: Other rows are chosen.
        limited: More than ``MOST_CHOSEN`` rows were asked for; that many are chosen.
    """

    changed = Signal()
    limited = Signal()

    def __init__(
        self,
        model: PagedModel[Any],
        selected: QItemSelectionModel,
        tasks: TaskRunner,
        replaces: Callable[[], bool],
    ) -> None:
        super().__init__(selected)
        self._model, self._selected, self._tasks = model, selected, tasks
        self._here: dict[int, Hashable] = {}
        self._elsewhere: set[Hashable] = set()
        self._left_out: set[Hashable] = set()
        self._known: dict[Hashable, Any] = {}
        self._everything = False
        self._following = False
        self._grown = 0
        self._current: Hashable | None = None
        self._replaces = replaces
        selected.selectionChanged.connect(self._changed_by_person)
        selected.currentRowChanged.connect(self._note_current)
        model.arrived.connect(self._follow)
        model.shifted.connect(self._shift)
        model.count_changed.connect(self._grow)
        model.restarted.connect(self._restarted)

    @property
    def chosen(self) -> Chosen:
        """What is chosen, as far as its rows have been at hand."""
        if self._everything:
            count = max(self._model.rowCount() - len(self._left_out), 0)
            return Chosen(True, tuple(self._left_out), count)
        keys = dict.fromkeys([*self._here.values(), *self._elsewhere])
        return Chosen(False, tuple(keys), max(len(keys), len(self._places())))

    @property
    def current(self) -> Hashable | None:
        """The key of the row that has the focus."""
        return self._current

    async def complete(self) -> Chosen:
        """Return what is chosen, once the rows of ranges passed by have been fetched.

        Raises:
            AppError: They could not be fetched.
        """
        await self._identify()
        return self.chosen

    async def rows(self) -> list[Any]:
        """Return the rows chosen one by one, in the order of the list where it is known.

        Raises:
            AppError: They could not be fetched.
        """
        await self._identify()
        keys = [key for _place, key in sorted(self._here.items(), key=lambda item: item[0])]
        found = dict.fromkeys([*keys, *self._elsewhere])
        return [self._known[key] for key in found if key in self._known]

    def select_everything(self) -> None:
        """Choose all rows of the query, those not at hand included."""
        self._forget()
        self._everything = self._model.rowCount() > 0
        self._grown = 0
        self._grow()
        self.changed.emit()

    def select_one(self, place: int) -> None:
        """Choose the row at a place and go there, whatever keys are held.

        Qt's ``selectRow`` looks for a range while Shift is held, and may find none.
        """
        self._forget()
        index = self._model.index(place, 0)
        self._selected.setCurrentIndex(index, _Flag.ClearAndSelect | _Flag.Rows)

    def clear(self) -> None:
        """Choose nothing."""
        self._forget()
        self._apply(self._selected.clearSelection)
        self.changed.emit()

    def _forget(self) -> None:
        self._everything = False
        for held in (self._here, self._elsewhere, self._left_out, self._known):
            held.clear()

    def _places(self) -> set[int]:
        return {
            place
            for top, bottom in spans(self._selected.selection())
            for place in range(top, bottom + 1)
        }

    def _count_selected(self) -> int:
        return sum(bottom - top + 1 for top, bottom in spans(self._selected.selection()))

    def _changed_by_person(self, came: QItemSelection, went: QItemSelection) -> None:
        if self._following:
            return
        replaced = self._replaces()
        if self._everything and not replaced:
            self._left_out |= self._keys(went)
            self._left_out -= self._keys(came)
            self.changed.emit()
            return
        if replaced:
            self._everything = False
            self._left_out.clear()
            self._elsewhere.clear()
        if self._count_selected() > MOST_CHOSEN:
            self._limit()
        self._read()
        self.changed.emit()
        if len(self._here) < self._count_selected():
            self._tasks.latest((self, "identify"), self._identify_quietly())

    def _keys(self, selection: QItemSelection) -> set[Hashable]:
        rows = (
            self._model.row_at(place)
            for top, bottom in spans(selection)
            for place in range(top, min(bottom, top + PAGE) + 1)
        )
        return {self._model.key(row) for row in rows if row is not None}

    def _read(self) -> None:
        """Note which rows stand at the places selected."""
        here: dict[int, Hashable] = {}
        for place in self._places():
            row = self._model.row_at(place)
            if row is not None:
                here[place] = self._know(row)
            elif place in self._here:
                here[place] = self._here[place]
        self._here = here
        kept = {*here.values(), *self._elsewhere}
        self._known = {key: row for key, row in self._known.items() if key in kept}

    def _know(self, row: Any) -> Hashable:
        key = self._model.key(row)
        self._known[key] = row
        return key

    def _limit(self) -> None:
        current = self._selected.currentIndex().row()
        found = spans(self._selected.selection())
        top, bottom = max(found, key=lambda span: span[1] - span[0])
        first = top if current >= bottom else bottom - MOST_CHOSEN + 1
        span = rows_span(self._model, first, first + MOST_CHOSEN - 1)
        self._apply(lambda: self._selected.select(span, _Flag.ClearAndSelect))
        self.limited.emit()

    async def _identify_quietly(self) -> None:
        try:
            await self._identify()
        except AppError as error:
            self._model.failed.emit(error)

    async def _identify(self) -> None:
        """Fetch the rows at places that were selected without having been seen."""
        unknown = sorted(self._places() - set(self._here)) if not self._everything else []
        while unknown:
            first = unknown[0]
            last = first
            for place in unknown[1:]:
                if place != last + 1:
                    break
                last = place
            rows = await self._model.rows(first, last)
            for place, row in zip(range(first, last + 1), rows, strict=False):
                self._here[place] = self._know(row)
            unknown = [place for place in unknown if place > last]
        self.changed.emit()

    def _follow(self, first: int, count: int) -> None:
        """Select what was chosen where it stands now, and nothing else there."""
        rows = [self._model.row_at(place) for place in range(first, first + count)]
        keys = [None if row is None else self._model.key(row) for row in rows]
        self._follow_current(first, keys)
        if self._everything:
            if self._left_out:
                self._apply_page(first, [key not in self._left_out for key in keys])
            return
        if not self._here and not self._elsewhere and not self._selected.hasSelection():
            return
        before = {p: k for p, k in self._here.items() if first <= p < first + count}
        for place in before:
            del self._here[place]
        wanted = {*self._elsewhere, *before.values()}
        for offset, key in enumerate(keys):
            if key in wanted:
                self._here[first + offset] = self._know(rows[offset])
                self._elsewhere.discard(key)
        self._apply_page(first, [key in wanted for key in keys])
        self._miss({p: key for p, key in before.items() if key not in set(keys)}, first, count)

    def _miss(self, missed: dict[int, Hashable], first: int, count: int) -> None:
        """Tell rows that moved to the next page from those that are gone."""
        for place, key in missed.items():
            up = first > 0 and place - first < _MARGIN
            down = first + count < self._model.rowCount() and first + count - place <= _MARGIN
            if up or down:
                self._elsewhere.add(key)
        if missed:
            self.changed.emit()

    def _follow_current(self, first: int, keys: list[Hashable | None]) -> None:
        place = self._selected.currentIndex().row() - first
        if self._current is None or not 0 <= place < len(keys) or keys[place] == self._current:
            return
        if self._current in keys:
            index = self._model.index(first + keys.index(self._current), 0)
            self._apply(lambda: self._selected.setCurrentIndex(index, _Flag.NoUpdate))

    def _note_current(self) -> None:
        if not self._following:
            row = self._model.row_at(self._selected.currentIndex().row())
            self._current = None if row is None else self._model.key(row)

    def _shift(self, at: int, by: int) -> None:
        moved = {place: place + by if place >= at else place for place in self._here}
        lost = {place for place in moved if at + by <= place < at}
        self._elsewhere.update(self._here[place] for place in lost)
        self._here = {moved[p]: key for p, key in self._here.items() if p not in lost}

    def _grow(self) -> None:
        """Let everything include the rows that were added at the end."""
        count = self._model.rowCount()
        if self._everything and count > self._grown:
            span = rows_span(self._model, self._grown, count - 1)
            self._apply(lambda: self._selected.select(span, _Flag.Select))
        self._grown = count

    def _restarted(self) -> None:
        self._elsewhere.update(self._here.values())
        self._here.clear()
        self._grown = 0
        self._grow()

    def _apply_page(self, first: int, chosen: list[bool]) -> None:
        def apply() -> None:
            for state in (True, False):
                flag = _Flag.Select if state else _Flag.Deselect
                self._selected.select(marked_spans(self._model, first, chosen, state), flag)

        self._apply(apply)

    def _apply(self, work: Callable[[], object]) -> None:
        self._following = True
        try:
            work()
        finally:
            self._following = False
