"""What the services of builds take and return."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, field_validator

from core.database.fields.choices import choice
from core.events import Event
from core.projects.schemas import Checkout, Priority, checked_branch, checked_names


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


def stored_state(stored: object) -> BuildState:
    """Return the state that a row holds; one that is not known is an end that failed."""
    return choice(BuildState, stored, BuildState.FAILED)


_FINISHED = (BuildState.SUCCESS, BuildState.FAILED, BuildState.CANCELLED)
_ACTIVE = (BuildState.RUNNING, BuildState.CANCELLING)


class FailureReason(StrEnum):
    """Why a build failed."""

    EXIT_CODE = "exit_code"
    SIGNAL = "signal"
    TIMEOUT = "timeout"
    NO_OUTPUT = "no_output"
    NOT_STARTED = "not_started"
    CHECKOUT = "checkout"
    BEFORE_STEP = "before_step"
    AFTER_STEP = "after_step"
    LOST = "lost"


class TriggerKind(StrEnum):
    """What queued a build; ``UNKNOWN`` where a row says what is not known here."""

    MANUAL = "manual"
    TERMINAL = "terminal"
    RETRY = "retry"
    AUTOMATIC_RETRY = "automatic_retry"
    SCHEDULE = "schedule"
    COMMITS = "commits"
    AFTER_PROJECT = "after_project"
    UNKNOWN = "unknown"


class BuildRequest(BaseModel):
    """What is asked for beyond the project as it stands ("Run with…").

    ``branch`` replaces that of the project; ``build_type`` names one of its types;
    ``environment`` adds to and wins over the variables of project and type; ``priority`` of
    None is that of the project.
    """

    model_config = ConfigDict(frozen=True)

    branch: str = Field(default="", max_length=255)
    build_type: str = ""
    environment: dict[str, str] = Field(default_factory=dict)
    priority: Priority | None = None

    @field_validator("branch")
    @classmethod
    def _a_reference(cls, value: str) -> str:
        return checked_branch(value)

    @field_validator("environment")
    @classmethod
    def _legal_names(cls, value: dict[str, str]) -> dict[str, str]:
        checked_names(value)
        return value


@dataclass(frozen=True, slots=True)
class Cause:
    """What queued a build.

    ``detail`` says it in its own terms: a cron expression, a commit hash, the name of a
    project. ``build_id`` is the build that it follows from, ``attempt`` which try it is.
    """

    trigger: TriggerKind = TriggerKind.MANUAL
    detail: str = ""
    build_id: int | None = None
    attempt: int = 1


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
    the median of the last ten successes of its project, None without any, and
    ``late_after_ms`` their 90th percentile: a build that takes longer is overdue.
    ``message`` says in words why a build failed, where more is known than the reason.
    ``cpu_ms``, ``cpu_peak`` (per cent of one core) and ``memory_peak`` (bytes) are of all its
    processes. ``problems`` is None until the log was searched for them.
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
    late_after_ms: int | None = None
    trigger: TriggerKind = TriggerKind.MANUAL
    trigger_detail: str = ""
    caused_by: int | None = None
    retry_of: int | None = None
    attempt: int = 1
    build_type: str = ""
    repository_url: str = ""
    branch: str = ""
    checkout: Checkout = Checkout.FOLDER
    commit_hash: str = ""
    commit_author: str = ""
    commit_subject: str = ""
    commit_at: datetime | None = None
    dirty: bool | None = None
    before_steps: tuple[str, ...] = ()
    after_steps: tuple[str, ...] = ()
    artifact_patterns: tuple[str, ...] = ()
    priority: int = 0
    position: int = 0
    nice: int = 0
    leave_processes: bool = False
    note: str = ""
    pinned: bool = False
    cpu_ms: int | None = None
    cpu_peak: float | None = None
    memory_peak: int | None = None
    problems: int | None = None
    artifact_count: int = 0
    artifact_bytes: int = 0
    log_removed_at: datetime | None = None
    artifacts_removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BuildSampleRow:
    """What all processes of a build used about one moment; see ``tables.BuildSample``."""

    offset_ms: int
    cpu: float
    memory: int
    processes: int


@dataclass(frozen=True, slots=True)
class ArtifactRow:
    """A file that a build made.

    ``path`` is where it lay in the folder of the build; ``size_before`` its size in the last
    successful build before, None where that had none of this path. ``removed_at`` tells that
    the file was not kept; what is known of it stays.
    """

    id: int
    build_id: int
    path: str
    size: int
    sha256: str
    modified_at: datetime
    removed_at: datetime | None = None
    size_before: int | None = None


class Severity(StrEnum):
    """How bad a problem is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """What a compiler or a test runner complains of.

    ``line`` is where in the log (from 0); ``file`` is as the tool printed it, ``row`` and
    ``column`` count from 1.
    """

    line: int
    severity: Severity
    tool: str
    file: str
    row: int | None
    column: int | None
    message: str


@dataclass(frozen=True, slots=True)
class LogGroup:
    """Lines of a log that belong together: the heading, and the last line of it.

    ``last`` is None while the group is open at the end of the log.
    """

    first: int
    last: int | None
    title: str


@dataclass(frozen=True, slots=True)
class LogMatches:
    """Where a log holds what was searched for.

    ``lines`` are the numbers of the matching lines, in order, the first ``MOST_MATCHES`` of
    them; ``total`` counts all matching lines.
    """

    lines: tuple[int, ...]
    total: int


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
MOST_MATCHES = 100_000


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
class SamplesGrown(Event):
    """The curve of a build that this process takes in has more samples now."""

    build_id: int


@dataclass(frozen=True, slots=True)
class BuildFinished(Event):
    """A build that this process follows came to its end."""

    build: BuildRow
