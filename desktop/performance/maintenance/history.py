"""All runs, newest first, and what one of them found."""

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QVBoxLayout

from core.performance.maintenance.schemas import FileFigures, MaintenanceRow, RunState
from core.translation import _
from desktop.figures import brief, exact, size
from desktop.performance.maintenance import words
from desktop.performance.maintenance.findings import Findings
from desktop.performance.table_card import TableCard
from desktop.performance.words import NONE, milliseconds
from desktop.theme import Metric, Theme
from desktop.widgets.marks import label
from desktop.widgets.paged_table import Column

_MOST_ROWS = 10


class History(TableCard[MaintenanceRow]):
    """The runs; the words and findings of the chosen one stand below."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme, _("History"), _columns(), key=lambda row: row.id, most=_MOST_ROWS,
            empty=_("Nothing was done for this file yet."),
        )  # fmt: skip
        self.words = label("", wrap=True)
        self.findings = Findings(theme, _("Problems found"))
        self.details = QFrame()
        column = QVBoxLayout(self.details)
        column.setContentsMargins(14, 4, 14, 4)
        column.setSpacing(Metric.GRID // 2)
        column.addWidget(self.words)
        column.addWidget(self.findings)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(layout.count() - 1, self.details)
        self.details.hide()
        self.table.chosen.connect(self._show)

    def show_runs(self, rows: Sequence[MaintenanceRow]) -> None:
        """Show runs; the chosen one stays so."""
        self.show_rows(rows)
        self._show(self.table.current)

    def _show(self, row: MaintenanceRow | None) -> None:
        told = bool(row and (row.message or row.findings))
        self.details.setVisible(told)
        if row is not None:
            self.words.setText(row.message)
            self.words.setVisible(bool(row.message))
            self.findings.show_findings(row.findings)


def _columns() -> tuple[Column[MaintenanceRow], ...]:
    return (
        Column("task", _("What"), _what, width=0, strong=True,
            tip=lambda row: row.subject or words.task_words(row.task)),
        Column("state", _("State"), lambda row: words.state_badge(row).word, width=150,
            badge=words.state_badge, tip=lambda row: row.message),
        Column("started_at", _("Started"), lambda row: brief(row.started_at), muted=True,
            width=146, tip=lambda row: exact(row.started_at), value=lambda row: row.started_at),
        Column("duration", _("Took"), _took, right=True, width=84,
            value=lambda row: row.duration_ms),
        Column("size", _("Size with its log"), _size, right=True, width=172, tip=_both,
            value=_exact_sizes),
        Column("actor", _("By"), lambda row: row.actor or NONE, width=84,
            tip=lambda row: row.origin),
    )  # fmt: skip


def _what(row: MaintenanceRow) -> str:
    name = words.task_words(row.task)
    return (
        _("{task}: {subject}").format(task=name, subject=row.subject) if row.subject else name
    )


def _took(row: MaintenanceRow) -> str:
    return NONE if row.state is RunState.RUNNING else milliseconds(float(row.duration_ms))


def _size(row: MaintenanceRow) -> str:
    before, after = (_words(figures) for figures in (row.before, row.after))
    if before == after or row.after is None:
        return before
    return _("{before} → {after}").format(before=before, after=after)


def _both(row: MaintenanceRow) -> str:
    return _("Before: {before}\nAfter: {after}\nChange: {change}").format(
        before=_words(row.before), after=_words(row.after), change=words.gain_words(row)
    )


def _exact_sizes(row: MaintenanceRow) -> list[int | None]:
    return [
        None if figures is None else words.whole_size(figures)
        for figures in (row.before, row.after)
    ]


def _words(figures: FileFigures | None) -> str:
    return NONE if figures is None else size(words.whole_size(figures))
