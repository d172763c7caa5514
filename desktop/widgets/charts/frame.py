"""The frame of a chart: caption, what the axes mean, and the table that says the same."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.translation import _
from desktop.theme import Metric, Role, Theme, set_kind
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.figure_table import FigureTable
from desktop.widgets.marks import icon_button, label
from desktop.widgets.paged_table import Column
from desktop.widgets.tips import plain_tip

LEAST_HEIGHT: Final = 180
_SPOKEN = 24

_Cells = tuple[int, tuple[str, ...]]
"""The number of a row, and its cells."""


class _Aside(QLabel):
    """Words that are left out where they have no room; half of them would tell nothing."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("kind", "muted")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words as far as there is room for all of them."""
        if self.width() >= self.sizeHint().width():
            super().paintEvent(event)


class ChartFrame(QFrame):
    """A card with a chart.

    Args:
        caption: What it shows, as a heading.
        axes: What its axes mean, in words, such as "builds per month".
        empty: What is said while there is nothing to be shown.

    Signals:
        row_chosen: A row of the table was opened; carries its number.
    """

    row_chosen = Signal(int)

    def __init__(self, theme: Theme, caption: str, axes: str = "", empty: str = "") -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "card")
        self.setAccessibleName(caption)
        self.caption = ElidedLabel(caption)
        self.caption.setProperty("kind", "heading")
        self.axes = _Aside(axes)
        self.legend = QHBoxLayout()
        self.legend.setSpacing(12)
        self.empty = label(empty or _("Nothing to show yet."), "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.table = FigureTable[_Cells](theme, (), name=caption, key=lambda row: row[0])
        self.table.activated.connect(lambda index: self.row_chosen.emit(index.row()))
        self.table_button = icon_button(theme, "table", "", self._switch)
        self.table_button.setCheckable(True)
        self._name_button()
        policy = self.table_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.table_button.setSizePolicy(policy)
        self._stack = QStackedWidget()
        self.empty.setMinimumHeight(LEAST_HEIGHT)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        self._chart: QWidget | None = None
        self._filled = False
        self._lay_out()
        self._show_page()

    def take_chart(self, chart: QWidget) -> None:
        """Take the widget that draws."""
        self._chart = chart
        chart.setAccessibleName(self.accessibleName())
        chart.setMinimumHeight(LEAST_HEIGHT)
        self._stack.addWidget(chart)
        self.setTabOrder(self.table_button, chart)

    def show_rows(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Fill the table, and what is read out, with what the chart shows in words."""
        self._filled = bool(rows)
        if [column.words for column in self.table.list_model.columns] != list(heads):
            self.table.show_columns([_column(head, place) for place, head in enumerate(heads)])
        self.table.show_rows([(number, tuple(row)) for number, row in enumerate(rows)])
        spoken = "; ".join(": ".join((row[0], ", ".join(row[1:]))) for row in rows[:_SPOKEN])
        if len(rows) > _SPOKEN:
            more = _("{count} more, see the table").format(count=len(rows) - _SPOKEN)
            spoken = f"{spoken}; {more}"
        self.setAccessibleDescription(f"{self.axes.text()}. {spoken}".strip(". "))
        self._show_page()

    def show_legend(self, entries: Sequence[tuple[str, Role]]) -> None:
        """Name the colours."""
        while (item := self.legend.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for words, role in entries:
            mark = QLabel(f"● {words}")
            mark.setTextFormat(Qt.TextFormat.PlainText)
            kinds = {Role.SUCCESS: "success", Role.WARNING: "warning", Role.FAILURE: "error"}
            set_kind(mark, kinds.get(role, "accent" if role is Role.ACCENT else "muted"))
            self.legend.addWidget(mark)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Metric.GRID)
        head.addWidget(self.caption)
        head.addWidget(self.axes, 1)
        head.addLayout(self.legend)
        head.addWidget(self.table_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 10, 10, 12)
        layout.setSpacing(Metric.GRID)
        layout.addLayout(head)
        layout.addWidget(self._stack, 1)

    def _switch(self) -> None:
        self._name_button()
        self._show_page()

    def _name_button(self) -> None:
        as_table = self.table_button.isChecked()
        words = _("Show as a chart") if as_table else _("Show as a table")
        name = _("{chart}: {action}").format(chart=self.accessibleName(), action=words)
        self.table_button.setIcon(self._theme.icon("chart-bar" if as_table else "table"))
        self.table_button.setToolTip(plain_tip(words))
        self.table_button.setAccessibleName(name)

    def _show_page(self) -> None:
        self.table_button.setVisible(self._filled)
        page: QWidget = self.empty
        if self._filled:
            chart = self._chart
            page = self.table if chart is None or self.table_button.isChecked() else chart
        self._stack.setCurrentWidget(page)


def _column(head: str, place: int) -> Column[_Cells]:
    return Column(head, head, lambda row: row[1][place], right=place > 0, width=0)
