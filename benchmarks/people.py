"""Invented people for benchmarks, tests and the demo: realistic, and reachable nowhere.

Faker gives pools of names, streets and towns of several countries; a seeded chance combines
them, so that a million people take seconds. Addresses of e-mail end in domains, telephone
numbers lie in ranges, that are reserved for examples (RFC 2606, and the offices that number
telephones).
"""

import json
import random
import re
import unicodedata
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from faker import Faker

from core.database.fields.names import person_name, username

DOMAINS = (
    "example.org",
    "example.com",
    "example.net",
    "mail.example.org",
    "build.example.com",
    "lab.example.net",
)
TAGS = (
    *("backend", "frontend", "android", "ios", "embedded", "infrastructure", "release"),
    *("quality", "research", "security", "design", "support", "data", "docs", "tools"),
    *("Berlin", "Paris", "Chengdu", "Osaka", "Kraków", "Lisbon", "Austin", "Göteborg"),
    *("contractor", "intern", "on call", "night shift", "part time", "alumni", "测试", "開発"),
)
# Ranges kept free for films and examples: how each begins, how many digits follow.
_PHONES = {
    "US": tuple((f"+1{area}55501", 2) for area in (212, 202, 310, 312, 415, 512, 617, 206)),
    "GB": (("+442079460", 3), ("+442890180", 3)),
    "DE": (("+493023125", 3), ("+494066969", 3)),
    "FR": (("+33199000", 3),),
    "SE": (("+4670174065", 1), ("+4670174069", 1)),
}
_COUNTRIES = {
    "en_US": 24,
    "en_GB": 12,
    "de_DE": 16,
    "fr_FR": 10,
    "es_ES": 8,
    "pl_PL": 6,
    "sv_SE": 4,
    "pt_BR": 6,
    "zh_CN": 9,
    "ja_JP": 5,
}
_UNJOINED = {"zh", "ja"}
_SPELLED = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "ö": "oe", "ü": "ue"})
_POOL = 400
_YEARS = 3


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person; the times are in UTC.

    ``seen`` is when the person did something, the oldest first.
    """

    uid: str
    username: str
    display_name: str
    email: str | None
    phone: str | None
    role: str
    active: bool
    preferences: dict[str, str]
    balance_minor: int
    currency: str
    address: dict[str, str] | None
    tags: list[str]
    created_at: datetime
    deleted_at: datetime | None
    seen: list[datetime]


@dataclass(frozen=True, slots=True)
class _Pool:
    """What people of one country are made of."""

    language: str
    country: str
    currency: str
    names: list[tuple[str, str]]
    surnames: list[tuple[str, str]]
    streets: list[str]
    towns: list[tuple[str, str, str]]


_CURRENCIES = {"US": "USD", "GB": "GBP", "PL": "PLN", "SE": "SEK", "BR": "BRL", "CN": "CNY"}


def people(count: int, *, seed: int, until: datetime) -> Iterator[Person]:
    """Give invented people, always the same for the same arguments.

    Args:
        until: The present in which they live: nothing happened after it.
    """
    chance = random.Random(seed)
    pools = [_pool(name, seed) for name in _COUNTRIES]
    weights = list(_COUNTRIES.values())
    taken: dict[str, int] = {}
    given = 0
    while given < count:
        for pool in chance.choices(pools, weights, k=min(1_000, count - given)):
            yield _person(chance, pool, taken, until)
            given += 1


def _pool(locale: str, seed: int) -> _Pool:
    fake = Faker(locale)
    fake.seed_instance(seed)
    language, country = locale.split("_")
    if language in _UNJOINED:
        names = [(fake.first_name(), fake.first_romanized_name()) for _ in range(_POOL)]
        surnames = [(fake.last_name(), fake.last_romanized_name()) for _ in range(_POOL)]
    else:
        names = [(name, name) for name in (fake.first_name() for _ in range(_POOL))]
        surnames = [(name, name) for name in (fake.last_name() for _ in range(_POOL))]
    return _Pool(
        language=language,
        country=country,
        currency=_CURRENCIES.get(country, "JPY" if country == "JP" else "EUR"),
        names=[(person_name(name), _spelled(word)) for name, word in names],
        surnames=[(person_name(name), _spelled(word)) for name, word in surnames],
        streets=[person_name(fake.street_name()) for _ in range(_POOL)],
        towns=[
            (fake.postcode(), person_name(fake.city()), fake.administrative_unit())
            for _ in range(_POOL)
        ],
    )


def _spelled(name: str) -> str:
    """Return a name in the letters of user names."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_SPELLED))
    return username(re.sub(r"[^a-z]", "", plain) or "x")


