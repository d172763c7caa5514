"""Numbers that stay exact: whole ones of 64 bits, and decimals as multiples of a unit."""

import re
from decimal import Decimal

from core.database.fields.errors import FieldError
from core.database.fields.lines import as_text
from core.translation import _

SMALLEST, LARGEST = -(2**63), 2**63 - 1
LONGEST_NUMBER = 100
_MOST_FIGURES = 4_000
_DECIMAL = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?\Z")
_AFTER_SIGN = re.compile(r"(?<=\A[+-])\s+")
# What locales write beside digits: another minus, and marks of direction.
SIGNS = str.maketrans({"\u2212": "-", "\u200e": "", "\u200f": "", "\u061c": ""})


def integer(value: object) -> int:
    """Return a whole number of at most 64 bits.

    Raises:
        FieldError: It is anything else; a boolean and a float are.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise FieldError(_("A whole number is needed here."))
    if not SMALLEST <= value <= LARGEST:
        raise FieldError(_("The number is too large. Give a smaller one."))
    return int(value)


def exact_decimal(value: object) -> Decimal:
    """Return a decimal, or a whole number as one.

    Raises:
        FieldError: It is anything else, NaN or an infinity; a float and a text are.
    """
    if isinstance(value, Decimal) and value.is_finite():
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(integer(value))
    raise FieldError(_("An exact decimal number is needed here."))


def read_decimal(value: str, locale: str = "") -> Decimal:
    """Return the decimal that a text holds: digits, at most one point and a sign.

    Args:
        value: The text.
        locale: Then the text is as this locale writes numbers.

    Raises:
        FieldError: It holds no such number.
    """
    text = _AFTER_SIGN.sub("", as_text(value).translate(SIGNS).strip())
    if not locale:
        if _DECIMAL.match(text):
            return Decimal(text)
        raise _no_number()
    if len(text) > LONGEST_NUMBER:
        raise _no_number()
    return _of_locale(text, locale)


def parse_integer(text: str, locale: str = "") -> int:
    """Return the whole number that a text holds, read as ``read_decimal`` reads it.

    Raises:
        FieldError: It holds no number, a fraction, or more than 64 bits.
    """
    return scaled(read_decimal(text, locale), 0)


def show_integer(value: int, locale: str = "") -> str:
    """Return the digits, grouped as the locale does; without one, digits only.

    Raises:
        FieldError: Babel does not know the locale.
    """
    return show_number(Decimal(value), locale)


def show_number(value: Decimal, locale: str = "") -> str:
    """Return every digit but zeros at the end of a fraction, grouped as the locale does.

    Raises:
        FieldError: Babel does not know the locale.
    """
    if locale:
        from babel.numbers import format_decimal

        from core.database.fields.locales import find_locale

        return format_decimal(value, locale=find_locale(locale), decimal_quantization=False)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def scaled(value: Decimal, places: int) -> int:
    """Return the decimal as a number of units of ``10**-places``, whatever the context.

    Raises:
        FieldError: It has more digits after the point, or more than 64 bits of units.
    """
    if not value:
        return 0
    # First the size: 1E+999999999 must not be written out.
    if value.adjusted() + places > 19:
        raise FieldError(_("The number is too large. Give a smaller one."))
    sign, figures, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    shift = exponent + places
    # Python makes no number of more digits at once; of a fraction as long one is too many.
    if len(figures) > _MOST_FIGURES:
        raise FieldError(_too_fine(places))
    units = int("".join(map(str, figures)))
    if shift < 0:
        units, rest = divmod(units, 10 ** min(-shift, len(figures)))
        if rest or -shift > len(figures):
            raise FieldError(_too_fine(places))
    else:
        units *= 10**shift
    return integer(-units if sign else units)


def unscaled(units: object, places: int) -> Decimal:
    """Return so many units of ``10**-places``, with exactly that many digits.

    Raises:
        FieldError: It is no whole number of 64 bits.
    """
    number = integer(units)
    figures = tuple(int(c) for c in str(abs(number)))
    return Decimal((int(number < 0), figures, -places))


def _too_fine(places: int) -> str:
    if not places:
        return _("This has no digits after the point. Round it.")
    return _("There are at most {places} digits after the point. Round it.").format(
        places=places
    )


def _of_locale(text: str, locale: str) -> Decimal:
    from babel.numbers import NumberFormatError, parse_decimal

    from core.database.fields.locales import find_locale

    try:
        found = parse_decimal(text, locale=find_locale(locale), strict=True)
    except (NumberFormatError, ValueError) as error:
        raise _no_number() from error
    # It takes powers of ten, which nobody writes, and could be too many digits to write out.
    if not found.is_finite() or "e" in text.lower():
        raise _no_number()
    return found


def _no_number() -> FieldError:
    return FieldError(_("This is no number. Write it with digits, like 1234.50."))
