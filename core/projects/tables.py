"""The table of projects."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

from core.database.fields.times import UtcDateTime


class Project(SQLModel, table=True):
    """Something that is built; ``secrets`` maps names to sealed values."""

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
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
