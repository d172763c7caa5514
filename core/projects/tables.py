"""The table of projects."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, text
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


class ProjectRole(SQLModel, table=True):
    """A role that a person has in one project, above the role in the workspace."""

    __tablename__ = "project_roles"
    __table_args__ = (Index("ix_project_roles_user", "user_id"),)

    project_id: int = Field(
        sa_column=Column(
            ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True, nullable=False
        )
    )
    user_id: int = Field(
        sa_column=Column(
            ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, nullable=False
        )
    )
    role: str
    granted_by: str
    granted_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
