"""Long work of a page: run as a job, and shown in its own place with progress and Cancel."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

import shiboken6
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from core.errors import AppError, CancelledByUserError
from core.progress import JobState, Progress
from core.security.actors import Actor
from core.translation import _
from desktop.performance.calls import PageCalls
from desktop.theme import Metric
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.job_words import clock_words, show_progress, state_words
from desktop.widgets.marks import button, label
from desktop.widgets.tips import explain

if TYPE_CHECKING:
    from core.app import Core
    from core.performance.service import Performance
    from desktop.activity.model import Activity
    from desktop.failures import Failures
    from desktop.theme import Theme

T = TypeVar("T")

_TICK_MS = 1000
_BAR = 160


class Ticket:
    """What a page holds of a job that it wants; ``id`` is 0 until the core has begun it."""

    def __init__(self) -> None:
        self.id = 0


class JobCalls(PageCalls):
    """Calls that take their time, each as a job of the activity panel."""

    async def work(
        self,
        title: str,
        ticket: Ticket,
        call: "Callable[[Performance, Actor, Progress], Awaitable[T]]",
    ) -> T:
        """Do something as a job that is seen and can be cancelled, and note which it is.

        Raises:
            CancelledByUserError: It was cancelled in time.
            AppError: The core refuses it, or it failed.
        """
        workspace, actor = self._workspace.workspace, self._actor

        async def run(core: "Core") -> T:
            def begin(progress: Progress) -> Awaitable[T]:
                ticket.id = core.jobs.snapshots()[0].id  # the newest is this one
                return call(workspace.performance, actor, progress)

            return await core.jobs.run(title, begin)

        return await self._workspace.core.run(run)


class JobSurroundings(Protocol):
    """What a place needs of where it stands; a ``TabContext`` has all of it."""

    @property
    def failures(self) -> "Failures":
        """Takes errors that nobody sees in their place."""

    @property
    def activity(self) -> "Activity":
        """Running and finished jobs."""

    @property
    def theme(self) -> "Theme":
        """Colours and icons."""


class JobPlace(QWidget):
    """Where one kind of work goes on: how far it is, Cancel, and why it failed.

    Nothing is to be seen of it while there is nothing to be told. A failure while it is out of
    sight is told by a notification as well.

    Signals:
        moved: Work began or ended here.
    """

    moved = Signal()

    def __init__(self, context: JobSurroundings) -> None:
        super().__init__()
        self._activity, self._failures = context.activity, context.failures
        self._ticket: Ticket | None = None
        self.error = ErrorPanel(context.theme)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(_("Progress"))
        self.bar.setFixedWidth(_BAR)
        self.words = label("", "muted", wrap=True)
        self.cancel_button = button(_("Cancel"), self._cancel)
        self._strip = QWidget()
        row = QHBoxLayout(self._strip)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(Metric.GRID + 4)
        row.addWidget(self.bar)
        row.addWidget(self.words, 1)
        row.addWidget(self.cancel_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Metric.GRID)
        column.addWidget(self._strip)
        column.addWidget(self.error)
        self._strip.hide()
        self.hide()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._show)
        context.activity.changed.connect(self._follow)

    @property
    def busy(self) -> bool:
        """Whether work goes on here."""
        return self._ticket is not None

    async def run(self, call: Callable[[Ticket], Awaitable[T]]) -> T | None:
        """Await work that notes its job, and show it; None where it was cancelled or failed."""
        ticket = self._begin()
        try:
            return await call(ticket)
        except CancelledByUserError:
            return None
        except AppError as error:
            if not shiboken6.isValid(self):
                raise
            self.error.show_error(error)
            if not self.isVisible():
                self._failures.handle(error, "work out of sight")
            return None
        finally:
            if shiboken6.isValid(self):
                self._end()

    def fail(self, error: AppError) -> None:
        """Say why work was not even begun."""
        self.error.show_error(error)
        self.show()

    def _begin(self) -> Ticket:
        self._ticket = Ticket()
        self.error.clear()
        self.cancel_button.setEnabled(False)
        self.words.setText(_("Beginning"))
        show_progress(self.bar, None)
        self._strip.show()
        self.show()
        self._timer.start()
        self.moved.emit()
        return self._ticket

    def _end(self) -> None:
        self._ticket = None
        self._timer.stop()
        self._strip.hide()
        self.setVisible(self.error.isVisibleTo(self))
        self.moved.emit()

    def _cancel(self) -> None:
        if self._ticket is not None and self._ticket.id:
            self._activity.cancel(self._ticket.id)

    def _follow(self, job_id: int) -> None:
        if self._ticket is not None and job_id and job_id == self._ticket.id:
            self._show()

    def _show(self) -> None:
        """Show how the job stands at this moment; its clock goes on between two events."""
        wanted = self._ticket.id if self._ticket is not None else 0
        found = [job for job in self._activity.running() if job.snapshot.id == wanted]
        if not found:
            return
        job, snapshot = found[0], found[0].snapshot
        self.bar.setAccessibleName(_("Progress of {title}").format(title=snapshot.title))
        show_progress(self.bar, snapshot.fraction)
        stoppable = snapshot.cancellable and snapshot.state is JobState.RUNNING
        self.cancel_button.setEnabled(stoppable)
        late = "" if snapshot.cancellable else _("It is too late to cancel; it is finishing.")
        explain(self.cancel_button, late)
        at = snapshot.text
        if snapshot.state is JobState.CANCELLING or not at:
            at = state_words(snapshot.state)
        time = clock_words(job.elapsed_s(), job.remaining_s())
        self.words.setText(_("{state} · {time}").format(state=at, time=time))
