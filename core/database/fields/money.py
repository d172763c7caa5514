"""Amounts of money: exact, in the units their currency has."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

from core.database.fields.errors import FieldError
from core.database.fields.exact import (
    LONGEST_NUMBER,
    SIGNS,
    exact_decimal,
    read_decimal,
    scaled,
    unscaled,
)
from core.database.fields.lines import as_text, capitals
from core.translation import _

# ISO 4217, with the withdrawn ones that had no smaller unit. Babel's figures are those of
# daily use, change between its releases, and would then change what is stored.
_NO_DIGITS = (
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
    " ADP BYR ESP ITL LUF MGF TRL"
)
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DIGITS = "CLF UYW"
_DIGITS = {
    **dict.fromkeys(_NO_DIGITS.split(), 0),
    **dict.fromkeys(_THREE_DIGITS.split(), 3),
    **dict.fromkeys(_FOUR_DIGITS.split(), 4),
}
# Metals, units of account, tests: ISO gives them no units.
_WITHOUT_UNITS = "XAU XAG XPT XPD XDR XSU XUA XBA XBB XBC XBD XTS XXX XRE XEU XFO XFU"
_CODE = re.compile(r"(?<![^\W\d_])[A-Za-z]{3}(?![^\W\d_])")


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of a currency, in at most 2**63 - 1 of its smallest units either way.

    Attributes:
        amount: With exactly the digits that ISO 4217 gives the currency: ``1.5`` USD is kept
            as ``1.50``. Fewer, or zeros beyond, may be given; a float may not.
        currency: Three capitals that Babel knows as a currency.

    Raises:
        FieldError: A float, NaN, an infinity, more digits, a larger amount, no currency.
    """

    # Else pydantic would make a decimal of a float before it is refused here.
    __pydantic_config__: ClassVar[Any] = {"strict": True}

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        code = currency(self.currency)
        places = _DIGITS.get(code, 2)
        object.__setattr__(self, "currency", code)
        object.__setattr__(
            self, "amount", unscaled(scaled(exact_decimal(self.amount), places), places)
        )

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> "Money":
        """Return the money of so many of the smallest units, such as cents.

        Raises:
            FieldError: As ``Money``.
        """
        return cls(unscaled(minor, digits(currency)), currency)

    @property
    def minor(self) -> int:
        """The amount in the smallest units of the currency, as it is stored."""
        return scaled(self.amount, digits(self.currency))

    def __add__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        if other.currency != self.currency:
            raise FieldError(_("Amounts of two currencies cannot be added."))
        return Money.from_minor(self.minor + other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money.from_minor(-self.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return self + -other if isinstance(other, Money) else NotImplemented

    def __composite_values__(self) -> tuple[int, str]:
        """Return what SQLAlchemy's ``composite(Money.from_minor, …)`` stores."""
        return self.minor, self.currency


def stored_money(minor: int | None, currency: str | None) -> Money | None:
    """Return the money that two columns hold; None where either holds nothing.

    Raises:
        FieldError: As ``Money``.
    """
    return None if minor is None or currency is None else Money.from_minor(minor, currency)


def money_columns(name: str, value: Money | None) -> dict[str, int | str | None]:
    """Return what is stored of an amount in ``NAME_minor`` and ``NAME_currency``."""
    return {
        f"{name}_minor": None if value is None else value.minor,
        f"{name}_currency": None if value is None else value.currency,
    }


def currency(value: object) -> str:
    """Return the code of a currency in capitals.

    Raises:
        FieldError: There is no such currency, or it has no units, such as gold.
    """
    code = capitals(value)
    if not is_currency(code):
        raise FieldError(_("There is no such currency. Give its three letters, as in EUR."))
    return code


def is_currency(code: str) -> bool:
    """Return whether these capitals name a currency that has units."""
    return len(code) == 3 and code not in _WITHOUT_UNITS and code in _known_codes()


@cache
def _known_codes() -> frozenset[str]:
    from babel.core import Locale

    return frozenset(Locale.parse("en").currencies)


def digits(code: str) -> int:
    """Return how many digits after the point ISO 4217 gives a currency.

    Raises:
        FieldError: There is no such currency.
    """
    return _DIGITS.get(currency(code), 2)


def parse_money(text: str, locale: str = "") -> Money:
    """Return the money a text names, an amount beside the code of its currency.

    Args:
        text: ``1234.50 EUR`` or ``EUR 1234.50``; with a locale also with the locale's own sign
            and as it groups digits.
        locale: As Babel names it, such as ``de_DE``; without, digits and a point only.

    Raises:
        FieldError: It names no money, or a sign that several currencies share.
    """
    line = as_text(text).translate(SIGNS).strip()
    if len(line) > LONGEST_NUMBER:
        raise _unreadable()
    mark, code = _mark_of(line, locale)
    return Money(read_decimal(line.replace(mark, "", 1), locale), code)


def show_money(value: Money, locale: str = "") -> str:
    """Return an amount as the locale writes it, every digit; without a locale as ``1.50 EUR``.

    Raises:
        FieldError: Babel does not know the locale.
    """
    if not locale:
        return f"{value.amount:f} {value.currency}"
    from core.database.fields.locales import find_locale

    places = digits(value.currency)
    found = find_locale(locale)
    pattern = found.currency_formats["standard"]
    exact = type(pattern)(
        pattern.pattern,
        pattern.prefix,
        pattern.suffix,
        pattern.grouping,
        pattern.int_prec,
        (places, places),
        pattern.exp_prec,
        pattern.exp_plus,
        pattern.number_pattern,
    )
    return str(exact.apply(value.amount, found, currency=value.currency, currency_digits=False))


def _mark_of(line: str, locale: str) -> tuple[str, str]:
    """Return what names the currency in a line, and the code of that."""
    word = _CODE.search(line)
    if word and is_currency(word[0].upper()):
        return word[0], word[0]
    found = _signs_of(locale) if locale else {}
    rest = line.strip("+- \u00a0\u202f")
    marks = [mark for mark in found if rest.startswith(mark) or rest.endswith(mark)]
    mark = max(marks, key=len, default="")
    if len(found.get(mark, ())) != 1:
        raise _unreadable()
    return mark, found[mark][0]


def _signs_of(locale: str) -> dict[str, list[str]]:
    """Return the signs of a locale, each with all currencies that it may stand for."""
    from core.database.fields.locales import find_locale

    found: dict[str, list[str]] = {}
    for code, mark in find_locale(locale).currency_symbols.items():
        found.setdefault(mark.translate(SIGNS), []).append(code)
    return found


def _unreadable() -> FieldError:
    return FieldError(
        _("This is no amount of money. Write it with its currency, like 1234.50 EUR.")
    )
