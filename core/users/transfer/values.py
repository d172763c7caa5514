"""Values of people out of cells of CSV and values of JSON."""

from collections.abc import Callable, Mapping
from typing import Any

from core.database.fields.addresses import Address, address, parse_address
from core.database.fields.errors import FieldError
from core.database.fields.money import Money, parse_money
from core.database.fields.plain import boolean, parse_boolean
from core.database.fields.strict_json import parse_json
from core.database.fields.tags import parse_tags, tags
from core.security.actors import Role
from core.translation import _
from core.users.listing import role_choices
from core.users.transfer.fields import ADDRESS, ADDRESS_PARTS
from core.users.transfer.json_files import ExactNumber

Cells = Mapping[str, object]
"""What a row has, by field; nothing empty."""


def filled(values: Mapping[str, object], mapping: Mapping[str, str]) -> dict[str, object]:
    """Return what a row has for each field, but for what is empty."""
    cells = {}
    for column, field in mapping.items():
        value = values.get(column)
        if isinstance(value, str):
            value = value if value.strip() else None
        if value is not None:
            cells[field] = value
    return cells


def read(cells: Cells) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what the cells say, for ``new_user``, and a reason for each that is wrong.

    Texts are left as they are: the schema holds them against the rules of their fields.
    """
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field, read_one in _READERS.items():
        try:
            value = read_one(cells)
        except FieldError as error:
            problems[field] = str(error)
        else:
            if value is not None:
                values[field] = value
    return values, problems


def _text(field: str) -> Callable[[Cells], str | None]:
    def read_text(cells: Cells) -> str | None:
        return _as_text(cells[field]) if field in cells else None

    return read_text


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    # Other programs write telephone numbers as numbers.
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, ExactNumber):
        return value.text
    raise FieldError(_("A text is needed here."))


def _name(cells: Cells) -> str | None:
    if "display_name" in cells:
        return _as_text(cells["display_name"])
    parts = [_as_text(cells[one]) for one in ("given_name", "family_name") if one in cells]
    return " ".join(parts) or None


def _role(cells: Cells) -> str | None:
    if "role" not in cells:
        return None
    text = _as_text(cells["role"]).strip().casefold()
    for value, word in role_choices():
        if text in (value, word.casefold()):
            return value
    raise FieldError(
        _("Possible are: {names}").format(names=", ".join(role.value for role in Role))
    )


def _active(cells: Cells) -> bool | None:
    if "active" not in cells:
        return None
    value = cells["active"]
    return boolean(value) if isinstance(value, bool) else parse_boolean(_as_text(value))


def _balance(cells: Cells) -> Money | None:
    if "balance" not in cells:
        return None
    amount = _as_text(cells["balance"])
    if "balance_currency" in cells:
        amount = f"{amount} {_as_text(cells['balance_currency'])}"
    return parse_money(amount)


def _address(cells: Cells) -> Address | None:
    if ADDRESS in cells:
        whole = cells[ADDRESS]
        if isinstance(whole, str) and not whole.lstrip().startswith("{"):
            raise FieldError(
                _(
                    "An address in one cell is a JSON object. Have a column for each of its"
                    " parts, such as street and city, instead."
                )
            )
        return parse_address(whole) if isinstance(whole, str) else address(whole)
    parts = {
        part: _as_text(cells[f"{ADDRESS}.{part}"])
        for part in ADDRESS_PARTS
        if f"{ADDRESS}.{part}" in cells
    }
    if "kind" in parts:
        parts["kind"] = parts["kind"].strip().casefold()
    return address(parts) if parts else None


def _tags(cells: Cells) -> tuple[str, ...] | None:
    if "tags" not in cells:
        return None
    value = cells["tags"]
    return parse_tags(value) if isinstance(value, str) else tags(value)


def _preferences(cells: Cells) -> object:
    if "preferences" not in cells:
        return None
    value = cells["preferences"]
    return parse_json(value) if isinstance(value, str) else value


_READERS: dict[str, Callable[[Cells], object]] = {
    "username": _text("username"),
    "display_name": _name,
    "email": _text("email"),
    "phone": _text("phone"),
    "role": _role,
    "active": _active,
    "balance": _balance,
    "address": _address,
    "tags": _tags,
    "preferences": _preferences,
    "note": _text("note"),
}
