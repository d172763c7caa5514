"""The tables of sessions and of what slows guessing down."""

from datetime import datetime

from sqlalchemy import JSON, Column, ForeignKey, Index
from sqlmodel import Field, SQLModel

from core.database.fields.times import UtcDateTime


class UserSession(SQLModel, table=True):
    """A person who is, or was, signed in; ``token_digest`` is the SHA-256 of the token.

    With ``locked_at`` the window asks for the password before it goes on.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_user", "user_id", "ended_at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    uid: str = Field(unique=True)
    user_id: int = Field(
        sa_column=Column(ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    )
    token_digest: str = Field(unique=True)
    origin: str
    device: str
    remembered: bool
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    last_seen_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    locked_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    ended_why: str | None = None


class SignInDelay(SQLModel, table=True):
    """How often an account was tried lately; for names that are nobody's just the same.

    ``account`` is a digest of the name's key: what somebody typed in the wrong field is not
    kept. ``attempts`` are the moments of verifications that were no success, in milliseconds
    of the Unix epoch, as far as they count yet; ``failures`` is how many there were in a row,
    ``refused`` how many were not even looked at since.
    """

    __tablename__ = "sign_in_delays"

    account: str = Field(primary_key=True)
    attempts: list[int] = Field(sa_column=Column(JSON, nullable=False))
    failures: int
    refused: int
    last_attempt_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    next_attempt_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