def _person(
    chance: random.Random, pool: _Pool, taken: dict[str, int], until: datetime
) -> Person:
    first, first_word = chance.choice(pool.names)
    last, last_word = chance.choice(pool.surnames)
    word = f"{first_word}.{last_word}"
    number = taken[word] = taken.get(word, 0) + 1
    name = word if number == 1 else f"{word}{number}"
    created = until - timedelta(seconds=int(chance.random() ** 1.4 * _YEARS * 31_557_600))
    role = chance.random()
    fate = chance.random()
    return Person(
        uid=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        username=name,
        display_name=last + first if pool.language in _UNJOINED else f"{first} {last}",
        email=f"{name}@{chance.choice(DOMAINS)}" if chance.random() < 0.95 else None,
        phone=_phone(chance, pool.country) if chance.random() < 0.7 else None,
        role="viewer" if role > 0.03 else "operator" if role > 0.001 else "administrator",
        active=fate > 0.06,
        preferences={"language": pool.language} if chance.random() < 0.3 else {},
        balance_minor=chance.randrange(-5_000, 250_000) if chance.random() < 0.4 else 0,
        currency=pool.currency,
        address=_address(chance, pool) if chance.random() < 0.6 else None,
        tags=_tags(chance),
        created_at=created,
        deleted_at=_between(chance, created, until) if fate < 0.01 else None,
        seen=_seen(chance, created, until),
    )


def _phone(chance: random.Random, country: str) -> str:
    ranges = _PHONES.get(country) or _PHONES["US"]
    begin, digits = chance.choice(ranges)
    return f"{begin}{chance.randrange(10**digits):0{digits}d}"


def _address(chance: random.Random, pool: _Pool) -> dict[str, str]:
    code, town, region = chance.choice(pool.towns)
    house = chance.randrange(1, 200)
    street = chance.choice(pool.streets)
    before = pool.country in {"US", "GB", "FR"}
    return {
        "kind": "home" if chance.random() < 0.7 else "work",
        "street": f"{house} {street}" if before else f"{street} {house}",
        "extra": f"c/o {chance.choice(pool.surnames)[0]}" if chance.random() < 0.05 else "",
        "postal_code": code,
        "city": town,
        "region": region,
        "country": pool.country,
    }


def _tags(chance: random.Random) -> list[str]:
    count = (0, 0, 1, 1, 2, 3)[chance.randrange(6)]
    # The first are given most often.
    picked = [TAGS[int(len(TAGS) * chance.random() ** 2)] for _ in range(count)]
    return list(dict.fromkeys(picked))


def _seen(chance: random.Random, created: datetime, until: datetime) -> list[datetime]:
    """Return when somebody did something: many never did, few do so often."""
    kind = chance.random()
    if kind < 0.45:
        return []
    count = 1 if kind < 0.8 else chance.randint(2, 3) if kind < 0.95 else chance.randint(4, 8)
    return sorted(_between(chance, created, until) for _ in range(count))


def _between(chance: random.Random, first: datetime, last: datetime) -> datetime:
    return first + timedelta(seconds=int((last - first).total_seconds() * chance.random()))


def as_json(value: object) -> str:
    """Return JSON text as the columns of people store it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
