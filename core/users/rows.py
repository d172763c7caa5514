"""Between what is stored of people and what is given out, quick for many at once.

The columns check each value that they bind or read. Of a list, and of many people stored at
once, that would take longer than the database does: what schemas have checked is stored as
it is, and what is stored is read without being checked for what only writing can break.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, column, table, type_coerce

from core.database.fields.addresses import Address, AddressKind, parse_address
from core.database.fields.money import Money
from core.database.fields.storing import Checked
from core.database.fields.strict_json import parse_json
from core.database.fields.tags import tags
from core.database.tables import table_of
from core.errors import DatabaseError
from core.security.actors import Role
from core.security.sealed import Sealed
from core.translation import _
from core.users.schemas import UserRow
from core.users.tables import User

_REMEMBERED = 4_096
_PARTS = frozenset(Address.__slots__)
_AS_JSON = frozenset({"tags", "preferences"})
_TEXTS = ("uid", "username", "display_name")
_KINDS = {kind.value: kind for kind in AddressKind}

STORED_PLAINLY = (
    "username",
    "display_name",
    "email",
    "phone",
    "balance_minor",
    "balance_currency",
    "address",
    "tags",
    "preferences",
)
"""Columns that lists read as they are stored; ``as_row`` makes values of them."""


def as_stored(typed: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column as it is stored, under its own name."""
    plain: ColumnElement[Any] = type_coerce(typed, _plain(typed.type))
    return plain.label(str(typed.key))


def in_stored_form(values: Mapping[str, Any]) -> dict[str, object]:
    """Return columns of checked values as ``PLAIN_USER`` takes them."""
    stored: dict[str, object] = dict(values)
    for name in _AS_JSON & values.keys():
        stored[name] = _json(values[name])
    if (address := values.get("address")) is not None:
        stored["address"] = _json(_parts(address))
    if "note" in values:
        note = values["note"]
        stored["note"] = note.stored if isinstance(note, Sealed) else None
    return stored


def as_row(stored: Mapping[Any, Any]) -> UserRow:
    """Return what services give out of ``repository.ROW_COLUMNS``, nothing masked.

    Raises:
        DatabaseError: What is stored is damaged, or was written by something else.
    """
    try:
        return _row(stored)
    except (ValueError, TypeError, KeyError) as error:
        raise DatabaseError(
            _("What is stored of a person cannot be read."),
            detail=_("Row {id} of the table of people: {error}").format(
                id=stored["id"], error=error
            ),
            hint=_("Something else than Buildbench has written it. Restore a backup."),
        ) from error


def _row(stored: Mapping[Any, Any]) -> UserRow:
    for name in _TEXTS:
        if not isinstance(stored[name], str):
            raise TypeError(name)
    address = stored["address"]
    return UserRow(
        id=stored["id"],
        uid=stored["uid"],
        version=stored["version"],
        username=stored["username"],
        display_name=stored["display_name"],
        email=stored["email"],
        phone=stored["phone"],
        role=Role(stored["role"]),
        active=stored["active"],
        deleted=stored["deleted_at"] is not None,
        balance=_money(stored["balance_minor"], stored["balance_currency"]),
        address=None if address is None else _address(address),
        tags=_tags(stored["tags"]),
        preferences=_preferences(stored["preferences"]),
        has_note=bool(stored["has_note"]),
        has_password=bool(stored["has_password"]),
        second_factor=bool(stored["second_factor"]),
        last_sign_in_at=stored["last_sign_in_at"],
        last_active_at=stored["last_active_at"],
        created_at=stored["created_at"],
        updated_at=stored["updated_at"],
        deleted_at=stored["deleted_at"],
        builds=stored["builds"],
        masked=False,
    )


def _plain(type_: Any) -> Any:
    if not isinstance(type_, Checked):
        return type_
    return BigInteger() if type_.python_type is int else String()


PLAIN_USER = table("users", *(column(one.name, _plain(one.type)) for one in table_of(User).c))
"""The table of people for values in their stored form."""


def _json(value: object) -> str:
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )


def _parts(address: Address) -> dict[str, str]:
    return {name: getattr(address, name) for name in Address.__slots__}


@lru_cache(_REMEMBERED)
def _money(minor: int, currency: str) -> Money:
    return Money.from_minor(minor, currency)


@lru_cache(_REMEMBERED)
def _tags(stored: str | tuple[str, ...]) -> tuple[str, ...]:
    return stored if isinstance(stored, tuple) else tags(parse_json(stored))


@lru_cache(_REMEMBERED)
def _address(stored: str | Address) -> Address:
    if isinstance(stored, Address):
        return stored
    parts = json.loads(stored)
    if not isinstance(parts, dict) or parts.keys() != _PARTS or parts["kind"] not in _KINDS:
        return parse_address(stored)
    # Its own constructor holds every part against its rules again.
    made = object.__new__(Address)
    for name, value in parts.items():
        object.__setattr__(made, name, _KINDS[value] if name == "kind" else value)
    return made


def _preferences(stored: str | dict[str, Any]) -> dict[str, Any]:
    found = stored if isinstance(stored, dict) else json.loads(stored)
    return found if isinstance(found, dict) else {}
