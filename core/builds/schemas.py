"""What the build service takes and returns."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.events import Event


class BuildState(StrEnum):
    """Where a build stands."""

    PENDING = "pending"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to the build."""
        return self in _FINISHED

    @property
    def active(self) -> bool:
        """Whether a process of the build may be alive."""
        return self in _ACTIVE


_FINISHED = (BuildState.SUCCESS, BuildState.FAILED, BuildState.CANCELLED)
_ACTIVE = (BuildState.RUNNING, BuildState.CANCELLING)


class FailureReason(StrEnum):
    """Why a build failed."""

    EXIT_CODE = "exit_code"
    SIGNAL = "signal"
    TIMEOUT = "timeout"
    NO_OUTPUT = "no_output"
    NOT_STARTED = "not_started"
    LOST = "lost"


class LogLevel(StrEnum):
    """How loud a log line is."""

    PLAIN = "plain"
    WARNING = "warning"
    ERROR = "error"


class LogSource(StrEnum):
    """Who wrote a log line: the build itself, or Buildbench about it."""

    OUTPUT = "output"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class BuildRow:
    """A build as it is stored.

    Durations are in milliseconds, sizes in bytes of masked raw output. ``estimate_ms`` is
    the median of the last ten successes of its project, None without any. ``message`` says
    in words why a build failed, where more is known than the reason.
    """

    id: int
    uid: str
    version: int
    project_id: int
    project: str
    number: int
    state: BuildState
    reason: FailureReason | None
    exit_code: int | None
    signal: int | None
    message: str
    command: str
    directory: str
    environment: dict[str, str]
    secret_names: tuple[str, ...]
    requested_by: str
    origin: str
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    duration_ms: int | None
    log_lines: int
    log_bytes: int
    errors: int
    warnings: int
    estimate_ms: int | None = None


@dataclass(frozen=True, slots=True)
class BuildPage:
    """Builds of a project, the newest first; ``more`` tells whether older ones follow."""

    rows: tuple[BuildRow, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class BuildLog:
    """One line of a log.

    ``sequence_number`` counts from 0. ``message`` holds the raw line without its newline,
    escape sequences included; a line of more than ``LONGEST_MESSAGE`` bytes is cut, ``cut``
    says so, and saving the log gives it whole.
    """

    build_id: int
    sequence_number: int
    level: LogLevel
    timestamp: datetime
    message: str
    source: LogSource = LogSource.OUTPUT
    cut: bool = False


LONGEST_MESSAGE = 4_096


@dataclass(frozen=True, slots=True)
class LogSummary:
    """How much log there is.

    Where the log passed its cap, the ``dropped_lines`` lines from ``dropped_first`` on are
    gone; they still count in ``lines``.
    """

    build_id: int
    lines: int
    bytes: int
    errors: int
    warnings: int
    finished: bool
    dropped_first: int = 0
    dropped_lines: int = 0


@dataclass(frozen=True, slots=True)
class LogGrown(Event):
    """The log of a build that this process takes in has more lines now."""

    build_id: int
    lines: int


@dataclass(frozen=True, slots=True)
class BuildFinished(Event):
    """A build that this process follows came to its end."""

    build: BuildRow
