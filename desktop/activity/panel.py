"""The activity panel: running and finished jobs with progress, time left and Cancel."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.progress import JobState
from core.translation import _
from desktop.activity.model import Activity, Job
from desktop.theme import Role, Theme
from desktop.widgets.job_words import clock_words, show_progress, state_words
from desktop.widgets.marks import Mark, button, copy_text, icon_button, label, separator

_TICK_MS = 1000
_WIDTH = 320

_MARKS = {
    JobState.RUNNING: ("play", Role.ACCENT),
    JobState.CANCELLING: ("prohibit", Role.WARNING),
    JobState.SUCCEEDED: ("check-circle", Role.SUCCESS),
    JobState.FAILED: ("x-circle", Role.FAILURE),
    JobState.CANCELLED: ("prohibit", Role.MUTED),
}


def time_words(job: Job) -> str:
    """Return elapsed time and, where it can be told, what is left."""
    return clock_words(job.elapsed_s(), job.remaining_s())


class JobCard(QFrame):
    """One job; it lives as long as the panel knows the job."""

    def __init__(self, theme: Theme, activity: Activity, job: Job) -> None:
        super().__init__()
        self.job = job
        self.setProperty("kind", "card")
        self._mark = Mark(theme)
        self._title = label("", "heading", wrap=True)
        self._state = label("", "muted")
        self._text = label("", "muted", wrap=True)
        self._error = label("", "error", wrap=True)
        self._error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        job_id = job.snapshot.id
        self.cancel_button = button(_("Cancel"), lambda: activity.cancel(job_id), "quiet")
        self.copy_button = button(_("Copy"), self._copy_error, "quiet")
        self._arrange()
        self.show_job(job)

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 1)
        foot = QHBoxLayout()
        foot.addWidget(self._state, 1)
        foot.addWidget(self.copy_button)
        foot.addWidget(self.cancel_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 8, 6)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._text)
        layout.addWidget(self._error)
        layout.addWidget(self._bar)
        layout.addLayout(foot)

    def show_job(self, job: Job) -> None:
        """Take a newer state of the job."""
        self.job = job
        snapshot = job.snapshot
        self._mark.show_icon(*_MARKS[snapshot.state])
        self._title.setText(snapshot.title)
        self._text.setText(snapshot.text)
        self._text.setVisible(bool(snapshot.text) and job.running)
        self._error.setText(snapshot.error.replace("\n\n", "\n"))
        self._error.setVisible(bool(snapshot.error))
        self.copy_button.setVisible(bool(snapshot.error))
        self.cancel_button.setVisible(job.running)
        self.cancel_button.setEnabled(
            snapshot.cancellable and snapshot.state is JobState.RUNNING
        )
        self._bar.setVisible(job.running)
        show_progress(self._bar, snapshot.fraction)
        self.tick()
        self.setAccessibleName(
            _("{title}: {state}").format(
                title=snapshot.title, state=state_words(snapshot.state)
            )
        )
        self._bar.setAccessibleName(_("Progress of {title}").format(title=snapshot.title))

    def tick(self) -> None:
        """Let the clock go on."""
        self._state.setText(
            _("{state} · {time}").format(
                state=state_words(self.job.snapshot.state), time=time_words(self.job)
            )
        )

    def _copy_error(self) -> None:
        copy_text(f"{self.job.snapshot.title}\n\n{self.job.snapshot.error}")


class ActivityPanel(QFrame):
    """The panel at the right side of the window.

    Args:
        on_close: Called by the cross in its corner.
    """

    def __init__(self, theme: Theme, activity: Activity, on_close: Callable[[], None]) -> None:
        super().__init__()
        self._theme, self._activity = theme, activity
        self._cards: dict[int, JobCard] = {}
        self.setProperty("kind", "pane")
        self.setFixedWidth(_WIDTH)
        self.setAccessibleName(_("Activity"))
        self._empty = self._make_empty()
        self._list = QVBoxLayout()
        self._list.setContentsMargins(12, 12, 12, 12)
        self._list.setSpacing(8)
        self._clear = button(_("Clear finished"), activity.clear_finished, "quiet")
        self._arrange(on_close)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        activity.changed.connect(self._refresh)
        self._refresh()

    def focus_main(self) -> None:
        """Give the keyboard to the newest job, or to the panel itself."""
        running = [c for c in self._cards.values() if c.cancel_button.isVisibleTo(self)]
        (running[0].cancel_button if running else self._close).setFocus()

    def cards(self) -> list[JobCard]:
        """Return what is shown, the newest first."""
        return [self._cards[job.snapshot.id] for job in self._activity.jobs()]

    def _make_empty(self) -> QWidget:
        empty = QWidget()
        layout = QVBoxLayout(empty)
        layout.setContentsMargins(24, 48, 24, 24)
        layout.setSpacing(8)
        centre = Qt.AlignmentFlag.AlignHCenter
        layout.addWidget(Mark(self._theme, "check-circle", size=32), 0, centre)
        title = label(_("Nothing is running"), "heading")
        words = label(
            _("Long jobs such as making the demo workspace appear here while they run."),
            "muted",
            wrap=True,
        )
        words.setAlignment(centre)
        layout.addWidget(title, 0, centre)
        layout.addWidget(words)
        layout.addStretch(1)
        return empty

    def _arrange(self, on_close: Callable[[], None]) -> None:
        head = QFrame()
        head.setProperty("kind", "bar")
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 6, 8, 6)
        row.addWidget(label(_("Activity"), "heading"), 1)
        row.addWidget(self._clear)
        self._close = icon_button(self._theme, "x", _("Close the panel (F8)"), on_close)
        row.addWidget(self._close)
        body = QWidget()
        body.setLayout(self._list)
        self._list.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName(_("Jobs"))
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(body)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self._empty, 1)
        column.addWidget(self._scroll, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(separator(vertical=True))
        layout.addLayout(column, 1)

    def _refresh(self, _job_id: int = 0) -> None:
        jobs = self._activity.jobs()
        known = {job.snapshot.id for job in jobs}
        for gone in set(self._cards) - known:
            card = self._cards.pop(gone)
            self._list.removeWidget(card)
            card.deleteLater()
        for place, job in enumerate(jobs):
            self._show(job, place)
        self._empty.setVisible(not jobs)
        self._scroll.setVisible(bool(jobs))
        self._clear.setVisible(any(not job.running for job in jobs))
        running = any(job.running for job in jobs)
        if running != self._timer.isActive():
            (self._timer.start if running else self._timer.stop)()

    def _show(self, job: Job, place: int) -> None:
        card = self._cards.get(job.snapshot.id)
        if card is None:
            card = self._cards[job.snapshot.id] = JobCard(self._theme, self._activity, job)
            self._list.insertWidget(place, card)
        elif card.job is not job:
            card.show_job(job)

    def _tick(self) -> None:
        for card in self._cards.values():
            if card.job.running:
                card.tick()
