"""The field types of our own."""

from collections.abc import Callable
from functools import partial
from typing import Any

from core.database.fields import (
    addresses,
    columns,
    emails,
    exact,
    moments,
    names,
    phones,
    plain,
    tags,
)
from core.database.fields.errors import FieldError
from core.database.fields.lines import as_text
from core.database.fields.money import Money, parse_money, show_money
from core.database.fields.registry import FieldType, Parse, Show
from core.database.fields.strict_json import canonical_json, checked, parse_json
from core.database.fields.times import UtcDateTime
from core.database.query.schemas import Operator
from core.security.sealed import Sealed
from core.translation import _

_NULLS = (Operator.IS_NULL, Operator.IS_NOT_NULL)
_SAME = (Operator.EQ, Operator.NE, Operator.IN, Operator.NOT_IN, *_NULLS)
_TEXT = (
    *_SAME,
    Operator.LIKE,
    Operator.ILIKE,
    Operator.CONTAINS,
    Operator.STARTS_WITH,
    Operator.ENDS_WITH,
)
_ORDERED = (
    *_SAME,
    Operator.GT,
    Operator.GTE,
    Operator.LT,
    Operator.LTE,
    Operator.BETWEEN,
)
_INSIDE = (Operator.CONTAINS, *_NULLS)
# Only a number that is stored as it is can be larger than another: the amounts of two
# currencies cannot be held against each other.
_MONEY = _NULLS


def standard_types(phone_region: str) -> tuple[FieldType, ...]:
    """Return the field types of our own.

    Raises:
        FieldError: No telephone numbers are known for the region.
    """
    return (*_texts(), *_numbers(), *_people(phones.known_region(phone_region)), *_rich())


def choice_type(name: str, choices: tuple[str, ...]) -> FieldType:
    """Return a field type of one of the choices, for a registry."""
    check = partial(plain.choice, choices=choices)
    return FieldType(
        name, columns.ChoiceText, check, _reader(check), _writer(check), "choice", _SAME
    )


def _texts() -> tuple[FieldType, ...]:
    return (
        _text("text", columns.TextLine, plain.text_line, "line"),
        _text("long_text", columns.LongText, plain.long_text, "text"),
        choice_type("choice", ()),
    )


def _numbers() -> tuple[FieldType, ...]:
    return (
        FieldType(
            "integer",
            columns.WholeNumber,
            exact.integer,
            exact.parse_integer,
            exact.show_integer,
            "number",
            _ORDERED,
        ),
        FieldType(
            "decimal",
            columns.FixedDecimal,
            plain.decimal,
            plain.parse_decimal,
            plain.show_decimal,
            "number",
            _ORDERED,
        ),
        FieldType(
            "boolean",
            columns.YesNo,
            plain.boolean,
            _reader(plain.parse_boolean),
            plain.show_boolean,
            "switch",
            (Operator.EQ, Operator.NE, *_NULLS),
        ),
        FieldType(
            "time",
            UtcDateTime,
            moments.moment,
            _reader(moments.parse_moment),
            moments.show_moment,
            "time",
            _ORDERED,
        ),
        FieldType(
            "money",
            columns.MinorUnits,
            _money,
            parse_money,
            show_money,
            "money",
            _MONEY,
            {"currency": columns.CurrencyCode},
        ),
    )


def _people(region: str) -> tuple[FieldType, ...]:
    number = partial(phones.phone, region=region)
    return (
        _text("username", columns.Username, names.username, "line"),
        _text("person_name", columns.PersonName, names.person_name, "line"),
        _text("email", columns.EmailAddress, emails.email, "email"),
        FieldType(
            "phone",
            columns.PhoneNumber,
            number,
            _reader(number),
            _phone_writer(region),
            "phone",
            _TEXT,
        ),
        FieldType(
            "address",
            columns.PostalAddress,
            addresses.address,
            _reader(addresses.parse_address),
            addresses.show_address,
            "address",
            _INSIDE,
        ),
    )


def _rich() -> tuple[FieldType, ...]:
    return (
        FieldType(
            "tags",
            columns.TagList,
            tags.tags,
            _reader(tags.parse_tags),
            _writer(tags.show_tags),
            "tags",
            _INSIDE,
        ),
        FieldType(
            "json",
            columns.JsonText,
            checked,
            _reader(parse_json),
            _writer(canonical_json),
            "json",
            _INSIDE,
        ),
        FieldType(
            "secret",
            columns.EncryptedText,
            _sealed,
            _reader(_unreadable_secret),
            _writer(_hidden),
            "secret",
            _NULLS,
        ),
    )


def _text(
    name: str, column: Callable[[], Any], check: Callable[[object], str], editor: str
) -> FieldType:
    return FieldType(name, column, check, _reader(check), _writer(check), editor, _TEXT)


def _reader(read: Callable[[str], Any]) -> Parse:
    """Return what reads a text the same way in every locale."""

    def parse(text: str, locale: str = "") -> Any:  # noqa: ARG001
        return read(as_text(text))

    return parse


def _writer(write: Callable[[Any], str]) -> Show:
    """Return what writes a value the same way in every locale."""

    def show(value: Any, locale: str = "") -> str:  # noqa: ARG001
        return write(value)

    return show


def _phone_writer(region: str) -> Show:
    def show(value: Any, locale: str = "") -> str:
        return phones.show_phone(value, region) if locale else phones.phone(value, region)

    return show


def _money(value: object) -> Money:
    if not isinstance(value, Money):
        raise FieldError(_("An amount with its currency is needed here."))
    return value


def _sealed(value: object) -> Sealed:
    if not isinstance(value, Sealed):
        raise FieldError(_("Only sealed text is stored here. Seal it first."))
    return value


def _unreadable_secret(_text: str) -> Sealed:
    raise FieldError(_("A secret cannot be read from a text. Enter it in its own field."))


def _hidden(_value: Sealed) -> str:
    return "••••••"
