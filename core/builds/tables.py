"""The tables of builds and their logs."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from core.database.fields.times import UtcDateTime


def _of_build(**options: Any) -> Any:
    return Column(ForeignKey("builds.id", ondelete="CASCADE"), nullable=False, **options)


def _default(value: str) -> dict[str, str]:
    return {"server_default": value}


def _list() -> Any:
    return Field(
        default_factory=list,
        sa_column=Column(JSON, nullable=False, server_default=text("'[]'")),
    )


class Build(SQLModel, table=True):
    """One run of a project's command.

    What runs is what the project said when the build was queued. ``spool_…`` and
    ``samples_offset`` are how far what the supervisor writes was taken in; they move in the
    transaction that stores it. Waiting builds start by ``priority``, then ``position``.
    ``caused_by`` is the build whose success queued this one; it may be gone.
    ``slot`` numbers the work tree in which a build of a repository runs. ``problems`` is None
    until the log was searched for them. ``log_chunks`` is how many there were, and 0 again once
    a log that was removed is all gone. Curves: ``cpu_ms`` is the time of all processes,
    ``cpu_peak`` in per cent of one core, ``memory_peak`` in bytes.
    """

    __tablename__ = "builds"
    __table_args__ = (
        Index("ix_builds_project_number", "project_id", "number", unique=True),
        Index("ix_builds_state", "state", "queued_at"),
        Index("ix_builds_requested_by_uid", "requested_by_uid"),
        Index("ix_builds_finished_at", "state", "finished_at", "project_id", "duration_ms"),
        Index("ix_builds_project_state", "project_id", "state", "number", "duration_ms"),
        Index("ix_builds_retry_of", "retry_of", sqlite_where=text("retry_of IS NOT NULL")),
        Index(
            "ix_builds_half_removed", "id",
            sqlite_where=text("log_removed_at IS NOT NULL AND log_chunks > 0"),
        ),
        Index(
            "ix_builds_commit", "project_id", "commit_hash",
            sqlite_where=text("commit_hash <> ''"),
        ),
        Index(
            "ix_builds_waiting", text("priority DESC"), "position", "project_id",
            sqlite_where=text("state = 'pending'"),
        ),
        {"sqlite_autoincrement": True},
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(unique=True)
    version: int = 1
    project_id: int = Field(
        sa_column=Column(ForeignKey("projects.id", ondelete="CASCADE"), nullable=False)
    )
    number: int
    state: str
    reason: str | None = None
    exit_code: int | None = None
    signal: int | None = None
    message: str = ""
    command: str
    directory: str
    environment: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    secret_names: list[str] = Field(sa_column=Column(JSON, nullable=False))
    timeout_s: int | None = None
    silence_timeout_s: int | None = None
    grace_s: int
    terminal: bool
    requested_by: str
    requested_by_uid: str = Field(default="", sa_column_kwargs={"server_default": ""})
    origin: str
    retry_of: int | None = Field(
        default=None, sa_column=Column(ForeignKey("builds.id", ondelete="SET NULL"))
    )
    build_metadata: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False)
    )
    queued_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    started_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    finished_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    duration_ms: int | None = None
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    log_lines: int = 0
    log_bytes: int = 0
    log_chunks: int = 0
    log_open: bool = False
    errors: int = 0
    warnings: int = 0
    dropped_first: int = 0
    dropped_lines: int = 0
    dropped_bytes: int = 0
    spool_segment: int = 0
    spool_offset: int = 0
    spool_skip: int = 0
    repository_url: str = Field(default="", sa_column_kwargs=_default(""))
    branch: str = Field(default="", sa_column_kwargs=_default(""))
    checkout: str = Field(default="folder", sa_column_kwargs=_default("folder"))
    before_steps: list[str] = _list()
    after_steps: list[str] = _list()
    artifact_patterns: list[str] = _list()
    leave_processes: bool = Field(default=False, sa_column_kwargs=_default("0"))
    nice: int = Field(default=0, sa_column_kwargs=_default("0"))
    priority: int = Field(default=0, sa_column_kwargs=_default("0"))
    retry_limit: int = Field(default=0, sa_column_kwargs=_default("0"))
    retry_exit_codes: list[int] = _list()
    trigger: str = Field(default="manual", sa_column_kwargs=_default("manual"))
    trigger_detail: str = Field(default="", sa_column_kwargs=_default(""))
    caused_by: int | None = None
    build_type: str = Field(default="", sa_column_kwargs=_default(""))
    position: int = Field(default=0, sa_column_kwargs=_default("0"))
    attempt: int = Field(default=1, sa_column_kwargs=_default("1"))
    slot: int | None = None
    commit_hash: str = Field(default="", sa_column_kwargs=_default(""))
    commit_author: str = Field(default="", sa_column_kwargs=_default(""))
    commit_subject: str = Field(default="", sa_column_kwargs=_default(""))
    commit_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    dirty: bool | None = None
    note: str = Field(default="", sa_column_kwargs=_default(""))
    pinned: bool = Field(default=False, sa_column_kwargs=_default("0"))
    samples_offset: int = Field(default=0, sa_column_kwargs=_default("0"))
    cpu_ms: int | None = None
    cpu_peak: float | None = None
    memory_peak: int | None = None
    problems: int | None = None
    artifact_count: int = Field(default=0, sa_column_kwargs=_default("0"))
    artifact_bytes: int = Field(default=0, sa_column_kwargs=_default("0"))
    log_removed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    artifacts_removed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class BuildNumber(SQLModel, table=True):
    """The last number given to a build of a project; numbers are never given twice."""

    __tablename__ = "build_numbers"

    project_id: int = Field(
        sa_column=Column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    )
    last: int


class BuildLogChunk(SQLModel, table=True):
    """A compressed piece of a log, in the order of ``sequence``.

    ``line_count`` lines begin in it, the first of them with number ``first_line``;
    ``continued`` says that its first bytes belong to the line before. ``times`` holds pairs
    of a line within the chunk and the time from which lines have it (``log_chunks``).
    """

    __tablename__ = "build_log_chunks"
    __table_args__ = (
        Index("ix_build_log_chunks_line", "build_id", "first_line"),
        Index("ix_build_log_chunks_sequence", "build_id", "sequence", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    build_id: int = Field(sa_column=_of_build())
    sequence: int
    first_line: int
    line_count: int
    continued: bool
    first_ms: int
    last_ms: int
    codec: str
    raw_size: int
    times: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class BuildLogMark(SQLModel, table=True):
    """A line worth finding again: see ``logs.marks.MarkKind``."""

    __tablename__ = "build_log_marks"
    __table_args__ = ({"sqlite_with_rowid": False},)

    build_id: int = Field(sa_column=_of_build(primary_key=True))
    line: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)


class BuildSample(SQLModel, table=True):
    """What all processes of a build used about one moment.

    ``offset_ms`` counts from the start of the build; ``cpu`` is in per cent of one core since
    the sample before, ``memory`` the resident bytes.
    """

    __tablename__ = "build_samples"
    __table_args__ = ({"sqlite_with_rowid": False},)

    build_id: int = Field(sa_column=_of_build(primary_key=True))
    offset_ms: int = Field(primary_key=True)
    cpu: float
    memory: int
    processes: int


class Artifact(SQLModel, table=True):
    """A file that a build made, kept in the folder of artifacts under its ``uid``.

    ``path`` is where it lay within the folder of the build, with ``/`` between its parts.
    The file here can never be run; ``executable`` says that the one of the build could.
    """

    __tablename__ = "artifacts"
    __table_args__ = (
        Index("ix_artifacts_path", "build_id", "path", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(unique=True)
    build_id: int = Field(sa_column=_of_build())
    path: str
    size: int
    sha256: str
    executable: bool = Field(default=False, sa_column_kwargs=_default("0"))
    modified_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    removed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class BuildProblem(SQLModel, table=True):
    """What a compiler or a test runner complains of, found in a log.

    ``line`` is where in the log; ``row`` and ``column`` are where in ``file``, from 1.
    """

    __tablename__ = "build_problems"
    __table_args__ = (Index("ix_build_problems_line", "build_id", "line"),)

    id: int | None = Field(default=None, primary_key=True)
    build_id: int = Field(sa_column=_of_build())
    line: int
    severity: str
    tool: str
    file: str
    row: int | None = None
    column: int | None = None
    message: str
