"""Between the fields of the form and what the service takes: values and words."""

from collections.abc import Mapping
from typing import Any

from core.database.fields.addresses import Address, show_address
from core.database.fields.errors import FieldError
from core.database.fields.money import Money
from core.database.fields.strict_json import parse_json
from core.security.actors import Role
from core.translation import _
from core.users.schemas import (
    NO_MONEY,
    UserCreate,
    UserDetails,
    UserEdit,
    edited_user,
    new_user,
)
from desktop.figures import locale
from desktop.users import roles
from desktop.users.people import words
from desktop.widgets.form import json_text

NO_PASSWORD, GENERATED, TYPED = "none", "generated", "typed"


def values_of(details: UserDetails, region: str) -> dict[str, Any]:
    """Return what the fields show of a stored person."""
    row = details.row
    return {
        **{name: getattr(row, name) for name in ("username", "display_name", "role", "active")},
        "email": row.email or "",
        "phone": words.phone(row.phone, region) if row.phone else "",
        "tags": row.tags,
        "balance": row.balance,
        "address": row.address,
        "preferences": json_text(row.preferences),
        "note": details.note or "",
    }


def read_new(values: Mapping[str, Any], region: str) -> UserCreate:
    """Return the input of a new person.

    Raises:
        ValidationError: The values make none; it has a message for each field.
    """
    whole = _input(values)
    kind = whole.pop("password_kind", NO_PASSWORD)
    typed = whole.pop("password", "")
    whole["password"] = typed if kind == TYPED else None
    return new_user(whole, phone_region=region)


def read_edit(values: Mapping[str, Any], base: UserDetails, region: str) -> UserEdit:
    """Return the input of an edited person; an untouched note stays as it is stored.

    Raises:
        ValidationError: The values make none; it has a message for each field.
    """
    whole = _input(values)
    if base.note_problem or whole.get("note") == (base.note or ""):
        whole["note"] = None
    return edited_user(whole, phone_region=region)


def field_words(name: str) -> str:
    """Return what a field is called."""
    return {
        "username": _("User name"),
        "display_name": _("Name"),
        "email": _("E-mail"),
        "phone": _("Phone"),
        "role": _("Role"),
        "active": _("Active"),
        "tags": _("Tags"),
        "balance": _("Balance"),
        "address": _("Address"),
        "preferences": _("Preferences"),
        "note": _("Note"),
    }.get(name, name)


def value_words(name: str, value: object, region: str) -> str:
    """Return a value of a field as people read it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Role):
        return roles.role_words(value)
    if isinstance(value, Money):
        return words.money(value)
    if isinstance(value, Address):
        return show_address(value, locale().name())
    if name == "preferences" and isinstance(value, Mapping):
        return json_text(value) or words.NONE
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or words.NONE
    if name == "phone" and isinstance(value, str) and value:
        return words.phone(value, region)
    return str(value) if value not in (None, "") else words.NONE


def _input(values: Mapping[str, Any]) -> dict[str, Any]:
    whole = dict(values)
    if whole.get("balance") is None:
        whole["balance"] = NO_MONEY
    text = str(whole.get("preferences", "")).strip()
    try:
        whole["preferences"] = parse_json(text) if text else {}
    except FieldError:
        whole["preferences"] = {}  # what is wrong with it is said by its field
    return whole
