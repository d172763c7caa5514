"""The card with the slowest statements."""

from collections.abc import Sequence

from PySide6.QtCore import Signal

from core.performance.statements.schemas import StatementKind, StatementRow
from core.translation import _
from desktop.figures import number
from desktop.performance.table_card import TableCard
from desktop.performance.words import NONE, milliseconds, verdict_badge
from desktop.theme import Theme
from desktop.widgets.marks import button
from desktop.widgets.paged_table import Column

_SHOWN = 7


class SlowestCard(TableCard[StatementRow]):
    """The statements with the largest 95th percentile.

    Args:
        empty: What is said while there are none.

    Signals:
        wanted: All statements are to be seen.
    """

    wanted = Signal()

    def __init__(self, theme: Theme, empty: str) -> None:
        super().__init__(
            theme, _("Slowest statements"), _columns(), key=lambda row: row.fingerprint,
            empty=empty, most=_SHOWN,
        )  # fmt: skip
        self.all_button = button(_("All statements"), self.wanted.emit, "link")
        self.head.addWidget(self.all_button)
        self.table.opened.connect(lambda _row: self.wanted.emit())

    def show_statements(self, rows: Sequence[StatementRow]) -> None:
        """Show the slowest of these."""
        known = [row for row in rows if row.kind is not StatementKind.OTHER]
        self.show_rows(sorted(known, key=lambda row: -row.p95_ms)[:_SHOWN])


def _columns() -> tuple[Column[StatementRow], ...]:
    return (
        Column("statement", _("Statement"), lambda row: row.text, mono=True, width=0,
            tip=lambda row: row.text[:2000]),
        Column("p95", _("p95"), lambda row: milliseconds(row.p95_ms), right=True, width=84,
            value=lambda row: row.p95_ms),
        Column("count", _("Calls"), lambda row: number(row.count), right=True, width=76,
            value=lambda row: row.count),
        Column("plan", _("Plan"), _plan, width=150, tip=lambda row: row.plan_words,
            badge=lambda row: verdict_badge(row.verdict)),
    )  # fmt: skip


def _plan(row: StatementRow) -> str:
    badge = verdict_badge(row.verdict)
    return badge.word if badge else NONE
