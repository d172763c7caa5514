"""What goes into the user service and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
)

from core.database.fields.addresses import Address, address
from core.database.fields.emails import email
from core.database.fields.errors import FieldError
from core.database.fields.messages import validated
from core.database.fields.money import Money
from core.database.fields.names import person_name, username
from core.database.fields.phones import FALLBACK_REGION, phone
from core.database.fields.plain import long_text
from core.database.fields.strict_json import checked
from core.database.fields.tags import tags
from core.errors import ConflictError, ValidationError
from core.security.actors import Role
from core.translation import _, ngettext

TOPIC = "users"
SESSIONS_TOPIC = "sessions"
CONTACT_FIELDS = ("email", "phone", "address")
"""What only administrators and the person see in full."""


def erasure_rule(days: int) -> str:
    """Return what happens to people who are deleted, in words: the one place that says it.

    Args:
        days: After how many days in the bin people are erased by themselves.
    """
    return ngettext(
        "Whoever is deleted lies in the bin, is signed out at once and cannot sign in. From the"
        " bin a person can be restored, until they are erased: by hand, or by themselves after"
        " {days} day. Erasing removes the person with e-mail address, phone number, address,"
        " note, tags, preferences, balance, password, second factor, sessions, activity and"
        " roles in projects, for good. What stays is the user name, at the builds they asked"
        " for and in the audit trail. Backups made before still hold everything,"
        " and free places of the file may hold traces until it is compacted.",
        "Whoever is deleted lies in the bin, is signed out at once and cannot sign in. From the"
        " bin a person can be restored, until they are erased: by hand, or by themselves after"
        " {days} days. Erasing removes the person with e-mail address, phone number, address,"
        " note, tags, preferences, balance, password, second factor, sessions, activity and"
        " roles in projects, for good. What stays is the user name, at the builds they asked"
        " for and in the audit trail. Backups made before still hold everything,"
        " and free places of the file may hold traces until it is compacted.",
        days,
    ).format(days=days)


def _empty_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _phone(value: object, info: ValidationInfo) -> object:
    if _empty_is_none(value) is None:
        return None
    known: Mapping[str, str] = info.context if isinstance(info.context, dict) else {}
    return phone(value, known.get("phone_region", FALLBACK_REGION))


def _email(value: object) -> object:
    return None if _empty_is_none(value) is None else email(value)


def _address(value: object) -> object:
    return None if value is None else address(value)


def _json_object(value: object) -> object:
    if not isinstance(value, dict):
        raise FieldError(_("Preferences are a JSON object, written with braces."))
    return checked(value)


def _money(value: object) -> object:
    if not isinstance(value, Money):
        raise FieldError(_("An amount with its currency is needed here."))
    return value


Username = Annotated[str, BeforeValidator(username)]
DisplayName = Annotated[str, BeforeValidator(person_name)]
Email = Annotated[str | None, BeforeValidator(_email)]
Phone = Annotated[str | None, BeforeValidator(_phone)]
Balance = Annotated[Money, BeforeValidator(_money)]
Tags = Annotated[tuple[str, ...], BeforeValidator(tags)]
Preferences = Annotated[dict[str, Any], BeforeValidator(_json_object)]
PostalAddress = Annotated[Address | None, BeforeValidator(_address)]
Note = Annotated[str, BeforeValidator(long_text)]

NO_MONEY = Money.from_minor(0, "USD")
_INPUT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class UserProfile(BaseModel):
    """What people change of themselves; also the part of it that the others build on.

    ``email`` and ``phone`` may be empty or None: there is none then. Phone numbers without a
    country code are of the region in the context ``phone_region``.
    """

    model_config = _INPUT

    display_name: DisplayName
    email: Email = None
    phone: Phone = None
    address: PostalAddress = None
    preferences: Preferences = Field(default_factory=dict)


class UserEdit(UserProfile):
    """All that can be edited of a person.

    ``note`` None keeps the stored one, also one that cannot be opened; an empty one
    removes it.
    """

    username: Username
    role: Role = Role.VIEWER
    active: bool = True
    balance: Balance = NO_MONEY
    tags: Tags = ()
    note: Note | None = Field(default=None, repr=False)


class UserCreate(UserEdit):
    """A new person; without ``password`` somebody who cannot sign in yet."""

    password: str | None = Field(default=None, repr=False)
    must_change_password: bool = True


def new_user(values: Mapping[str, Any], *, phone_region: str = FALLBACK_REGION) -> UserCreate:
    """Return the input of a new person.

    Raises:
        ValidationError: The values make none; it has a message for each field.
    """
    return validated(
        UserCreate,
        values,
        title=_("The user was not saved."),
        context={"phone_region": phone_region},
    )


def edited_user(values: Mapping[str, Any], *, phone_region: str = FALLBACK_REGION) -> UserEdit:
    """Return the input of an edited person; as ``new_user``.

    Raises:
        ValidationError: The values make none; it has a message for each field.
    """
    return validated(
        UserEdit,
        values,
        title=_("The user was not saved."),
        context={"phone_region": phone_region},
    )


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person in a list.

    Attributes:
        deleted: Whether the person lies in the bin; ``deleted_at`` since when.
        second_factor: Whether signing in takes a code too.
        builds: How many builds the person asked for.
        masked: Whether e-mail and phone are shown in part only, and the address not at
            all, because whoever asks need not see them.
    """

    id: int
    uid: str
    version: int
    username: str
    display_name: str
    email: str | None
    phone: str | None
    role: Role
    active: bool
    deleted: bool
    balance: Money
    address: Address | None
    tags: tuple[str, ...]
    preferences: Mapping[str, Any] = field(hash=False)
    has_note: bool
    has_password: bool
    second_factor: bool
    last_sign_in_at: datetime | None
    last_active_at: datetime | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    builds: int
    masked: bool


