"""The tables of figures, benchmarks, maintenance and alerts."""

from datetime import datetime

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from core.database.fields.times import UtcDateTime


class SystemMetric(SQLModel, table=True):
    """What a figure was over one minute, hour or day.

    ``resolution`` is ``minute``, ``hour`` or ``day``; ``at`` is where that begins.
    ``samples`` is how many measurements stand behind ``low``, ``mean`` and ``high``.
    """

    __tablename__ = "system_metrics"
    __table_args__ = {"sqlite_with_rowid": False}

    resolution: str = Field(primary_key=True)
    metric: str = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, primary_key=True, nullable=False))
    samples: int
    low: float
    mean: float
    high: float


class BenchmarkRun(SQLModel, table=True):
    """One benchmark: what was asked for, on what machine, and what came out.

    ``settings``, ``result`` and ``machine`` are JSON text; ``result`` is empty where it did
    not come to its end.
    """

    __tablename__ = "benchmark_runs"
    __table_args__ = (
        Index("ix_benchmark_runs_started_at", "started_at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(unique=True)
    kind: str
    label: str
    settings: str
    result: str
    state: str
    message: str
    machine: str
    sqlite_version: str
    actor: str
    started_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    duration_ms: int


class MaintenanceRun(SQLModel, table=True):
    """One deed of maintenance, and what the file was before and after.

    ``before``, ``after``, ``findings`` and ``undo`` are JSON text; ``undo`` holds the
    statements that take it back, and is empty where nothing can.
    """

    __tablename__ = "maintenance_runs"
    __table_args__ = (
        Index("ix_maintenance_runs_started_at", "started_at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(unique=True)
    task: str
    state: str
    subject: str
    actor: str
    origin: str
    started_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    duration_ms: int
    before: str
    after: str
    findings: str
    message: str
    undo: str


class Alert(SQLModel, table=True):
    """A figure that went over its threshold, until it came back."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index("ix_alerts_open", "kind", unique=True, sqlite_where=text("cleared_at IS NULL")),
        Index("ix_alerts_raised_at", "raised_at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    value: float
    threshold: float
    detail: str
    raised_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    cleared_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    acknowledged_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    acknowledged_by: str
