"""What the right side of the tab shows: a project, the queue, or the statistics."""

from enum import StrEnum

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from core.translation import _
from desktop.figures import number
from desktop.theme import Metric, Theme


class Area(StrEnum):
    """One of the things that the right side shows."""

    PROJECT = "project"
    QUEUE = "queue"
    STATISTICS = "statistics"


class AreaButtons(QWidget):
    """Two buttons above the projects, for what is of all of them.

    Signals:
        chosen: The person chose an area; carries the ``Area``.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        self.queue = _button(theme, "queue", _("Queue"))
        self.statistics = _button(theme, "chart-line-up", _("Statistics"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 0)
        layout.setSpacing(2)
        for area, made in ((Area.QUEUE, self.queue), (Area.STATISTICS, self.statistics)):
            layout.addWidget(made)
            made.clicked.connect(lambda _on=False, area=area: self.chosen.emit(area))

    def show_area(self, area: Area) -> None:
        """Show which area is in sight."""
        self.queue.setChecked(area is Area.QUEUE)
        self.statistics.setChecked(area is Area.STATISTICS)

    def tell_queue(self, waiting: int, *, paused: bool) -> None:
        """Say how many builds wait, and whether that is because none may start."""
        words = _("Queue")
        if waiting and paused:
            words = _("Queue · paused, {count} waiting")
        elif paused:
            words = _("Queue · paused")
        elif waiting:
            words = _("Queue · {count} waiting")
        self.queue.setText(words.format(count=number(waiting)))


def _button(theme: Theme, icon: str, words: str) -> QPushButton:
    made = QPushButton(theme.icon(icon), words)
    made.setProperty("kind", "area")
    made.setCheckable(True)
    made.setAutoDefault(False)
    made.setIconSize(QSize(Metric.ICON, Metric.ICON))
    return made
