"""Money: exact, whatever the amount, the currency and the context."""

from decimal import Decimal, getcontext, localcontext
from typing import Any

import pytest
from babel.core import Locale
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from core.database.fields import money
from core.database.fields.errors import FieldError
from core.database.fields.exact import integer, parse_integer, scaled, unscaled
from core.database.fields.money import Money, currency, digits, parse_money, show_money
from core.database.fields.plain import decimal, parse_decimal, show_decimal
from tests.core.database.fields.samples import INT64, LOCALES, MONEY


@given(units=INT64, places=st.integers(0, 6))
def test_units_are_the_decimal_whatever_the_context(units: int, places: int) -> None:
    """Seen to fail with ``int(value * 10**places)``, which rounds to the context's digits."""
    with localcontext() as context:
        context.prec = 3
        value = unscaled(units, places)
        assert scaled(value, places) == units
    assert value == Decimal(units) / 10**places
    assert -value.as_tuple().exponent == places  # type: ignore[operator]


@given(
    value=st.decimals(allow_nan=False, allow_infinity=False),
    places=st.integers(0, 4),
)
def test_a_decimal_becomes_exactly_its_units_or_is_refused(value: Decimal, places: int) -> None:
    """Seen to fail with the check of the rest taken out: cents were cut off."""
    try:
        units = scaled(value, places)
    except FieldError:
        with localcontext() as context:
            context.prec = 2_000
            shifted = value * 10**places
            too_large = not -(2**63) <= shifted <= 2**63 - 1
            assert (
                too_large or value.adjusted() < -100 or shifted != shifted.to_integral_value()
            )
    else:
        with localcontext() as context:
            context.prec = 2_000
            assert Decimal(units) == value * 10**places


@pytest.mark.parametrize(
    "amount",
    [
        0.1,
        1.0,
        True,
        None,
        "1.50",
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("-Infinity"),
        Decimal("0.001"),
        Decimal("1E-400"),
        Decimal("1E+999999"),
        Decimal("92233720368547758.08"),
        2**64,
    ],
)
def test_what_is_no_exact_amount_is_refused(amount: Any) -> None:
    """Seen to fail for texts when ``Money`` read them, and for 1.0 with ``Decimal(amount)``."""
    with pytest.raises(FieldError):
        Money(amount, "EUR")


def test_the_largest_amounts_are_taken() -> None:
    assert Money(Decimal("92233720368547758.07"), "EUR").minor == 2**63 - 1
    assert Money(Decimal("-92233720368547758.08"), "EUR").minor == -(2**63)
    with pytest.raises(FieldError):
        -Money.from_minor(-(2**63), "EUR")


def test_an_amount_has_one_form() -> None:
    forms = {
        Money(Decimal(t), c) for t in ("1.5", "1.50", "1.500", "15E-1") for c in ("eur", "EUR")
    }
    assert [repr(form) for form in forms] == ["Money(amount=Decimal('1.50'), currency='EUR')"]
    assert repr(Money(Decimal("-0"), "JPY").amount) == "Decimal('0')"


@pytest.mark.parametrize(
    ("code", "places"),
    [("JPY", 0), ("EUR", 2), ("KWD", 3), ("CLF", 4), ("IRR", 2), ("UGX", 0), ("HUF", 2)],
)
def test_digits_are_those_of_iso_4217(code: str, places: int) -> None:
    """Seen to fail with Babel's figures: it gives the rial, 2 in ISO 4217, none."""
    assert digits(code) == places


@pytest.mark.parametrize("code", ["XAU", "XXX", "ABC", "", "E", "EURO", "€", "ＥＵＲ", 5, None])
def test_what_is_no_currency_is_refused(code: object) -> None:
    with pytest.raises(FieldError):
        currency(code)


def test_every_currency_there_is_can_be_shown() -> None:
    for code in map(str, Locale.parse("en").currencies):
        try:
            amount = Money.from_minor(-123_456_789, code)
        except FieldError:
            assert code.startswith("X")
        else:
            assert parse_money(show_money(amount)) == amount


@settings(max_examples=150)
@given(amount=MONEY, locale=st.sampled_from(LOCALES))
def test_what_is_shown_is_read_as_it_was(amount: Money, locale: str) -> None:
    """Seen to fail with ``format_currency``: it cut the rial's two digits."""
    assert parse_money(show_money(amount, locale), locale) == amount


def test_a_sign_that_currencies_share_is_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No locale of this Babel has one. Seen to fail with the first of them taken."""
    monkeypatch.setattr(money, "_signs_of", lambda _locale: {"$": ["USD", "CAD"]})
    with pytest.raises(FieldError):
        parse_money("$1.00", "en_US")


@pytest.mark.parametrize(
    ("text", "locale", "shown"),
    [
        ("1234.50 EUR", "", "1234.50 EUR"),
        ("eur 1234.5", "", "1234.50 EUR"),
        ("1.234,50 €", "de_DE", "1234.50 EUR"),
        ("¥1,234.50", "zh_CN", "1234.50 CNY"),
        ("-$0.05", "en_US", "-0.05 USD"),
        ("\u2212 5 JPY", "", "-5 JPY"),
    ],
)
def test_money_is_read_as_people_write_it(text: str, locale: str, shown: str) -> None:
    assert show_money(parse_money(text, locale)) == shown


@pytest.mark.parametrize(
    ("text", "locale"),
    [("1,50 EUR", ""), ("1.50 €", "de_DE"), ("12", "en_US"), ("€", "de_DE"), ("$5", "")],
)
def test_what_could_be_two_amounts_is_refused(text: str, locale: str) -> None:
    with pytest.raises(FieldError):
        parse_money(text, locale)


def test_amounts_of_two_currencies_do_not_add_up() -> None:
    one, other = Money(Decimal(1), "EUR"), Money(Decimal(1), "USD")
    with pytest.raises(FieldError):
        one + other
    assert (one + one - one, -one) == (one, Money(Decimal(-1), "EUR"))
    with pytest.raises(TypeError):
        one + 1  # type: ignore[operator]


def test_a_schema_takes_money_and_makes_none_of_a_float() -> None:
    """Seen to fail without the strict configuration: pydantic made a decimal of 0.1."""

    class Account(BaseModel):
        balance: Money

    assert Account(balance=Money(Decimal(1), "EUR")).balance.minor == 100
    with pytest.raises(ValidationError):
        Account.model_validate({"balance": {"amount": 0.1, "currency": "EUR"}})


@given(value=st.decimals(-(10**12), 10**12, places=6), locale=st.sampled_from(LOCALES))
@settings(max_examples=60)
def test_decimals_are_read_as_they_are_shown(value: Decimal, locale: str) -> None:
    exact = decimal(value)
    assert parse_decimal(show_decimal(exact)) == exact
    assert parse_decimal(show_decimal(exact, locale), locale) == exact


@pytest.mark.parametrize(
    "text", ["1_000", "١٢", "1.0.0", "0x1F", "1e3", "--1", "+", "", "1 000"]
)
def test_no_number_is_guessed(text: str) -> None:
    with pytest.raises(FieldError):
        parse_integer(text)


def test_whole_numbers_are_whole_and_of_64_bits() -> None:
    assert parse_integer(" -9223372036854775808 ") == -(2**63)
    assert parse_integer("1.234", "de_DE") == 1234
    for wrong in (True, 1.0, 2**63, "1"):
        with pytest.raises(FieldError):
            integer(wrong)
    with pytest.raises(FieldError):
        parse_integer("1.5")
    assert getcontext().prec == 28