@dataclass(frozen=True, slots=True)
class UserDetails:
    """A person with the note, which only administrators and nobody else reads.

    ``note`` is None where there is none, or it may not or cannot be read; why it cannot be
    opened is said by ``note_problem``, which is empty otherwise.
    """

    row: UserRow
    note: str | None = field(default=None, repr=False)
    note_problem: str = ""


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field in which two edits differ.

    Attributes:
        base: What it was when both began; None where that is not known.
        mine: What I entered.
        theirs: What is stored now.
        clash: Whether both changed it; else only one of them did.
    """

    field: str
    base: object
    mine: object
    theirs: object
    clash: bool


class UserConflictError(ConflictError):
    """Somebody else changed the person in the meantime; nothing was saved.

    Attributes:
        version: The version that was edited.
        stored: What is stored now.
        differences: Where the two edits, and what they began with, differ.
    """

    code = "user_conflict"

    def __init__(
        self, version: int, stored: UserDetails, differences: tuple[FieldDifference, ...]
    ) -> None:
        name = stored.row.username
        super().__init__(
            _("“{name}” was changed in the meantime.").format(name=name),
            detail=_("Somebody else saved this user after you opened it."),
            hint=_("Look at both versions, choose what holds, and save again."),
        )
        self.version = version
        self.stored = stored
        self.differences = differences


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A field of a row, counted from 0, that cannot be taken, and why in words."""

    row: int
    field: str
    message: str


class RowsRefusedError(ValidationError):
    """Rows that cannot be stored; none of them was."""

    code = "rows_refused"

    def __init__(self, refused: tuple[RefusedRow, ...]) -> None:
        text = _("Row {row}, {field}: {message}")
        super().__init__(
            _("The users were not saved."),
            fields={
                f"{one.row}.{one.field}": text.format(
                    row=one.row + 1, field=one.field, message=one.message
                )
                for one in refused
            },
        )
        self.refused = refused


class BulkKind(StrEnum):
    """What is done to many people at once."""

    SET_ROLE = "set_role"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    ADD_TAG = "add_tag"
    REMOVE_TAG = "remove_tag"
    DELETE = "delete"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class BulkChange:
    """One change for many; ``value`` is the role or the tag, where the kind has one."""

    kind: BulkKind
    value: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A person that a change left alone, and why in words, with a next step."""

    user_id: int
    username: str
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class BulkReport:
    """What became of a change of many.

    ``unchanged`` counts those that were so already.
    """

    asked: int
    changed: int
    unchanged: int
    skipped: tuple[Skipped, ...] = ()
