"""Lawful and hostile values of every field type."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import strategies as st

from core.database.fields.addresses import Address, AddressKind, countries
from core.database.fields.money import Money
from core.security.sealed import Sealed

CURRENCIES = ("EUR", "USD", "CNY", "JPY", "KWD", "CLF", "IRR", "UGX", "TRL")
LOCALES = ("en_US", "de_DE", "zh_CN", "fr_FR", "hi_IN", "ar_EG", "he_IL", "sv_SE", "es_ES")
# Numbers that exist, of several shapes.
PHONES = (
    "+8613800138000",
    "+12025550123",
    "+390612345678",
    "+442079460958",
    "+4915112345678",
    "+864001234567",
    "+6561234567",
)
INT64 = st.integers(-(2**63), 2**63 - 1)

# What people who mean harm, or programs that go wrong, put into a field.
HOSTILE = (
    "'; DROP TABLE samples; --",
    '" OR 1=1 --',
    "%",
    "_%\\%",
    "a\0b",
    "\0",
    "\ud800",
    "x\udfffy",
    "a\u202egnp.exe",
    "\u2066\u2069",
    "\u200b",
    "a\u200db",
    "\ufeff",
    "\u115f",
    "👩‍💻",
    "𝕬𝖉𝖒𝖎𝖓",
    "𠀋",
    "e\u0301" * 40,
    "\u0301",
    "ﷺ" * 64,
    "İıſß",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\r\n",
    "\u2028",
    "",
    " ",
    "\u3000",
    "A" * 200_000,
    "[" * 200_000,
    '{"a":' * 2_000,
    "1" * 10_000,
    "1e999999999",
    "-0",
    "NaN",
    "Infinity",
    "-Infinity",
    '{"a": NaN}',
    '{"a": 1e999}',
    '{"a": 1, "a": 2}',
    '"\\ud800"',
    '{"kind": "home", "street": 1}',
    '{"kind": "home", "country": "XX"}',
    '{"kind": ["home"], "country": "DE", "city": "B"}',
    "a@b",
    "a@b@example.org",
    "ä@\udc80.example.org",
    "a@" + "b" * 300 + ".org",
    "a@xn--.org",
    "a@[127.0.0.1]",
    '"a b"@example.org',
    "tel:+8613800138000",
    "+86 138 0013 8000 ext. 5",
    "+999999999999999",
    "１３８００１３８０００",
    "1.5 EURO",
    "EUR",
    "1 XAU",
    "1.001 EUR",
    "1 JPY 2 JPY",
    "1e5 EUR",
    "٣ EUR",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-02-30T00:00Z",
    "2026-05-01 14:30",
    ",,,",
    "a,b,，c",
    ",".join(str(n) for n in range(51)),
    "null",
    "yes",
)
# What is no text, or none that should count as one.
STRANGE: tuple[object, ...] = (
    None,
    True,
    0,
    -1,
    2**63,
    10**5000,
    0.1,
    float("nan"),
    float("inf"),
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("Infinity"),
    Decimal("1E+999999999"),
    Decimal("1E-999999999"),
    Decimal("0E+999999999"),
    b"bytes",
    object(),
    [],
    ["a", 1],
    ["a"] * 60,
    {},
    {1: 2},
    {"kind": "home"},
    {"kind": "home", "street": None, "country": "DE"},
    {"a": {"b": float("nan")}},
    datetime(2026, 5, 1, tzinfo=UTC).replace(tzinfo=None),
    datetime.max.replace(tzinfo=timezone(-timedelta(hours=23))),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=23))),
    Sealed("x"),
    Money(Decimal(1), "EUR"),
)


def looped() -> list[object]:
    """Return a list that holds itself, twice."""
    value: list[object] = []
    value += [value, value]
    return value


_scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
JSON = st.recursive(
    _scalars | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
MONEY = st.builds(Money.from_minor, INT64, st.sampled_from(CURRENCIES))
_words = st.text(st.sampled_from("aB9 -/.é王小路한글नि"), max_size=20)
ADDRESSES = st.builds(
    Address,
    st.sampled_from(AddressKind),
    _words,
    _words,
    _words,
    _words.map(lambda text: "X" + text),
    _words,
    st.sampled_from(sorted(countries())),
)
_TAG_LETTERS = "aAbBßſİıKK é\u0301%_'\"[]{}王한"
TAGS = st.lists(
    st.text(st.sampled_from(_TAG_LETTERS), min_size=1, max_size=12).filter(str.strip),
    max_size=8,
)
EMAILS = st.builds(
    "{}@{}".format,
    st.from_regex(r"[A-Za-zäß0-9]{1,10}([.+_-][A-Za-z0-9]{1,10})?", fullmatch=True),
    st.sampled_from(("example.org", "EXAMPLE.com", "bücher.example.net", "例子.广告")),
)
USERNAMES = st.from_regex(r"[A-Za-zÄß0-9я王][A-Za-z0-9Äßя王._@-]{0,40}", fullmatch=True)
_FIRST, _LAST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)
TIMES = st.datetimes(
    _FIRST.replace(tzinfo=None),
    _LAST.replace(tzinfo=None),
    timezones=st.sampled_from(
        (UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=5)))
    ),
)
# Any text but surrogates, for the fields that take what is written.
TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)

LAWFUL: dict[str, st.SearchStrategy[object]] = {
    "text": TEXTS,
    "long_text": TEXTS,
    "choice": TEXTS,
    "integer": INT64,
    "decimal": st.decimals(-(10**12), 10**12, places=6),
    "boolean": st.booleans(),
    "time": TIMES,
    "money": MONEY,
    "username": USERNAMES,
    "person_name": TEXTS,
    "email": EMAILS,
    "phone": st.sampled_from(PHONES),
    "address": ADDRESSES,
    "tags": TAGS,
    "json": JSON,
    "secret": st.text(st.characters(codec="ascii")).map(Sealed),
}
