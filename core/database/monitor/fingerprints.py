"""What is the same in all runs of a statement: its text, without the values in it.

What stands in double quotes, backquotes or brackets is the name of something and is kept.
"""

import hashlib
import re
from enum import StrEnum
from typing import NamedTuple

from core.database.monitor.tokens import without_values

_MOST_CHARACTERS = 4_000
_MOST_TO_PLAN = 100_000

_IN_LIST = re.compile(r"\bIN ?\( ?\?(?: ?, ?\?)++ ?\)", re.IGNORECASE)
_ONE_IN_LIST = re.compile(r"\bIN ?\( ?\? ?\)", re.IGNORECASE)
_ROWS = re.compile(r"(\( ?\?(?: ?, ?\?)*+ ?\))(?: ?, ?\( ?\?(?: ?, ?\?)*+ ?\))++")
_WRITES_AFTER_WITH = re.compile(r"\) ?(?:INSERT|REPLACE|UPDATE|DELETE)\b", re.IGNORECASE)
_FIRST_WORD = re.compile(r"[A-Za-z]*")
_READS = frozenset({"SELECT", "VALUES"})
_WRITES = frozenset({"INSERT", "REPLACE", "UPDATE", "DELETE"})

# Questions about other statements are all one, or each would stand beside its subject.
ABOUT_STATEMENTS = "/* about statements */"
_ABOUT = "about statements"


class Kind(StrEnum):
    """Whether a statement reads rows or writes them; ``OTHER`` is BEGIN, PRAGMA and such."""

    READ = "read"
    WRITE = "write"
    OTHER = "other"


class Fingerprint(NamedTuple):
    """A statement without its values.

    Attributes:
        name: A digest of the whole text; the same in every session.
        text: On one line and shortened, with lists of values drawn together.
        plannable: On one line with ``?`` for each value, which SQLite can explain; empty
            where that is too long, or no plan is to be had.
    """

    name: str
    text: str
    plannable: str
    kind: Kind


def fingerprint(sql: str) -> Fingerprint:
    """Return the fingerprint of a statement; all questions about statements have one."""
    if ABOUT_STATEMENTS in sql[:100] or sql[:7].upper() == "EXPLAIN":
        return Fingerprint(_ABOUT, "EXPLAIN …", "", Kind.OTHER)
    plain = without_values(sql)
    drawn = _IN_LIST.sub("IN (?, …)", plain)
    drawn = _ONE_IN_LIST.sub("IN (?, …)", drawn)
    drawn = _ROWS.sub(r"\1, …", drawn)
    digest = hashlib.blake2b(drawn.encode("utf-8", "surrogatepass"), digest_size=8)
    kind = _kind(plain)
    text = drawn if len(drawn) <= _MOST_CHARACTERS else drawn[: _MOST_CHARACTERS - 1] + "…"
    plannable = plain if kind is not Kind.OTHER and len(plain) <= _MOST_TO_PLAN else ""
    return Fingerprint(digest.hexdigest(), text, plannable, kind)


def _kind(plain: str) -> Kind:
    match = _FIRST_WORD.match(plain)
    word = match[0].upper() if match else ""
    if word == "WITH":
        return Kind.WRITE if _WRITES_AFTER_WITH.search(plain) else Kind.READ
    if word in _READS:
        return Kind.READ
    return Kind.WRITE if word in _WRITES else Kind.OTHER
