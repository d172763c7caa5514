"""The tables of the database layer itself."""

from typing import cast

from sqlalchemy import Table
from sqlmodel import Field, SQLModel


class Lease(SQLModel, table=True):
    """A right that one process holds for a while; the token only grows."""

    __tablename__ = "leases"

    name: str = Field(primary_key=True)
    holder: str
    token: int
    expires_ms: int


class Change(SQLModel, table=True):
    """How often a topic was written, so that other processes see what is new."""

    __tablename__ = "changes"

    topic: str = Field(primary_key=True)
    version: int


class WorkspaceSetting(SQLModel, table=True):
    """A value that belongs to the workspace and travels with it; JSON text."""

    __tablename__ = "workspace_settings"

    name: str = Field(primary_key=True)
    value: str


def table_of(model: type[SQLModel]) -> Table:
    """Return the table of a model, for statements that need no objects."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]
