"""What the sign-in service takes and returns."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from core.errors import AppError, Category, Severity
from core.events import Event
from core.security.actors import Actor


class Entrance(StrEnum):
    """How one comes into a workspace on this computer.

    open: without sign-in, as the administrator; first_start: there is nobody yet, so the
    first administrator is made; sign_in: with name and password; reading: the file cannot
    be written, so it is shown as to a viewer.
    """

    OPEN = "open"
    FIRST_START = "first_start"
    SIGN_IN = "sign_in"
    READING = "reading"


class SignInFailedError(AppError):
    """Name, password or code are not right; which of them is not said."""

    code = "sign_in_failed"
    category = Category.AUTHENTICATION
    severity = Severity.LOW


class TooManyAttemptsError(AppError):
    """The account was tried too often; this attempt was not even looked at.

    Args:
        wait_s: After how many seconds the next one is looked at.
    """

    code = "too_many_attempts"
    category = Category.AUTHENTICATION
    severity = Severity.LOW

    def __init__(self, title: str, *, wait_s: int, detail: str = "", hint: str = "") -> None:
        super().__init__(title, detail=detail, hint=hint, details={"wait_s": wait_s})
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    """The input of the first start: the person who will administer the workspace."""

    username: str
    display_name: str
    password: str = field(repr=False)
    email: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody is in.

    ``notices`` are things to tell at once, such as attempts to guess the password since the
    last time; with ``must_change_password`` nothing else is let through before it is changed.
    ``idle_lock_s`` is after how many idle seconds the window locks itself, 0 for never.
    """

    actor: Actor
    must_change_password: bool
    notices: tuple[str, ...] = ()
    idle_lock_s: int = 0


@dataclass(frozen=True, slots=True)
class SecondFactorNeeded:
    """The password was right; a code is needed too. ``ticket`` is good once, for minutes."""

    ticket: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordReport:
    """How good a password is: ``score`` 0 (worst) to 4; issues and advice in words."""

    valid: bool
    score: int
    issues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecondFactorSetup:
    """A new secret that is not in force before a code of it was entered.

    ``uri`` is the otpauth address that the QR code shows, ``secret`` the same for typing.
    """

    uri: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session that is open, or was; ``current`` is the one that asks."""

    uid: str
    user_id: int
    username: str
    origin: str
    device: str
    remembered: bool
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_why: str
    current: bool


@dataclass(frozen=True, slots=True)
class AdministratorRow:
    """An active administrator, for who looks for a way back in."""

    id: int
    username: str
    display_name: str
    second_factor: bool


class SignInRules(BaseModel):
    """The rules of a workspace for signing in; they travel with it.

    Times are in minutes; 0 for ``lock_after`` never locks.
    """

    model_config = ConfigDict(frozen=True)

    shortest_password: int = Field(default=12, ge=8, le=128)
    need_letter_cases: bool = False
    need_digit: bool = False
    need_symbol: bool = False
    lock_after: int = Field(default=15, ge=0, le=24 * 60)
    session_idle: int = Field(default=12 * 60, ge=5, le=90 * 24 * 60)
    session_longest: int = Field(default=30 * 24 * 60, ge=5, le=365 * 24 * 60)


@dataclass(frozen=True, slots=True)
class AccessChanged(Event):
    """What somebody who is signed in here may do is different now, or nothing any more.

    ``actor`` is None when the session is over; ``why`` says so in words.
    """

    session: str
    actor: Actor | None
    why: str = ""
