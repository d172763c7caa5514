"""The table of projects."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

from core.database.fields.columns import TagList
from core.database.fields.times import UtcDateTime


def _default(value: str) -> dict[str, str]:
    return {"server_default": value}


def _list() -> Any:
    return Field(
        default_factory=list,
        sa_column=Column(JSON, nullable=False, server_default=text("'[]'")),
    )


class Project(SQLModel, table=True):
    """Something that is built; ``secrets`` maps names to sealed values.

    ``build_types`` is a list of objects as ``schemas.BuildType`` has them.
    """

    __tablename__ = "projects"
    __table_args__ = (
        Index("ix_projects_name", text("name COLLATE NOCASE"), unique=True),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(unique=True)
    version: int = 1
    name: str
    description: str
    type: str
    path: str
    command: str
    environment: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    secrets: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    timeout_s: int | None = None
    silence_timeout_s: int | None = None
    grace_s: int
    terminal: bool
    active: bool
    tags: tuple[str, ...] = Field(
        default=(), sa_column=Column(TagList, nullable=False, server_default=text("'[]'"))
    )
    repository_url: str = Field(default="", sa_column_kwargs=_default(""))
    branch: str = Field(default="", sa_column_kwargs=_default(""))
    checkout: str = Field(default="folder", sa_column_kwargs=_default("folder"))
    build_types: list[dict[str, Any]] = _list()
    before_steps: list[str] = _list()
    after_steps: list[str] = _list()
    artifact_patterns: list[str] = _list()
    priority: int = Field(default=0, sa_column_kwargs=_default("0"))
    parallel: int = Field(default=1, sa_column_kwargs=_default("1"))
    newest_replaces: bool = Field(default=False, sa_column_kwargs=_default("0"))
    retry_limit: int = Field(default=0, sa_column_kwargs=_default("0"))
    retry_exit_codes: list[int] = _list()
    leave_processes: bool = Field(default=False, sa_column_kwargs=_default("0"))
    nice: int = Field(default=0, sa_column_kwargs=_default("0"))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
