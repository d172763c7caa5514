"""How the page is laid out: figures above, deeds by what they are for, then the history."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.performance.maintenance.schemas import MaintenanceRow, Task
from core.translation import _
from desktop.figures import ago, size
from desktop.performance.maintenance import words
from desktop.performance.maintenance.calls import Care
from desktop.performance.maintenance.history import History
from desktop.performance.maintenance.task_row import TaskRow
from desktop.performance.scroll import GAP, ScrollPage
from desktop.performance.words import NONE
from desktop.tabs import TabContext
from desktop.widgets.figure_card import FigureCard
from desktop.widgets.marks import label, separator

_SPACE = (Task.VACUUM, Task.INCREMENTAL_VACUUM, Task.CHECKPOINT)
_SPEED = (Task.ANALYZE, Task.OPTIMIZE, Task.REINDEX)
_CHECKS = (Task.QUICK_CHECK, Task.INTEGRITY_CHECK, Task.FOREIGN_KEY_CHECK)
_TWO_COLUMNS_FROM = 1400


class MaintenanceView(ScrollPage):
    """The page.

    Args:
        refusal: Why nothing may be run by this person; empty where it may.
        unwritable: Why the file cannot be changed; empty where it can.

    Attributes:
        beside: Takes further cards, which stand beside the deeds where there is room.

    Signals:
        wanted: A deed is to be done; carries the ``Task`` and ``CheckpointMode`` or None.
    """

    wanted = Signal(object, object)

    def __init__(self, context: TabContext, *, refusal: str, unwritable: str) -> None:
        super().__init__(_("Maintenance"))
        self._refusal, self._unwritable = refusal, unwritable
        self.cards = {
            "file": FigureCard(_("Database")),
            "log": FigureCard(_("Write-ahead log")),
            "free": FigureCard(_("Free inside the file")),
            "check": FigureCard(_("Last check")),
        }
        self.rows = {task: TaskRow(context, task) for task in words.ICONS}
        self.history = History(context.theme)
        tiles = QHBoxLayout()
        tiles.setSpacing(GAP)
        for card in self.cards.values():
            tiles.addWidget(card, 1)
        self.add(tiles)
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._body.setSpacing(GAP)
        deeds, self.beside = QVBoxLayout(), QVBoxLayout()
        for column in (deeds, self.beside):
            column.setSpacing(GAP)
            self._body.addLayout(column, 1)
        for title, tasks in (
            (_("Space"), _SPACE), (_("Speed"), _SPEED), (_("Checks"), _CHECKS),
        ):  # fmt: skip
            deeds.addWidget(self._group(title, tasks))
        deeds.addStretch(1)
        self.beside.addWidget(self.history)
        self.beside.addStretch(1)
        self.add(self._body)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put the history beside the deeds where there is room."""
        super().resizeEvent(event)
        wide = self.viewport().width() >= _TWO_COLUMNS_FROM
        kinds = QBoxLayout.Direction
        self._body.setDirection(kinds.LeftToRight if wide else kinds.TopToBottom)

    def show_care(self, care: Care) -> None:
        """Show how the file stands and what was done."""
        self._show_cards(care)
        newest: dict[Task, MaintenanceRow] = {}
        for run in care.last:
            newest.setdefault(run.task, run)
        for task, row in self.rows.items():
            not_here = words.refusal(task, care.figures, care.forecast)
            last = newest.get(task)
            row.show_last(last, replaced=task in _CHECKS and words.replaced(last, care.last))
            row.show_refusal(self._why_not(task) or not_here)
            row.show_note(not_here)
        if not self.rows[Task.VACUUM].note.text():
            self.rows[Task.VACUUM].show_note(words.forecast_words(care.forecast))
        self.history.show_runs(care.runs)

    def _why_not(self, task: Task) -> str:
        return self._refusal or (self._unwritable if task not in _CHECKS else "")

    def _show_cards(self, care: Care) -> None:
        figures = care.figures
        cards = self.cards
        cards["file"].show_figure(size(figures.file_bytes), words.pages_words(figures))
        cards["log"].show_figure(
            size(figures.wal_bytes) if figures.journal_mode == "wal" else NONE,
            _("journal mode {mode}").format(mode=figures.journal_mode.upper()),
        )
        cards["free"].show_figure(size(figures.freelist_bytes), words.free_words(figures))
        checks = [run for run in care.last if run.task in _CHECKS and run.message]
        if checks:
            before = words.replaced(checks[0], care.last)
            said = words.before_restore() if before else checks[0].message
            cards["check"].show_figure(ago(checks[0].started_at), said)
        else:
            cards["check"].show_figure(_("Never"), _("no check was run yet"))

    def _group(self, title: str, tasks: tuple[Task, ...]) -> QWidget:
        card = QFrame()
        card.setProperty("kind", "card")
        card.setAccessibleName(title)
        column = QVBoxLayout(card)
        column.setContentsMargins(1, 12, 1, 4)
        column.setSpacing(0)
        heading = label(title, "title")
        heading.setContentsMargins(16, 0, 16, 4)
        column.addWidget(heading)
        for place, task in enumerate(tasks):
            if place:
                column.addWidget(separator())
            column.addWidget(self.rows[task])
            self.rows[task].wanted.connect(self.wanted)
        return card
