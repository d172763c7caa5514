"""The tables in which two builds stand beside each other."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from core.builds.statistics.schemas import Comparison, Difference
from core.translation import _, ngettext
from desktop.builds import words
from desktop.builds.panes import compare_words
from desktop.figures import number
from desktop.theme import Metric
from desktop.widgets.marks import label
from desktop.widgets.plain_table import plain_table
from desktop.widgets.tips import plain_tip

_HIDDEN = "•••"
_MOST_ROWS = 24
Cells = tuple[str, str, str, str]


class ComparedPart(QWidget):
    """A heading, and a table of what differs; gone where there is nothing of the kind."""

    def __init__(self, title: str, heads: Sequence[str]) -> None:
        super().__init__()
        self.title = label(title, "heading")
        self.note = label("", "muted", wrap=True)
        self.table = plain_table(title, heads)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, Metric.GRID)
        layout.setSpacing(6)
        for widget in (self.title, self.note, self.table):
            layout.addWidget(widget)

    def name_builds(self, first: str, second: str) -> None:
        """Put the names of the builds over the second and the third column."""
        for column, name in enumerate((first, second), 1):
            self.table.setHorizontalHeaderItem(column, QTableWidgetItem(name))

    def show_rows(self, rows: Sequence[Sequence[str]], note: str = "") -> None:
        """Show what differs; a note stands above, or in place of rows."""
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.table.setVisible(bool(rows))
        self.table.setRowCount(len(rows))
        for place, cells in enumerate(rows):
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text.replace("\n", " ⏎ "))
                item.setToolTip(plain_tip(text))
                self.table.setItem(place, column, item)
        self.setVisible(bool(rows) or bool(note))
        _fit(self.table)


def field_rows(found: Comparison, *, all_of_them: bool) -> list[Cells]:
    """Return the fields of both builds, those that differ or all."""
    return [
        (
            field.words,
            compare_words.value(field.name, field.first, found.first),
            compare_words.value(field.name, field.second, found.second),
            compare_words.change(field),
        )
        for field in found.fields
        if all_of_them or not field.same
    ]


def variable_rows(found: Comparison, *, all_of_them: bool) -> list[Cells]:
    """Return the variables of both builds, those that differ or all."""
    return [
        (
            one.name,
            _HIDDEN if one.secret else one.first if one.first is not None else words.NONE,
            _HIDDEN if one.secret else one.second if one.second is not None else words.NONE,
            compare_words.difference_words(one.difference),
        )
        for one in found.variables
        if all_of_them or one.difference is not Difference.SAME
    ]


def artifact_rows(found: Comparison, *, all_of_them: bool) -> list[Cells]:
    """Return the artifacts of both builds, those that differ or all."""
    return [
        (
            one.path,
            compare_words.artifact_size(one.first_size),
            compare_words.artifact_size(one.second_size),
            compare_words.artifact_change(one),
        )
        for one in found.artifacts
        if all_of_them or one.difference is not Difference.SAME
    ]


def problem_rows(found: Comparison) -> list[tuple[str, str, str]]:
    """Return the problems that only one of the builds has, the new ones first."""
    parts = ((_("new"), found.new), (_("gone"), found.gone))
    return [
        (kind, compare_words.problem_place(problem), problem.message)
        for kind, problems in parts
        for problem in problems
    ]


def problem_note(found: Comparison) -> str:
    """Return how many problems are new, gone and the same; or why that is not known."""
    if not found.problems_known:
        return _("The log of one of them was not searched for problems, or is gone.")
    if not (found.new_total or found.gone_total or found.problems_same):
        return ""
    return ngettext(
        "{new} new, {gone} gone, {same} in both",
        "{new} new, {gone} gone, {same} in both",
        found.problems_same,
    ).format(
        new=number(found.new_total),
        gone=number(found.gone_total),
        same=number(found.problems_same),
    )


def _fit(table: QTableWidget) -> None:
    rows = min(table.rowCount(), _MOST_ROWS)
    head = table.horizontalHeader().sizeHint().height()
    table.setFixedHeight(head + rows * Metric.ROW + 2)
