"""Runs of rows, as Qt's selections hold them."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QItemSelection, QItemSelectionModel


def spans(selection: QItemSelection) -> list[tuple[int, int]]:
    """Return the first and last place of each run, each run once."""
    runs = (selection.at(number) for number in range(selection.count()))
    return list(dict.fromkeys((run.top(), run.bottom()) for run in runs))


def rows_span(model: QAbstractItemModel, first: int, last: int) -> QItemSelection:
    """Return the whole rows from one place to another."""
    if last < first:
        return QItemSelection()
    right = model.columnCount() - 1
    return QItemSelection(model.index(first, 0), model.index(last, right))


def marked_spans(
    model: QAbstractItemModel, first: int, marks: Sequence[bool], wanted: bool
) -> QItemSelection:
    """Return the rows whose mark is ``wanted``; the marks begin with that of row ``first``."""
    found = QItemSelection()
    start: int | None = None
    for offset, mark in enumerate([*marks, not wanted]):
        if mark is wanted and start is None:
            start = offset
        elif mark is not wanted and start is not None:
            run = rows_span(model, first + start, first + offset - 1)
            found.merge(run, QItemSelectionModel.SelectionFlag.Select)
            start = None
    return found
