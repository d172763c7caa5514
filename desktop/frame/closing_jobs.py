"""What happens to the jobs under way when what they work on is to be closed."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QMessageBox,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from core.translation import _, ngettext
from desktop.activity.model import Activity, Job
from desktop.async_dialogs import ask, finished
from desktop.widgets.job_words import clock_words, show_progress
from desktop.widgets.marks import button, label

_WIDTH = 440
_TICK_MS = 1000


async def may_close(parent: QWidget, activity: Activity) -> bool:
    """Ask whether the jobs under way are waited for; return whether to close now.

    The answer comes when it is clear: at once, or once the jobs that are waited for are over.
    """
    running = activity.running()
    if not running:
        return True
    chosen, _tick = await ask(
        parent,
        title=_title(running),
        text=_(
            "A database that is being packed, checked or backed up stays as it was before."
            " What is broken off has to be done anew."
        ),
        actions=(
            (_("Stay"), QMessageBox.ButtonRole.RejectRole),
            (_broken_off(running), QMessageBox.ButtonRole.DestructiveRole),
            (_waited(running), QMessageBox.ButtonRole.AcceptRole),
        ),
    )
    if chosen == 1 or not activity.running():
        return chosen is not None and chosen > 0
    return chosen == 2 and await _at_the_end(parent, activity)


async def _at_the_end(parent: QWidget, activity: Activity) -> bool:
    dialog = ClosingWhenDone(parent, activity)
    try:
        return await finished(dialog)
    finally:
        dialog.deleteLater()


class ClosingWhenDone(QDialog):
    """Shows how far the jobs are that are waited for; accepts itself when all are over."""

    def __init__(self, parent: QWidget, activity: Activity) -> None:
        super().__init__(parent)
        self._activity = activity
        self.setWindowTitle(_("Closing when it is done"))
        self.setFixedWidth(_WIDTH)
        self.heading = label("", "title", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Progress"))
        self.words = label("", "muted", wrap=True)
        self.stay_button = button(_("Stay"), self.reject)
        self.break_button = button("", self.accept, "danger")
        self._arrange()
        timer = QTimer(self, interval=_TICK_MS)
        timer.timeout.connect(self._show)
        timer.start()
        activity.changed.connect(self._show)
        self._show()

    def _arrange(self) -> None:
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.stay_button)
        foot.addWidget(self.break_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(self.heading)
        column.addWidget(self.bar)
        column.addWidget(self.words)
        column.addLayout(foot)

    def _show(self) -> None:
        running = self._activity.running()
        if not running:
            self.accept()
            return
        job = running[-1]
        self.heading.setText(_title(running))
        self.break_button.setText(_broken_off(running))
        show_progress(self.bar, job.snapshot.fraction)
        time = clock_words(job.elapsed_s(), job.remaining_s())
        self.words.setText(
            _("{state} · {time}").format(
                state=job.snapshot.text or job.snapshot.title, time=time
            )
        )


def _title(running: Sequence[Job]) -> str:
    """Return what is under way; the oldest job first."""
    first, more = running[-1].snapshot.title, len(running) - 1
    if not more:
        return _("“{job}” is under way").format(job=first)
    return ngettext(
        "“{job}” and {count} other job are under way",
        "“{job}” and {count} other jobs are under way",
        more,
    ).format(job=first, count=more)


def _broken_off(running: Sequence[Job]) -> str:
    return ngettext("Break it off and close", "Break them off and close", len(running))


def _waited(running: Sequence[Job]) -> str:
    return ngettext("Wait for it, then close", "Wait for them, then close", len(running))
