"""The tables of builds and their logs."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, LargeBinary
from sqlmodel import Field, SQLModel

from core.database.fields.times import UtcDateTime


def _of_build(**options: Any) -> Any:
    return Column(ForeignKey("builds.id", ondelete="CASCADE"), nullable=False, **options)


class Build(SQLModel, table=True):
    """One run of a project's command.

    What runs is what the project said when the build was queued. ``spool_…`` is how far
    the output of the supervisor was taken in; it moves in the transaction that stores it.
    """

    __tablename__ = "builds"
    __table_args__ = (
        Index("ix_builds_project_number", "project_id", "number", unique=True),
        Index("ix_builds_state", "state", "queued_at"),
        Index("ix_builds_requested_by_uid", "requested_by_uid"),
        {"sqlite_autoincrement": True},
    )

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
    """A line worth finding again: an error, a warning, or a line of Buildbench itself."""

    __tablename__ = "build_log_marks"
    __table_args__ = ({"sqlite_with_rowid": False},)

    build_id: int = Field(sa_column=_of_build(primary_key=True))
    line: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)
