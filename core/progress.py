"""Long work that a person watches: fraction, words, estimate and an honest cancel."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from core.errors import AppError, CancelledByUserError
from core.events import Event, EventBus
from core.translation import _

_MIN_INTERVAL_S = 0.1
_KEPT_FINISHED = 50

T = TypeVar("T")


class JobState(StrEnum):
    """Where a job stands."""

    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class JobSnapshot:
    """A job as it stands now, for showing.

    ``fraction`` is 0 to 1, None while unknown; ``remaining_s`` an estimate in seconds, None
    while there is none; ``error`` says why it failed.
    """

    id: int
    title: str
    text: str
    state: JobState
    fraction: float | None
    elapsed_s: float
    remaining_s: float | None
    cancellable: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class JobChanged(Event):
    """A job started, moved on or ended."""

    job: JobSnapshot


class Progress:
    """What the work itself holds: it reports here and asks here whether to go on."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._last_report = float("-inf")
        self.fraction: float | None = None
        self.text = ""
        self.cancellable = True

    def report(self, fraction: float | None = None, text: str | None = None) -> None:
        """Say how far the work is; cheap to call often, told at most ten times a second."""
        if fraction is not None:
            self.fraction = min(max(fraction, 0.0), 1.0)
        if text is not None:
            self.text = text
        now = time.monotonic()
        if now - self._last_report >= _MIN_INTERVAL_S:
            self._last_report = now
            self._on_change()

    def no_return(self, text: str) -> None:
        """From here on the work completes, cancelled or not, and says so."""
        self.cancellable = False
        self._last_report = float("-inf")
        self.report(text=text)


class _Job:
    def __init__(self, job_id: int, title: str, bus: EventBus) -> None:
        self.id = job_id
        self.title = title
        self.state = JobState.RUNNING
        self.error = ""
        self.task: asyncio.Future[Any] | None = None
        self.progress = Progress(self.publish)
        self._bus = bus
        self._started = time.monotonic()
        self._ended: float | None = None

    def end(self, state: JobState, error: str = "") -> None:
        self.state, self.error, self._ended = state, error, time.monotonic()
        self.publish()

    def publish(self) -> None:
        self._bus.publish(JobChanged(self.snapshot()))

    def snapshot(self) -> JobSnapshot:
        elapsed = (self._ended or time.monotonic()) - self._started
        fraction = self.progress.fraction
        running = self._ended is None
        known = running and fraction is not None and fraction > 0.02 and elapsed > 1
        return JobSnapshot(
            id=self.id,
            title=self.title,
            text=self.progress.text,
            state=self.state,
            fraction=fraction,
            elapsed_s=elapsed,
            remaining_s=elapsed * (1 - fraction) / fraction if known and fraction else None,
            cancellable=running and self.progress.cancellable,
            error=self.error,
        )


# The job that a task does, or is part of.
_around: ContextVar[_Job | None] = ContextVar("_around", default=None)


def nobody_asked() -> bool:
    """Tell whether the work ends, where it is cancelled, for another reason than ``cancel``.

    Such as the end of the program. False outside of any job: who else would have asked?
    """
    job = _around.get()
    return job is not None and job.state is not JobState.CANCELLING


class JobBoard:
    """All jobs of this process, running and lately finished."""

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus
        self._ids = itertools.count(1)
        self._jobs: dict[int, _Job] = {}

    async def run(self, title: str, work: Callable[[Progress], Awaitable[T]]) -> T:
        """Do the work as a job that people see; its result or its error comes back.

        Raises:
            CancelledByUserError: When it was cancelled through ``cancel``.
        """
        job = _Job(next(self._ids), title, self._bus)
        self._jobs[job.id] = job
        self._drop_oldest()
        around = _around.set(job)
        task = asyncio.ensure_future(work(job.progress))
        _around.reset(around)
        job.task = task
        job.publish()
        try:
            result = await task
        except asyncio.CancelledError:
            asked = job.state is JobState.CANCELLING
            job.end(JobState.CANCELLED)
            if not asked:
                task.cancel()
                raise
            raise CancelledByUserError(
                _("{title} was cancelled.").format(title=title)
            ) from None
        except AppError as error:
            job.end(JobState.FAILED, error.as_text())
            raise
        except Exception as error:
            job.end(JobState.FAILED, str(error))
            raise
        job.progress.fraction = 1.0
        job.end(JobState.SUCCEEDED)
        return result

    def cancel(self, job_id: int) -> bool:
        """Ask a job to stop; False when it is too late or already over."""
        job = self._jobs.get(job_id)
        if job is None or job.task is None or job.state is not JobState.RUNNING:
            return False
        if not job.progress.cancellable:
            return False
        job.state = JobState.CANCELLING
        job.publish()
        job.task.cancel()
        return True

    async def close(self) -> None:
        """Cancel what runs and wait for its end."""
        running = [job.task for job in self._jobs.values() if job.state in _UNFINISHED]
        tasks = [task for task in running if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def snapshots(self) -> tuple[JobSnapshot, ...]:
        """Return all known jobs, the newest first."""
        return tuple(job.snapshot() for job in reversed(self._jobs.values()))

    def _drop_oldest(self) -> None:
        finished = [j.id for j in self._jobs.values() if j.state not in _UNFINISHED]
        for job_id in finished[: max(0, len(finished) - _KEPT_FINISHED)]:
            del self._jobs[job_id]


_UNFINISHED = (JobState.RUNNING, JobState.CANCELLING)
