"""The columns of a table, one type for each kind of value.

Each checks what is stored by the rules of its value type and brings it to its one form, so
that nothing else can get into the database; ``NULL`` is let through, forbid it on the column.
A value that is refused raises ``UnstorableError``, in the unit of work that stores it, without
the statement and its parameters. Patterns (``like``, ``startswith``) are taken as texts.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, Boolean, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator, TypeEngine

from core.database.fields import plain
from core.database.fields.addresses import Address, address, address_json, parse_address
from core.database.fields.emails import LONGEST_EMAIL, email
from core.database.fields.errors import FieldError
from core.database.fields.exact import as_decimal, integer, scaled, unscaled
from core.database.fields.money import currency
from core.database.fields.names import (
    LONGEST_PERSON_NAME,
    LONGEST_USERNAME,
    person_name,
    username,
)
from core.database.fields.phones import phone
from core.database.fields.strict_json import canonical_json, parse_json
from core.database.fields.tags import tags
from core.security.sealed import Sealed
from core.translation import _

T = TypeVar("T")
_COMPARISONS = frozenset(
    (
        operators.eq,
        operators.ne,
        operators.lt,
        operators.le,
        operators.gt,
        operators.ge,
        operators.in_op,
        operators.not_in_op,
        operators.between_op,
        operators.not_between_op,
        operators.is_,
        operators.is_not,
    )
)


class UnstorableError(FieldError, DontWrapMixin):
    """A value cannot be stored in its column, or what is stored there is damaged."""


class _Checked(TypeDecorator[T], Generic[T]):
    """Stores what ``_bind`` makes of a value, and gives back what ``_result`` does of that."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Return the form that is stored.

        Raises:
            UnstorableError: The value breaks the rules.
        """
        return None if value is None else _storable(self._bind, value)

    def process_result_value(self, value: Any, dialect: Dialect) -> T | None:  # noqa: ARG002
        """Return the value of what is stored.

        Raises:
            UnstorableError: Something else wrote there.
        """
        return None if value is None else _storable(self._result, value)

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        """Hold values against values, and patterns as the texts they are."""
        if op in _COMPARISONS or not isinstance(value, str):
            return self
        return String()

    def _bind(self, value: Any) -> Any:
        raise NotImplementedError

    def _result(self, value: Any) -> T:
        return value  # type: ignore[no-any-return]


def _storable(change: Callable[[Any], Any], value: Any) -> Any:
    try:
        return change(value)
    except UnstorableError:
        raise
    except FieldError as error:
        raise UnstorableError(str(error)) from error


class TextLine(_Checked[str]):
    """One line of plain text (``plain.text_line``)."""

    impl = String

    def _bind(self, value: Any) -> str:
        return plain.text_line(value)


class LongText(_Checked[str]):
    """Plain text of several lines (``plain.long_text``)."""

    impl = Text

    def _bind(self, value: Any) -> str:
        return plain.long_text(value)


class Username(_Checked[str]):
    """The name a person signs in with (``names.username``)."""

    impl = String(LONGEST_USERNAME)

    def _bind(self, value: Any) -> str:
        return username(value)


class PersonName(_Checked[str]):
    """The name a person is called by (``names.person_name``)."""

    impl = String(LONGEST_PERSON_NAME)

    def _bind(self, value: Any) -> str:
        return person_name(value)


class EmailAddress(_Checked[str]):
    """An e-mail address in its normalised form (``emails.email``)."""

    impl = String(LONGEST_EMAIL)

    def _bind(self, value: Any) -> str:
        return email(value)


class PhoneNumber(_Checked[str]):
    """A telephone number in the form of E.164; give it one that has its country code."""

    impl = String(16)

    def _bind(self, value: Any) -> str:
        if not isinstance(value, str) or not value.startswith("+"):
            raise FieldError(_("The number is stored with + and its country code only."))
        return phone(value)


class MinorUnits(_Checked[int]):
    """An amount in the smallest units of the currency that a ``CurrencyCode`` beside it names.

    Sums in the database are exact whole numbers; beyond 64 bits SQLite refuses them.
    """

    impl = BigInteger

    def _bind(self, value: Any) -> int:
        return integer(value)

    def _result(self, value: Any) -> int:
        return integer(value)


class CurrencyCode(_Checked[str]):
    """Three letters of a currency (``money.currency``)."""

    impl = String(3)

    def _bind(self, value: Any) -> str:
        return currency(value)


class WholeNumber(_Checked[int]):
    """A whole number of 64 bits; no boolean, no float (``exact.integer``)."""

    impl = BigInteger

    def _bind(self, value: Any) -> int:
        return integer(value)

    def _result(self, value: Any) -> int:
        return integer(value)


class FixedDecimal(_Checked[Decimal]):
    """An exact decimal of at most six digits after the point, stored as millionths.

    So it is ordered and summed exactly by the database.
    """

    impl = BigInteger

    def _bind(self, value: Any) -> int:
        return scaled(as_decimal(value), plain.DECIMAL_PLACES)

    def _result(self, value: Any) -> Decimal:
        return unscaled(value, plain.DECIMAL_PLACES)


class YesNo(_Checked[bool]):
    """True or false, and nothing that merely counts as one."""

    impl = Boolean

    def _bind(self, value: Any) -> bool:
        return plain.boolean(value)


class JsonText(_Checked[Any]):
    """A JSON value as its canonical text (``strict_json``); None is ``NULL``.

    A value that is changed in place is not noticed: assign another one.
    """

    impl = Text

    def _bind(self, value: Any) -> str:
        return canonical_json(value)

    def _result(self, value: Any) -> Any:
        return parse_json(value)

    def compare_values(self, x: Any, y: Any) -> bool:
        """Return whether both are the same JSON: 1, 1.0 and true are not."""
        if x is None or y is None:
            return x is y
        return canonical_json(x) == canonical_json(y)


class PostalAddress(_Checked[Address]):
    """An ``Address`` as a JSON object."""

    impl = Text

    def _bind(self, value: Any) -> str:
        return address_json(address(value))

    def _result(self, value: Any) -> Address:
        return parse_address(value)


class TagList(_Checked[tuple[str, ...]]):
    """Tags (``tags.tags``) as a JSON array."""

    impl = Text

    def _bind(self, value: Any) -> str:
        return canonical_json(tags(value))

    def _result(self, value: Any) -> tuple[str, ...]:
        return tags(parse_json(value))


class EncryptedText(_Checked[Sealed]):
    """A text that is sealed: takes and gives ``Sealed`` only, so no plain text gets in."""

    impl = Text

    def _bind(self, value: Any) -> str:
        if not isinstance(value, Sealed):
            raise FieldError(_("Only sealed text is stored here. Seal it first."))
        return value.stored

    def _result(self, value: Any) -> Sealed:
        return Sealed(value)
