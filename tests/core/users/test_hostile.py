"""Hostile strings: in every field stored exactly, or refused by the name of the field."""

import random
import unicodedata
from collections.abc import Callable
from typing import Any

from core.database.fields.addresses import Address
from core.database.query.errors import QueryError
from core.database.query.filters import parse_filters
from core.database.query.schemas import ListQuery, PageStart
from core.errors import ValidationError
from core.users.schemas import UserCreate, new_user
from tests.core.users.people import People

STRINGS = 10_000
STORED_AT_ONCE = 1_000

SEEDS = (
    "'; DROP TABLE users; --",
    '" OR 1=1 --',
    "Robert'); DELETE FROM users WHERE ('1'='1",
    "%", "_", "\\", "%_%", "a%b_c\\d", "100%", "*", "?", "[a]", "a*",
    "NULL", "null", "None", "undefined", "true", "0", "-1", "1e309", "NaN", "0x10",
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "=cmd|'/c calc'!A0",
    "<script>alert(1)</script>", "{{7*7}}", "${7*7}", "{0}", "%s%n", "../../etc/passwd",
    "a\0b", "\0", "\ud800", "a\udfffb", "\ufeffa", "a\u202eb", "\u200b", "a\u200db",
    "\x7f", "\x1b[31m", "line\nbreak", "tab\there", "\r\n", " ", "", "\u00a0", "\u3000",
    "Ａｄａ", "ﬁ", "ǅ", "İ", "ı", "ß", "ẞ", "Å", "A\u030a", "Ω", "ℌ", "㋿", "\u0344",
    "𝔘𝔫𝔦", "👩‍👩‍👧", "🏳️‍🌈", "क्‍ष", "אבג", "مرحبا", "abcאבג", "李雷", "ﷺ", "a" * 70, "é" * 300,
    "x" * 2_000, "a,b", "a，b", "a;b", "user@example.com", "a@b", "@", "..", "a..b", "-a",
    "((((((((((", "MATCH", "NEAR(a b)", '"a" AND "b"', "a OR b", "a*", "^a", "users:x",
)  # fmt: skip


