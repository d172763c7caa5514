"""The columns of a table, one type for each kind of value.

Each checks what is stored by the rules of its value type and brings it to its one form, so
that nothing else can get into the database; ``NULL`` is let through, forbid it on the column.
A value that is refused raises ``UnstorableError``, in the unit of work that stores it, without
the statement and its parameters. Patterns (``like``, ``startswith``) are taken as texts.
"""

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, String, Text

from core.database.fields import plain
from core.database.fields.addresses import Address, address, address_json, parse_address
from core.database.fields.emails import LONGEST_EMAIL, email
from core.database.fields.errors import FieldError
from core.database.fields.exact import integer, scaled, unscaled
from core.database.fields.money import currency
from core.database.fields.names import (
    LONGEST_PERSON_NAME,
    LONGEST_USERNAME,
    person_name,
    username,
)
from core.database.fields.phones import phone
from core.database.fields.storing import Checked, Form
from core.database.fields.strict_json import canonical_json, parse_json
from core.database.fields.tags import tags
from core.security.sealed import Sealed
from core.translation import _


def _with_country_code(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith("+"):
        raise FieldError(_("The number is stored with + and its country code only."))
    return phone(value)


def _millionths(value: Any) -> int:
    return scaled(plain.decimal(value), plain.DECIMAL_PLACES)


def _of_millionths(value: Any) -> Decimal:
    return unscaled(value, plain.DECIMAL_PLACES)


def _address_json(value: Any) -> str:
    return address_json(address(value))


def _tags_json(value: Any) -> str:
    return canonical_json(tags(value))


def _tags_of_json(text: Any) -> tuple[str, ...]:
    return tags(parse_json(text))


def _sealed_form(value: Any) -> str:
    if not isinstance(value, Sealed):
        raise FieldError(_("Only sealed text is stored here. Seal it first."))
    return value.stored


class TextLine(Checked[str]):
    """One line of plain text (``plain.text_line``)."""

    impl = String
    bind = staticmethod(plain.text_line)


class LongText(Checked[str]):
    """Plain text of several lines (``plain.long_text``)."""

    impl = Text
    bind = staticmethod(plain.long_text)


class ChoiceText(Checked[str]):
    """One of several texts (``plain.choice``); which ones, the feature knows."""

    impl = String(plain.LONGEST_CHOICE)
    bind = staticmethod(plain.choice)


class Username(Checked[str]):
    """The name a person signs in with (``names.username``)."""

    impl = String(LONGEST_USERNAME)
    bind = staticmethod(username)


class PersonName(Checked[str]):
    """The name a person is called by (``names.person_name``)."""

    impl = String(LONGEST_PERSON_NAME)
    bind = staticmethod(person_name)


class EmailAddress(Checked[str]):
    """An e-mail address in its normalised form (``emails.email``)."""

    impl = String(LONGEST_EMAIL)
    bind = staticmethod(email)


class PhoneNumber(Checked[str]):
    """A telephone number in the form of E.164; give it one that has its country code."""

    impl = String(16)
    bind = staticmethod(_with_country_code)


class MinorUnits(Checked[int]):
    """An amount in the smallest units of the currency that a ``CurrencyCode`` beside it names.

    Sums in the database are exact whole numbers; beyond 64 bits SQLite refuses them.
    """

    impl = BigInteger
    bind = staticmethod(integer)
    result = staticmethod(integer)


class CurrencyCode(Checked[str]):
    """Three letters of a currency (``money.currency``)."""

    impl = String(3)
    bind = staticmethod(currency)


class WholeNumber(Checked[int]):
    """A whole number of 64 bits; no boolean, no float (``exact.integer``)."""

    impl = BigInteger
    bind = staticmethod(integer)
    result = staticmethod(integer)


class FixedDecimal(Checked[Decimal]):
    """An exact decimal of at most six digits after the point, stored as millionths.

    So it is ordered and summed exactly by the database.
    """

    impl = BigInteger
    places = plain.DECIMAL_PLACES
    bind = staticmethod(_millionths)
    result = staticmethod(_of_millionths)


class YesNo(Checked[bool]):
    """True or false, and nothing that merely counts as one."""

    impl = Boolean
    bind = staticmethod(plain.boolean)


class JsonText(Checked[Any]):
    """A JSON value as its canonical text (``strict_json``); None is ``NULL``.

    A value that is changed in place is not noticed: assign another one.
    """

    impl = Text
    form = Form.JSON
    bind = staticmethod(canonical_json)
    result = staticmethod(parse_json)

    def compare_values(self, x: Any, y: Any) -> bool:
        """Return whether both are the same JSON: 1, 1.0 and true are not."""
        if x is None or y is None:
            return x is y
        return canonical_json(x) == canonical_json(y)


class PostalAddress(Checked[Address]):
    """An ``Address`` as a JSON object."""

    impl = Text
    form = Form.JSON
    bind = staticmethod(_address_json)
    result = staticmethod(parse_address)


class TagList(Checked[tuple[str, ...]]):
    """Tags (``tags.tags``) as a JSON array."""

    impl = Text
    form = Form.JSON
    bind = staticmethod(_tags_json)
    result = staticmethod(_tags_of_json)


class EncryptedText(Checked[Sealed]):
    """A text that is sealed: takes and gives ``Sealed`` only, so no plain text gets in."""

    impl = Text
    form = Form.SEALED
    bind = staticmethod(_sealed_form)
    result = staticmethod(Sealed)
