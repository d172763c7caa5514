"""The tables of people."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from core.database.fields import columns
from core.database.fields.addresses import Address
from core.database.fields.times import UtcDateTime
from core.security.sealed import Sealed


def _listed(name: str, *columns: str) -> Index:
    """Return an index over who is not in the bin: the list is read and counted by it alone."""
    return Index(name, *columns, sqlite_where=text("deleted_at IS NULL"))


class User(SQLModel, table=True):
    """A person of this workspace.

    ``username_key`` and ``email_key`` are the forms in which names are unique, whatever the
    case of any script. Sealed columns are bound to ``uid``. A row with ``deleted_at`` lies in
    the bin: it cannot sign in and is erased after some time. The full-text index
    ``users_search`` and the index ``user_tags`` are kept by triggers.
    """

    __tablename__ = "users"
    __table_args__ = (
        Index("ix_users_username_key", "username_key", unique=True),
        Index("ix_users_email_key", "email_key", unique=True),
        _listed("ix_users_listed", "username_key"),
        _listed("ix_users_display_name", "display_name"),
        _listed("ix_users_email", "email_key"),
        _listed("ix_users_role", "role", "username_key"),
        _listed("ix_users_created_at", "created_at"),
        _listed("ix_users_last_active_at", "last_active_at"),
        Index("ix_users_deleted_at", "deleted_at", sqlite_where=text("deleted_at IS NOT NULL")),
        Index("ix_users_with_password", "id", sqlite_where=text("password_hash IS NOT NULL")),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(unique=True)
    version: int = 1
    username: str = Field(sa_column=Column(columns.Username, nullable=False))
    username_key: str
    display_name: str = Field(sa_column=Column(columns.PersonName, nullable=False))
    email: str | None = Field(default=None, sa_column=Column(columns.EmailAddress))
    email_key: str | None = None
    phone: str | None = Field(default=None, sa_column=Column(columns.PhoneNumber))
    role: str
    active: bool
    preferences: dict[str, Any] = Field(sa_column=Column(columns.JsonText, nullable=False))
    balance_minor: int = Field(sa_column=Column(columns.MinorUnits, nullable=False))
    balance_currency: str = Field(sa_column=Column(columns.CurrencyCode, nullable=False))
    address: Address | None = Field(default=None, sa_column=Column(columns.PostalAddress))
    tags: tuple[str, ...] = Field(sa_column=Column(columns.TagList, nullable=False))
    note: Sealed | None = Field(default=None, sa_column=Column(columns.EncryptedText))
    password_hash: str | None = None
    password_changed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    must_change_password: bool = False
    totp_secret: Sealed | None = Field(default=None, sa_column=Column(columns.EncryptedText))
    totp_last_step: int | None = None
    recovery_codes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    last_sign_in_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    last_active_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    deleted_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class UserTag(SQLModel, table=True):
    """A tag of a person: an index over ``users.tags``, kept by triggers."""

    __tablename__ = "user_tags"
    __table_args__ = (
        Index("ix_user_tags_user", "user_id"),
        {"sqlite_with_rowid": False},
    )

    tag: str = Field(primary_key=True)
    user_id: int = Field(
        sa_column=Column(
            ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, nullable=False
        )
    )


class UserActivity(SQLModel, table=True):
    """Something that a person did, such as signing in or starting a build."""

    __tablename__ = "user_activity"
    __table_args__ = (
        Index("ix_user_activity_user", "user_id", "at"),
        Index("ix_user_activity_at", "at", "user_id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(
        sa_column=Column(ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    )
    kind: str
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    details: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