def hostile(count: int) -> list[str]:
    """Return the seeds, joined and torn in ways that a fixed chance gives."""
    chance = random.Random(20261122)
    found = list(SEEDS)
    while len(found) < count:
        one, other = chance.choice(SEEDS), chance.choice(SEEDS)
        cut = chance.randrange(len(one) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            found.append(one[:cut] + other + one[cut:])
        elif kind == 1:
            found.append(f"{one}{chance.randrange(10**6)}")
        elif kind == 2:
            found.append("".join(chr(chance.randrange(0x3000)) for _n in range(6)))
        else:
            found.append("".join(chr(chance.choice(PLANES)) for _n in range(4)))
    return found[:count]


PLANES = [
    *range(32, 127),
    *range(0x2000, 0x2070),
    *range(0xD7F0, 0xD810),
    *range(0x1F600, 0x1F610),
]

FIELDS: dict[str, Callable[[str], Any]] = {
    "username": str,
    "display_name": str,
    "email": lambda text: f"{text}@example.com",
    "phone": str,
    "role": str,
    "address": lambda text: {"street": text, "city": text, "extra": text, "country": "CN"},
    "tags": lambda text: [text],
    "preferences": lambda text: {text: text},
    "note": str,
}


def _tried(field: str, text: str, number: int) -> UserCreate | None:
    values: dict[str, Any] = {"username": f"user{number}", "display_name": "Somebody"}
    values[field] = FIELDS[field](text)
    try:
        data = new_user(values)
    except ValidationError as error:
        told = error.fields
    else:
        _check_exact(field, text, data)
        return data
    assert told.keys() == {field}, (field, text)
    assert told[field].strip()
    return None


def _check_exact(field: str, text: str, data: UserCreate) -> None:
    """Assert that the value is what was typed, but for the stated forms of text."""
    lines = unicodedata.normalize("NFC", text.strip())
    line = " ".join(lines.split())
    found = getattr(data, field)
    match field:
        case "username":
            assert found == lines
        case "display_name":
            assert found == line
        case "address":
            assert found == Address("other", line, line, "", line, "", "CN")  # type: ignore[arg-type]
        case "tags":
            assert found == (line,)
        case "preferences":
            assert found == {text: text}
        case "note":
            assert found == text.replace("\r\n", "\n").replace("\r", "\n")
        case "email":
            assert found is None or found.endswith("@example.com")
        case "phone":
            assert found is None or (found[0] == "+" and found[1:].isdecimal())
        case "role":
            assert found == text


def test_each_is_taken_exactly_or_refused_by_name() -> None:
    """Every string in every field.

    Seen failing with tags that were only trimmed.
    """
    taken = dict.fromkeys(FIELDS, 0)
    for number, text in enumerate(hostile(STRINGS)):
        for field in FIELDS:
            taken[field] += _tried(field, text, number) is not None
    assert taken.pop("role") == 0
    assert min(taken.values()) >= 3, taken


async def test_what_was_taken_comes_back_from_the_database(people: People) -> None:
    """Seen failing with quotes that were doubled on their way into rows stored at once.

    The rows are stored at once, read as a list, and some are stored one by one.
    """
    given: dict[str, UserCreate] = {}
    keys: set[str] = set()
    for number, text in enumerate(hostile(STRINGS)):
        field = list(FIELDS)[number % 9]
        data = _tried(field, text, number)
        key = unicodedata.normalize("NFKC", data.username).casefold() if data else ""
        if data and key not in keys and not (field == "email" and data.email in keys):
            keys |= {key, data.email or key}
            given[data.username] = data
    many = list(given.values())
    single, many = many[:60], many[60:]
    assert len(many) > 2_500
    for first in range(0, len(many), STORED_AT_ONCE):
        await people.service.create_many(
            people.owner, data=many[first : first + STORED_AT_ONCE]
        )
    for one in single:
        await people.service.create(people.owner, data=one)
    seen, start = 0, PageStart()
    while True:
        page = await people.service.slice(
            people.owner, query=ListQuery(), start=start, limit=500
        )
        for row in page.rows:
            data = given[row.username]
            same = ("display_name", "email", "phone", "role", "address", "tags", "preferences")
            assert all(getattr(row, name) == getattr(data, name) for name in same), data
            assert row.has_note is bool(data.note)
        seen += len(page.rows)
        if not page.more_after:
            break
        start = PageStart(cursor=page.last)
    assert seen == len(given)
    assert await people.read("PRAGMA integrity_check") == [("ok",)]
    await _check_indexes_by_triggers(people)


async def _check_indexes_by_triggers(people: People) -> None:
    """Assert that every tag is in its index, and the full-text index is whole."""
    differing = (
        "SELECT u.id, value FROM users u, json_each(u.tags) EXCEPT"
        " SELECT user_id, tag FROM user_tags"
    )
    assert await people.read(differing) == []
    await people.write(
        "INSERT INTO users_search (users_search, rank) VALUES ('integrity-check', 1)"
    )


async def test_hostile_questions_find_what_they_name_and_nothing_else(people: People) -> None:
    """Seen failing with the text as a pattern of LIKE: “%” found everybody."""
    texts = hostile(len(SEEDS) + 300)
    named: dict[str, str] = {}
    for number, text in enumerate(texts):
        try:
            data = new_user({"username": f"u{number}", "display_name": text, "tags": [text]})
        except ValidationError:
            continue
        await people.service.create(people.owner, data=data)
        named[data.username] = data.display_name
    everybody = len(named)
    assert everybody > 100
    for text in texts:
        for query in (
            ListQuery(parse_filters({"display_name__contains": text})),
            ListQuery(parse_filters({"display_name__starts_with": text})),
            ListQuery(parse_filters({"tags__contains": text})),
            ListQuery(search=text),
        ):
            try:
                found = await people.service.slice(
                    people.owner, query=query, start=PageStart(), limit=1_000
                )
            except QueryError:
                continue
            if query.filters and query.filters[0].field == "display_name":
                expected = {
                    name for name, shown in named.items()
                    if (text in shown if query.filters[0].operator.value == "contains"
                        else shown.startswith(text))
                }  # fmt: skip
                assert {row.username for row in found.rows} == expected, query
            elif query.search.strip():
                for row in found.rows:
                    folded = text.strip().lower()
                    assert folded in row.username.lower() or folded in row.display_name.lower()
    assert await people.read("SELECT count(*) FROM users") == [(everybody,)]
