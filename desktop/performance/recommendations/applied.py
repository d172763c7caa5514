"""What was applied and taken back, newest first, with Undo where that can be done."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from core.performance.maintenance.schemas import MaintenanceRow
from core.translation import _
from desktop.figures import brief, exact
from desktop.performance.jobs import JobPlace
from desktop.performance.recommendations import words
from desktop.performance.table_card import TableCard
from desktop.tabs import TabContext
from desktop.widgets.marks import button
from desktop.widgets.paged_table import Column
from desktop.widgets.tips import explain


class AppliedCard(TableCard[MaintenanceRow]):
    """The runs.

    Args:
        refusal: Why nothing may be taken back; empty where it may.

    Signals:
        undo_wanted: A run is to be taken back; carries the ``MaintenanceRow``.
    """

    undo_wanted = Signal(object)

    def __init__(self, context: TabContext, refusal: str) -> None:
        super().__init__(
            context.theme, _("Applied"), _columns(), key=lambda row: row.id,
            empty=_("No recommendation was applied yet."),
        )  # fmt: skip
        self._refusal = refusal
        self.place = JobPlace(context)
        self.place.moved.connect(self._follow)
        self.button = button(_("Undo…"), self._want)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 2, 14, 4)
        foot.setSpacing(12)
        foot.addWidget(self.button)
        foot.addWidget(self.place, 1)
        foot.addStretch(0)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertLayout(layout.count() - 1, foot)
        self.table.chosen.connect(lambda _row: self._follow())
        self._follow()

    def show_rows(self, rows: Sequence[MaintenanceRow]) -> None:
        """Show the runs as they are by now."""
        super().show_rows(rows)
        self._follow()

    def _want(self) -> None:
        if self.table.current is not None:
            self.undo_wanted.emit(self.table.current)

    def _follow(self) -> None:
        row = self.table.current
        self.button.setHidden(not self.table.list_model.rows)
        why = self._refusal
        if not why and row is None:
            why = _("Choose what was applied first.")
        elif not why and row is not None and not row.can_undo:
            back = _("This was taken back already.")
            why = back if row.taken_back else _("This cannot be taken back.")
        why = why or (_("It is running.") if self.place.busy else "")
        self.button.setDisabled(bool(why))
        explain(self.button, why or _("Put it back as it was"))


def _columns() -> tuple[Column[MaintenanceRow], ...]:
    return (
        Column("subject", _("What"), lambda row: row.subject, width=0, strong=True,
            tip=lambda row: row.message),
        Column("state", _("State"), lambda row: words.applied_badge(row).word, width=126,
            badge=words.applied_badge, tip=lambda row: row.message),
        Column("started_at", _("When"), lambda row: brief(row.started_at), muted=True,
            width=150, tip=lambda row: exact(row.started_at), value=lambda row: row.started_at),
        Column("actor", _("By"), lambda row: row.actor, width=120),
    )  # fmt: skip
