"""What an import did or would do: figures, and the rows that are refused."""

from collections.abc import Sequence

from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.translation import _
from core.users.transfer.schemas import ImportReport, RefusedLine
from desktop.figures import number
from desktop.theme import Metric, Theme
from desktop.users.people.transfer.calls import Fields
from desktop.widgets.marks import label
from desktop.widgets.plain_table import plain_table
from desktop.widgets.tips import plain_tip

_MOST_ROWS = 1_000


class ReportView(QWidget):
    """Cards with figures over a table of refused rows."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.report: ImportReport | None = None
        self.figures: dict[str, str] = {}
        self._cards = QHBoxLayout()
        self._cards.setSpacing(Metric.GRID)
        self.refused_title = label("", "heading")
        self.table = plain_table(
            _("Refused rows"), [_("Line"), _("Field"), _("Value"), _("Why it is refused")]
        )
        self._set_widths()
        self.more = label("", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(self._cards)
        layout.addWidget(self.refused_title)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.more)
        layout.addStretch(0)
        self.show_report(None, ())

    def show_report(self, report: ImportReport | None, fields: Fields) -> None:
        """Show a report; None shows nothing."""
        self.report = report
        while self._cards.count():
            item = self._cards.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        refusals = report.refusals if report is not None else ()
        self._fill(refusals[:_MOST_ROWS], dict(fields))
        for part in (self.table, self.refused_title):
            part.setVisible(bool(refusals))
        self.more.setVisible(len(refusals) > _MOST_ROWS)
        if report is None:
            return
        self.refused_title.setText(_("Refused rows"))
        text = _("The first {count} are shown; the saved report has more.")
        self.more.setText(text.format(count=number(_MOST_ROWS)))
        self.figures = {}
        for name, words, count in (
            ("rows", _("rows read"), report.rows),
            ("created", _("new"), report.created),
            ("updated", _("updated"), report.updated),
            ("skipped", _("skipped"), report.skipped),
            ("refused", _("refused"), report.refused),
        ):
            self.figures[name] = number(count)
            self._cards.addWidget(_card(number(count), words))

    def _fill(self, refusals: Sequence[RefusedLine], words: dict[str, str]) -> None:
        self.table.setRowCount(len(refusals))
        for line, one in enumerate(refusals):
            cells = (number(one.line), words.get(one.field, one.field), one.value, one.reason)
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(text))
                self.table.setItem(line, column, item)

    def _set_widths(self) -> None:
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        for column, width in enumerate((72, 130, 180)):
            header.resizeSection(column, width)


def _card(figure: str, words: str) -> QFrame:
    card = QFrame()
    card.setProperty("kind", "card")
    card.setAccessibleName(f"{figure} {words}")
    column = QVBoxLayout(card)
    column.setContentsMargins(14, 8, 14, 8)
    column.setSpacing(0)
    column.addWidget(label(figure, "figure"))
    column.addWidget(label(words, "muted"))
    return card
