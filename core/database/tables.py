"""The tables of the database layer itself."""

from datetime import datetime
from typing import cast

from sqlalchemy import Column, Index, Table
from sqlmodel import Field, SQLModel

from core.database.fields.times import UtcDateTime


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


class AuditEntry(SQLModel, table=True):
    """Who did what to which thing; written in the transaction that did it, never changed.

    ``changes`` is JSON text; ``digest`` covers this entry and the digest of the one before.
    The things are named by kind, ``uid`` and the name that they had, so that an entry says
    the same when they are gone.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_subject", "subject_kind", "subject_uid", "id"),
        Index("ix_audit_entries_actor", "actor_uid", "operation", "id"),
        Index("ix_audit_entries_operation", "operation", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    actor_uid: str
    actor: str
    role: str
    origin: str
    session: str
    operation: str
    subject_kind: str
    subject_uid: str
    subject: str
    changes: str
    digest: str


def table_of(model: type[SQLModel]) -> Table:
    """Return the table of a model, for statements that need no objects."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]
