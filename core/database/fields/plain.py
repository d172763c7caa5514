"""Plain values: text, yes or no, and one of several."""

import re
from collections.abc import Collection
from decimal import Decimal

from core.database.fields.errors import FieldError
from core.database.fields.exact import (
    exact_decimal,
    read_decimal,
    scaled,
    show_number,
    unscaled,
)
from core.database.fields.lines import as_text, honest_line, within
from core.translation import _

LONGEST_LINE = 1_000
LONGEST_TEXT = 100_000
LONGEST_CHOICE = 64
DECIMAL_PLACES = 6
_OF_NO_LINE = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029]")
_OF_NO_TEXT = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f]")
_TRUE = frozenset(("true", "yes", "1"))
_FALSE = frozenset(("false", "no", "0"))


def text_line(value: object) -> str:
    """Return one line of at most 1,000 characters, as it is.

    Raises:
        FieldError: It is longer, or holds an end of a line or another control character.
    """
    text = within(as_text(value), LONGEST_LINE)
    if _OF_NO_LINE.search(text):
        raise FieldError(_("This is one line, without control characters. Remove them."))
    return text


def long_text(value: object) -> str:
    """Return a text of at most 100,000 characters; its lines end with a line feed.

    Raises:
        FieldError: It is longer, or holds control characters beside ends of lines and tabs.
    """
    text = within(as_text(value), LONGEST_TEXT).replace("\r\n", "\n").replace("\r", "\n")
    if _OF_NO_TEXT.search(text):
        raise FieldError(_("The text holds control characters. Remove them."))
    return text


def decimal(value: object) -> Decimal:
    """Return an exact decimal with six digits after the point, in 64 bits of millionths.

    Raises:
        FieldError: It is a float, NaN, an infinity, a text, finer or larger.
    """
    return unscaled(scaled(exact_decimal(value), DECIMAL_PLACES), DECIMAL_PLACES)


def parse_decimal(text: str, locale: str = "") -> Decimal:
    """Return the decimal that a text holds, read as ``exact.read_decimal`` reads it.

    Raises:
        FieldError: As ``decimal``; it holds no number.
    """
    return decimal(read_decimal(text, locale))


def show_decimal(value: Decimal, locale: str = "") -> str:
    """Return the decimal as ``exact.show_number`` writes it.

    Raises:
        FieldError: Babel does not know the locale.
    """
    return show_number(value, locale)


def boolean(value: object) -> bool:
    """Return true or false.

    Raises:
        FieldError: It is anything else; 0 and 1 are.
    """
    if not isinstance(value, bool):
        raise FieldError(_("This is either yes or no."))
    return value


def parse_boolean(text: str) -> bool:
    """Return what ``true``, ``yes``, ``1``, their opposites or the language's own words say.

    Raises:
        FieldError: It says neither.
    """
    word = as_text(text).strip().casefold()
    if word in _TRUE or word == _("Yes").casefold():
        return True
    if word in _FALSE or word == _("No").casefold():
        return False
    raise FieldError(_("This is either yes or no."))


def show_boolean(value: bool, locale: str = "") -> str:
    """Return yes or no in the person's language; without a locale ``true`` or ``false``."""
    if locale:
        return _("Yes") if value else _("No")
    return "true" if value else "false"


def choice(value: object, choices: Collection[str] = ()) -> str:
    """Return one of the choices; without any given, an honest line of 64 characters.

    Raises:
        FieldError: It is none of them.
    """
    text = honest_line(value, longest=LONGEST_CHOICE)
    if choices and text not in choices:
        raise FieldError(
            _("Choose one of these: {choices}.").format(choices=", ".join(choices))
        )
    return text
