"""The window in which a backup is chosen for a database that is damaged or gone."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.errors import AppError
from core.performance.backups.schemas import Backup
from core.translation import _
from desktop.frame.services import Services
from desktop.performance.backups.card import columns
from desktop.performance.jobs import JobPlace
from desktop.theme import Metric, Role
from desktop.widgets.figure_table import FigureTable
from desktop.widgets.marks import Mark, button, label
from desktop.widgets.tips import explain

_SIZE = (860, 440)


class RestoreWindow(QDialog):
    """Says why a database cannot be opened, and which backups there are of it.

    Args:
        error: Why it cannot.
        promise: What becomes of the file.
        backups: The newest first.

    Signals:
        restore_wanted: Carries the ``Backup``.
        file_wanted: One that is not in the list is to be restored.
    """

    restore_wanted = Signal(object)
    file_wanted = Signal()

    def __init__(
        self,
        parent: QWidget,
        services: Services,
        error: AppError,
        promise: str,
        backups: tuple[Backup, ...],
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Restore a backup"))
        self.resize(*_SIZE)
        self.table = FigureTable[Backup](
            services.theme, columns(), name=_("Backups"), key=lambda one: str(one.path)
        )
        self.table.chosen.connect(lambda _one: self._follow())
        self.table.opened.connect(self.restore_wanted)
        self.place = JobPlace(services)
        self.place.moved.connect(self._follow)
        self.restore_button = button(_("Restore…"), self._restore, "primary")
        self.file_button = button(_("Choose a file…"), self.file_wanted.emit)
        self.leave_button = button(_("Not now"), self.reject)
        self._lay_out(services, error, promise, found=bool(backups))
        self.table.show_rows(backups)
        good = [one for one in backups if one.good]
        if good:
            self.table.choose(str(good[0].path))
        self._follow()

    def reject(self) -> None:
        """Close, unless a backup is being put in place: that is cancelled by its own button."""
        if not self.place.busy:
            super().reject()

    def _restore(self) -> None:
        if self.table.current is not None:
            self.restore_wanted.emit(self.table.current)

    def _follow(self) -> None:
        busy = _("A backup is being restored.") if self.place.busy else ""
        one = self.table.current
        none = _("Choose a backup first.") if one is None else one.problem
        for part, why in (
            (self.restore_button, busy or none),
            (self.file_button, busy),
            (self.leave_button, busy),
        ):
            part.setDisabled(bool(why))
            explain(part, why)

    def _lay_out(
        self, services: Services, error: AppError, promise: str, *, found: bool
    ) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(Mark(services.theme, "warning-circle", Role.FAILURE, 24))
        head.addWidget(label(error.title, "title", wrap=True), 1)
        foot = QHBoxLayout()
        foot.setSpacing(Metric.GRID)
        foot.addWidget(self.file_button)
        foot.addStretch(1)
        foot.addWidget(self.leave_button)
        foot.addWidget(self.restore_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(10)
        layout.addLayout(head)
        for text, kind in ((error.detail, ""), (promise, "muted")):
            if text:
                layout.addWidget(label(text, kind, wrap=True))
        none = _("No backup of this file is known. If you have one elsewhere, choose its file.")
        card = QFrame()
        card.setProperty("kind", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.table)
        self.none = label(none, wrap=True)
        for part in (card, self.none):
            layout.addWidget(part, 1)
        card.setVisible(found)
        self.none.setVisible(not found)
        layout.addWidget(self.place)
        layout.addLayout(foot)
