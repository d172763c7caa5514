"""What the lines of EXPLAIN QUERY PLAN say.

Their words are no interface of SQLite's: what is not known here is told as it is. They stand in
``src/wherecode.c``, ``select.c``, ``expr.c`` and ``where.c`` of SQLite 3.54.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

_ROW = re.compile(
    r"(?P<how>SCAN|SEARCH) (?P<name>.*?)(?: EXISTS)?"
    r"(?: USING (?P<what>INTEGER PRIMARY KEY|PRIMARY KEY|AUTOMATIC PARTIAL COVERING INDEX"
    r"|AUTOMATIC COVERING INDEX|COVERING INDEX|INDEX)(?: (?P<index>(?!\().*?))?)?"
    r"(?: VIRTUAL TABLE INDEX (?P<virtual>\d+:.*?))?"
    r"(?: \((?P<terms>[^()]*(?:\([^()]*\)[^()]*)*)\))?(?: LEFT-JOIN)?",
    re.DOTALL,
)
_SORT = re.compile(r"USE TEMP B-TREE FOR (?P<purpose>.*)", re.DOTALL)
_STEP = re.compile(r"(?P<step>CO-ROUTINE|MATERIALIZE|RIGHT-JOIN) (?P<name>.*)", re.DOTALL)
_NOTHING = re.compile(r"SCAN (?:CONSTANT ROW|\d+-ROW VALUES CLAUSE|\d+ CONSTANT ROWS)")


class Access(Enum):
    """What a line tells of."""

    WHOLE_TABLE = auto()
    WHOLE_INDEX = auto()
    WHOLE_COVERING_INDEX = auto()
    AUTOMATIC_INDEX = auto()
    INDEX = auto()
    COVERING_INDEX = auto()
    PRIMARY_KEY = auto()
    ONE_END = auto()
    VIRTUAL = auto()
    VALUES = auto()
    SORT = auto()
    RESULT = auto()
    RIGHT_JOIN = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """A line taken apart.

    Attributes:
        name: The table, or the name that the statement has for it; empty where there is none.
        index: The index, or what a virtual table calls its way.
        terms: The columns that are searched for, as SQLite has them: ``a=? AND b>?``.
        purpose: What is sorted for: ``ORDER BY``, ``GROUP BY``, ``DISTINCT``, …
    """

    access: Access
    name: str = ""
    index: str = ""
    terms: str = ""
    purpose: str = ""


def parse(detail: str) -> Line:
    """Take a line apart."""
    if _NOTHING.fullmatch(detail):
        return Line(Access.VALUES)
    if match := _SORT.fullmatch(detail):
        return Line(Access.SORT, purpose=match["purpose"])
    if match := _STEP.fullmatch(detail):
        joins = match["step"] == "RIGHT-JOIN"
        return Line(Access.RIGHT_JOIN if joins else Access.RESULT, match["name"])
    if match := _ROW.fullmatch(detail):
        return _of_rows(match)
    return Line(Access.OTHER)


def _of_rows(match: re.Match[str]) -> Line:
    name, terms = match["name"], match["terms"] or ""
    if match["virtual"] is not None:
        return Line(Access.VIRTUAL, name, match["virtual"], terms)
    return Line(_access(match["how"], match["what"] or ""), name, match["index"] or "", terms)


def _access(how: str, what: str) -> Access:
    if "AUTOMATIC" in what:
        return Access.AUTOMATIC_INDEX
    if how == "SCAN":
        return {
            "INDEX": Access.WHOLE_INDEX,
            "COVERING INDEX": Access.WHOLE_COVERING_INDEX,
        }.get(what, Access.WHOLE_TABLE)
    return {
        "": Access.ONE_END,
        "INDEX": Access.INDEX,
        "COVERING INDEX": Access.COVERING_INDEX,
    }.get(what, Access.PRIMARY_KEY)
