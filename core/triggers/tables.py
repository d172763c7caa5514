"""The table of triggers."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index
from sqlmodel import Field, SQLModel

from core.database.fields.times import UtcDateTime


class BuildTrigger(SQLModel, table=True):
    """Something that queues builds of a project by itself.

    Of ``kind`` depends which columns say when: ``expression`` is a cron expression in local
    time, ``interval_s`` how often a repository is asked for new commits, ``seen`` the commit
    found last, ``source_project_id`` the project whose success is waited for. ``error`` says
    in words why the last attempt failed, and is empty when it did not.
    """

    __tablename__ = "build_triggers"
    __table_args__ = (
        Index("ix_build_triggers_project_id", "project_id"),
        Index("ix_build_triggers_source", "source_project_id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(unique=True)
    version: int = 1
    project_id: int = Field(
        sa_column=Column(ForeignKey("projects.id", ondelete="CASCADE"), nullable=False)
    )
    kind: str
    enabled: bool
    expression: str
    interval_s: int | None = None
    source_project_id: int | None = Field(
        default=None, sa_column=Column(ForeignKey("projects.id", ondelete="CASCADE"))
    )
    branch: str
    build_type: str
    next_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    checked_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    fired_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    seen: str
    error: str
    created_by: str
    created_by_uid: str
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
