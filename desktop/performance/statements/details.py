"""What is known of the chosen statement: SQL, figures, plan, and its runs that were slow."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError
from core.performance.statements.schemas import (
    Plan,
    SlowStatement,
    StatementKind,
    StatementRow,
)
from core.translation import _
from desktop.figures import brief, number
from desktop.performance.statements.columns import kind_words, slow_columns
from desktop.performance.statements.index_making import IndexMaker
from desktop.performance.statements.plan_view import PlanView
from desktop.performance.statements.sql_view import SqlView
from desktop.performance.words import milliseconds
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.figure_table import FigureTable
from desktop.widgets.marks import button, copy_text, label, separator

_SHOWN_RUNS = 8
_FACTS, _COLUMNS = 11, 3


class StatementDetails(QFrame):
    """The pane at the right of the list.

    Args:
        maker: Makes the index that a plan suggests.
    """

    def __init__(self, maker: IndexMaker) -> None:
        super().__init__()
        theme = maker.context.theme
        self.setProperty("kind", "pane")
        self.row: StatementRow | None = None
        self.sql = SqlView(theme)
        self.plan = PlanView(maker)
        self.slow = FigureTable[SlowStatement](
            theme, slow_columns(), name=_("Slow runs"), key=lambda one: one.id,
            most=_SHOWN_RUNS,
        )  # fmt: skip
        self.no_slow = label("", "muted", wrap=True)
        self.nothing = EmptyState(
            theme,
            icon="code",
            title=_("No statement is chosen"),
            text=_("Choose one to see its SQL, how SQLite finds its rows, and its slow runs."),
            width=260,
        )
        self.area = self._make_area()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.nothing)
        layout.addWidget(self.area)
        self.show_row(None)

    def show_row(self, row: StatementRow | None) -> None:
        """Show another statement, newer figures of the same, or none."""
        other = row is None or self.row is None or row.fingerprint != self.row.fingerprint
        self.row = row
        self.nothing.setVisible(row is None)
        self.area.setVisible(row is not None)
        if row is None:
            return
        self.sql.show_sql(row.text)
        for (name, value), place in zip(_facts(row), range(_FACTS), strict=True):
            self._names[place].setText(name)
            self._values[place].setText(value)
        if other:
            self.plan.say(_("The plan is being asked for…"))
            self.slow.hide()
            self.no_slow.hide()

    def show_found(self, plan: Plan | None, slow: Sequence[SlowStatement]) -> None:
        """Show the plan, and the runs that were slow."""
        if plan is None:
            self.plan.say(_("SQLite makes no plan for this statement."))
        else:
            self.plan.show_plan(plan)
        self.slow.show_rows(slow)
        self.slow.setVisible(bool(slow))
        self.no_slow.setVisible(not slow)
        self.no_slow.setText(_("None of its runs took longer than the limit in the settings."))

    def fail(self, error: AppError) -> None:
        """Say why there is no plan."""
        self.plan.say(error.as_text())

    def _make_area(self) -> QScrollArea:
        page = QWidget()
        page.setProperty("kind", "pane")
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(label(_("Statement"), "heading"))
        head.addStretch(1)
        self.copy_button = button(_("Copy SQL"), lambda: copy_text(self.sql.sql), "quiet")
        head.addWidget(self.copy_button)
        column.addLayout(head)
        column.addWidget(self.sql)
        column.addLayout(self._make_figures())
        for title, parts in (
            (_("Plan"), (self.plan,)),
            (_("Slow runs"), (self.no_slow, self.slow)),
        ):
            column.addWidget(separator())
            column.addWidget(label(title, "heading"))
            for part in parts:
                column.addWidget(part)
        column.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName(_("The chosen statement"))
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        return area

    def _make_figures(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(0)
        grid.setHorizontalSpacing(16)
        self._names = [label("", "muted") for _place in range(_FACTS)]
        self._values = [label() for _place in range(_FACTS)]
        for place, (name, value) in enumerate(zip(self._names, self._values, strict=True)):
            line, column = divmod(place, _COLUMNS)
            grid.addWidget(name, 3 * line, column)
            grid.addWidget(value, 3 * line + 1, column)
            grid.setRowMinimumHeight(3 * line + 2, 6)
            grid.setColumnStretch(column, 1)
        return grid


def _facts(row: StatementRow) -> tuple[tuple[str, str], ...]:
    read = _("Rows written") if row.kind is StatementKind.WRITE else _("Rows read")
    return (
        (_("Calls"), number(row.count)),
        (_("Total"), milliseconds(row.total_ms)),
        (_("Mean"), milliseconds(row.mean_ms)),
        (_("p50"), milliseconds(row.p50_ms)),
        (_("p95"), milliseconds(row.p95_ms)),
        (_("p99"), milliseconds(row.p99_ms)),
        (_("Longest"), milliseconds(row.max_ms)),
        (read, number(row.rows)),
        (_("Errors"), number(row.errors)),
        (_("Kind"), kind_words(row.kind)),
        (_("Last run"), brief(row.last_at)),
    )
