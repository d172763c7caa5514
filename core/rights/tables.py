"""The table of roles in single projects."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index
from sqlmodel import Field, SQLModel

from core.database.fields.times import UtcDateTime


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
