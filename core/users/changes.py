"""What is stored of an input, what the audit trail tells of it, and how edits differ."""

from collections.abc import Mapping
from typing import Any

from core.database.audit_trail import Deed, Subject, differences
from core.database.fields.emails import email_key
from core.database.fields.money import show_money
from core.database.fields.names import username_key
from core.errors import ConflictError, NotFoundError, ValidationError
from core.security.actors import Actor
from core.security.operations import Operation
from core.translation import _
from core.users.schemas import (
    FieldDifference,
    UserDetails,
    UserEdit,
    UserProfile,
    UserRow,
)

_HIDDEN = "•••"
_TOLD = ("username", "display_name", "role", "active", "tags")
_NAMED_ONLY = ("email", "phone", "address", "preferences")

Held = tuple[Mapping[str, bool], Mapping[str, bool]]


def profile_values(data: UserProfile) -> dict[str, object]:
    """Return the columns of what people change of themselves."""
    return {
        "display_name": data.display_name,
        "email": data.email,
        "email_key": email_key(data.email) if data.email else None,
        "phone": data.phone,
        "address": data.address,
        "preferences": data.preferences,
    }


def user_values(data: UserEdit) -> dict[str, object]:
    """Return the columns of an input, but for the note."""
    return {
        **profile_values(data),
        "username": data.username,
        "username_key": username_key(data.username),
        "role": data.role.value,
        "active": data.active,
        "balance_minor": data.balance.minor,
        "balance_currency": data.balance.currency,
        "tags": data.tags,
    }


def deed(
    actor: Actor,
    operation: Operation,
    user: Mapping[Any, Any] | UserRow,
    changes: Mapping[str, object] | None = None,
) -> Deed:
    """Return the entry of something that was done to a person."""
    if isinstance(user, UserRow):
        subject = Subject("user", user.uid, user.username)
    else:
        subject = Subject("user", user["uid"], user["username"])
    return Deed(actor, operation.key, subject, changes or {})


def rule_deed(actor: Actor, name: str, before: object, after: object) -> Deed:
    """Return the entry of a rule of the workspace that was changed."""
    subject = Subject("rule", name, name)
    return Deed(actor, Operation.RULES_CHANGE.key, subject, {name: [before, after]})


def told_of_new(data: UserEdit) -> dict[str, object]:
    """Return what the audit trail tells of a new person: of contact data that it is there."""
    told: dict[str, object] = {
        "username": data.username,
        "display_name": data.display_name,
        "role": data.role.value,
        "active": data.active,
        "tags": list(data.tags),
        "balance": show_money(data.balance),
    }
    for name in (*_NAMED_ONLY, "note", "password"):
        if getattr(data, name, None):
            told[name] = _HIDDEN
    return told


def told_of_edit(before: UserRow, after: UserRow, *, note: bool) -> dict[str, object]:
    """Return what is different, as pairs of old and new; contact data is hidden."""
    told = differences(_plain(before), _plain(after))
    for name in _NAMED_ONLY:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            told[name] = [old and _HIDDEN, new and _HIDDEN]
    if note:
        told["note"] = [_HIDDEN if before.has_note else None, _HIDDEN]
    return told


def differing(
    base: UserDetails | None, mine: UserProfile, theirs: UserDetails
) -> tuple[FieldDifference, ...]:
    """Return the fields in which two edits, and what both began with, are not the same."""
    found = []
    for name in type(mine).model_fields:
        own, other = getattr(mine, name), _value(theirs, name)
        if name == "note" and own is None:
            continue
        first = None if base is None else _value(base, name)
        if base is None:
            if own != other:
                found.append(FieldDifference(name, None, own, other, clash=True))
        elif not first == own == other:
            clash = own != other and first not in (own, other)
            found.append(FieldDifference(name, first, own, other, clash))
    return tuple(found)


def taken_fields(held: Held, data: UserProfile) -> dict[str, str]:
    """Return a message for each field that others hold already.

    Args:
        held: Caseless names, and addresses, with whether who holds one lies in the bin.
    """
    names, addresses = held
    fields = {}
    if isinstance(data, UserEdit) and (key := username_key(data.username)) in names:
        if names[key]:
            text = _("“{name}” is the name of somebody in the bin.")
        else:
            text = _("There is a user named “{name}” already.")
        fields["username"] = text.format(name=data.username)
    if data.email and (key := email_key(data.email)) in addresses:
        if addresses[key]:
            fields["email"] = _("This is the e-mail address of somebody in the bin.")
        else:
            fields["email"] = _("This is the e-mail address of another user.")
    return fields


def not_saved(fields: Mapping[str, str]) -> ValidationError:
    """Return the error of an input that was refused."""
    return ValidationError(_("The user was not saved."), fields=fields)


def gone() -> NotFoundError:
    """Return the error of a person who is not there."""
    return NotFoundError(_("This user is gone."), hint=_("Somebody else may have erased them."))


def last_administrator(name: str) -> ConflictError:
    """Return the error of taking the workspace its last administrator."""
    return ConflictError(
        _("“{name}” is the last active administrator who can sign in.").format(name=name),
        detail=_("Without one nobody could manage users any more."),
        hint=_("Make somebody else an administrator who can sign in, then try again."),
    )


def _plain(row: UserRow) -> dict[str, object]:
    plain: dict[str, object] = {name: getattr(row, name) for name in _TOLD}
    return {
        **plain,
        "role": row.role.value,
        "tags": list(row.tags),
        "balance": show_money(row.balance),
    }


def _value(details: UserDetails, name: str) -> object:
    if name == "note":
        return details.note
    return getattr(details.row, name)
