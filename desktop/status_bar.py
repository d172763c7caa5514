"""The line at the bottom: health, sizes, who leads, what is waited for, what runs."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QSizePolicy,
    QStatusBar,
    QToolButton,
    QWidget,
)

from core.errors import AppError, FileGoneError
from core.translation import _, ngettext
from core.workspaces.schemas import WorkspaceInfo, WorkspaceKind, WorkspaceStatus
from desktop import figures
from desktop.activity.model import Activity, Job
from desktop.activity.panel import time_words
from desktop.frame.running_line import RunningLine
from desktop.theme import Role, Theme, set_kind
from desktop.widgets.job_words import show_progress
from desktop.widgets.marks import Mark, label
from desktop.widgets.tips import explain

HEIGHT = 32
_BAR_WIDTH = 90
_TICK_MS = 1000
_DOT = 10
_KINDS = {Role.SUCCESS: "success", Role.WARNING: "warning", Role.FAILURE: "error"}


class Words(QFrame):
    """An icon with words; hidden while there are none."""

    def __init__(self, theme: Theme, icon: str = "", size: int = 14) -> None:
        super().__init__()
        self.icon = Mark(theme, icon, size=size)
        self.words = label("", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        row.addWidget(self.icon)
        row.addWidget(self.words)
        self.hide()

    def tell(self, text: str, tip: str = "") -> None:
        """Show a text with its tool tip; an empty one hides all."""
        self.words.setText(text)
        explain(self, tip)
        self.setVisible(bool(text))


class JobLine(QFrame):
    """The newest running job; a click opens the activity panel."""

    def __init__(self, theme: Theme, activity: Activity) -> None:
        super().__init__()
        self._activity = activity
        self.job: Job | None = None
        self.words = label("", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(_BAR_WIDTH)
        self.bar.setAccessibleName(_("Progress of the job"))
        self.cancel_button = QToolButton()
        self.cancel_button.setText(_("Cancel"))
        self.cancel_button.clicked.connect(self._cancel)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(_("Show all jobs (F8)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Mark(theme, "play", Role.ACCENT, 12))
        row.addWidget(self.words)
        row.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.cancel_button)
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._tick)
        activity.changed.connect(self._refresh)
        self.hide()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        """Show the panel."""
        self._activity.show_panel()

    def _refresh(self, _job_id: int) -> None:
        running = self._activity.running()
        self.job = running[0] if running else None
        self.setVisible(self.job is not None)
        if self.job is None:
            self._timer.stop()
            return
        self._timer.start()
        show_progress(self.bar, self.job.snapshot.fraction)
        self.cancel_button.setEnabled(self.job.snapshot.cancellable)
        self._tick()

    def _tick(self) -> None:
        if self.job is None:
            return
        line = _job_words(self.job)
        if more := len(self._activity.running()) - 1:
            line = ngettext("{job} and {count} more", "{job} and {count} more", more).format(
                job=line, count=more
            )
        self.words.setText(line)

    def _cancel(self) -> None:
        if self.job is not None:
            self._activity.cancel(self.job.snapshot.id)


class Health(Words):
    """How the database does; a click leads to the alerts while one is told.

    Signals:
        wanted: The alerts are to be seen.
    """

    wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "circle-fill", _DOT)
        self._leads = False

    def lead(self, leads: bool) -> None:
        """Let a click lead to the alerts, or to nowhere."""
        self._leads = leads
        shape = Qt.CursorShape.PointingHandCursor if leads else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        """Lead to the alerts."""
        if self._leads:
            self.wanted.emit()


class StatusBar(QStatusBar):
    """What holds for the open workspace, in one line."""

    def __init__(self, theme: Theme, activity: Activity) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.setFixedHeight(HEIGHT)
        self.setContentsMargins(12, 0, 8, 0)
        self.health = Health(theme)
        self.sizes = Words(theme)
        self.sizes.icon.hide()
        self.mode = Words(theme, "lock")
        self.leader = Words(theme, "crown")
        self.waiting = Words(theme, "hourglass-medium")
        self.job = JobLine(theme, activity)
        for left in (self.health, self.sizes, self.mode, self.leader):
            self.addWidget(_spaced(left))
        self.builds = RunningLine(theme)
        for right in (_spaced(self.waiting), self.builds, _spaced(self.job)):
            self.addPermanentWidget(right)
        self._info: WorkspaceInfo | None = None
        self._waits = False
        self._alert: tuple[str, str, bool] | None = None
        self._failure: AppError | None = None

    def show_workspace(self, info: WorkspaceInfo | None) -> None:
        """Show what holds as long as a workspace is open; None when it was closed."""
        self._info = info
        self._waits = False
        self._alert = self._failure = None
        self.waiting.tell("")
        self.builds.show_builds(())
        for words in (self.sizes, self.leader, self.mode):
            words.tell("")
        if info is None:
            self.health.tell("")
            return
        if info.kind is WorkspaceKind.PLAIN and not info.unwritable:
            self.mode.icon.show_icon("lock", Role.MUTED)
            asked = _("Nothing is written to it before you ask for exactly that.")
            self.mode.tell(_("Not a workspace"), asked)
        elif info.read_only:
            self.mode.icon.show_icon("lock", Role.MUTED)
            self.mode.tell(_("Read only"), info.read_only)
        elif not info.trusted:
            self.mode.icon.show_icon("shield-warning", Role.WARNING)
            self.mode.tell(_("Not trusted"), _("Nothing in it runs until you trust it."))
        self._show_health()

    def show_failure(self, error: AppError) -> None:
        """Show why the state cannot be told."""
        if self._info is None:
            return
        self._failure = error
        self.sizes.tell("")
        self._show_health()

    def show_status(self, status: WorkspaceStatus) -> None:
        """Show the state as asked last."""
        if self._info is None:
            return
        self._failure = None
        self._show_health()
        self.sizes.tell(
            _("{size} · WAL {wal}").format(
                size=figures.size(status.database_bytes), wal=figures.size(status.wal_bytes)
            ),
            _("Database {size} bytes, write-ahead log {wal} bytes").format(
                size=figures.number(status.database_bytes),
                wal=figures.number(status.wal_bytes),
            ),
        )
        self._show_leader(status)

    def show_waiting(self, text: str) -> None:
        """Show what a write waits for; an empty text ends the wait."""
        self._waits = bool(text)
        self.waiting.icon.show_icon("hourglass-medium", Role.WARNING)
        self.waiting.tell(text, text)
        if self._info is not None:
            self._show_health()

    def show_alert(self, title: str, tip: str = "", *, grave: bool = False) -> None:
        """Show the worst alert in the place of health; an empty title shows health again."""
        self._alert = (title, tip, grave) if title else None
        if self._info is not None:
            self._show_health()

    def _show_leader(self, status: WorkspaceStatus) -> None:
        # The lease in a copy of a workspace is that of the original.
        another = status.leader and not status.leading
        if another and self._info is not None and self._info.trusted:
            self.leader.tell(
                _("Another window runs the builds"),
                _("This window takes over when {process} ends.").format(process=status.leader),
            )
        else:
            self.leader.tell("")

    def _show_health(self) -> None:
        error = self._failure
        self.health.lead(self._alert is not None and error is None)
        if error is not None:
            gone = isinstance(error, FileGoneError)
            words = _("File gone") if gone else _("Not answering")
            self._set_health(words, Role.FAILURE, error.as_text())
        elif self._alert is not None:
            title, tip, grave = self._alert
            self._set_health(title, Role.FAILURE if grave else Role.WARNING, tip)
        elif self._waits:
            self._set_health(_("Waiting"), Role.WARNING, _("A write waits for its turn."))
        else:
            self._set_health(_("Healthy"), Role.SUCCESS, _("The database answers."))

    def _set_health(self, text: str, role: Role, tip: str) -> None:
        self.health.icon.show_icon("circle-fill", role)
        set_kind(self.health.words, _KINDS[role])
        self.health.tell(text, tip)


def _job_words(job: Job) -> str:
    title, time, fraction = job.snapshot.title, time_words(job), job.snapshot.fraction
    if fraction is None:
        return _("{title} · {time}").format(title=title, time=time)
    return _("{title} {percent} · {time}").format(
        title=title, percent=figures.percent(fraction), time=time
    )


def _spaced(widget: QWidget) -> QWidget:
    widget.setContentsMargins(0, 0, 12, 0)
    widget.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
    return widget
