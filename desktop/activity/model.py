"""The jobs of this process as the window knows them, from the events of the core."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from core.events import Event
from core.progress import JobChanged, JobSnapshot, JobState

_KEPT_FINISHED = 50
UNFINISHED = (JobState.RUNNING, JobState.CANCELLING)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as last told, and when that was (monotonic seconds)."""

    snapshot: JobSnapshot
    told_at: float

    @property
    def running(self) -> bool:
        """Whether the job is under way."""
        return self.snapshot.state in UNFINISHED

    def elapsed_s(self) -> float:
        """Seconds since its start, or that it took; goes on between two events."""
        since = time.monotonic() - self.told_at if self.running else 0.0
        return self.snapshot.elapsed_s + since

    def remaining_s(self) -> float | None:
        """Seconds that it will probably take yet, None where nobody can tell."""
        left = self.snapshot.remaining_s
        if left is None or not self.running:
            return None
        return max(0.0, left - (time.monotonic() - self.told_at))


class Activity(QObject):
    """Running and lately finished jobs, the newest first.

    Signals:
        changed: A job came, moved on or ended; carries its id.
        panel_wanted: Somebody asks for the panel.
    """

    changed = Signal(int)
    panel_wanted = Signal()

    def __init__(self, cancel: Callable[[int], object]) -> None:
        super().__init__()
        self._cancel = cancel
        self._jobs: dict[int, Job] = {}

    def on_event(self, event: Event) -> None:
        """Take an event of the core."""
        if isinstance(event, JobChanged):
            self._jobs[event.job.id] = Job(event.job, time.monotonic())
            self._drop_oldest()
            self.changed.emit(event.job.id)

    def jobs(self) -> tuple[Job, ...]:
        """Return all known jobs, the newest first."""
        return tuple(sorted(self._jobs.values(), key=lambda j: -j.snapshot.id))

    def running(self) -> tuple[Job, ...]:
        """Return the jobs under way, the newest first."""
        return tuple(job for job in self.jobs() if job.running)

    def cancel(self, job_id: int) -> None:
        """Ask a job to stop."""
        self._cancel(job_id)

    def clear_finished(self) -> None:
        """Forget the jobs that are over."""
        self._jobs = {key: job for key, job in self._jobs.items() if job.running}
        self.changed.emit(0)

    def show_panel(self) -> None:
        """Bring the panel into sight."""
        self.panel_wanted.emit()

    def _drop_oldest(self) -> None:
        over = sorted(key for key, job in self._jobs.items() if not job.running)
        for key in over[: max(0, len(over) - _KEPT_FINISHED)]:
            del self._jobs[key]
