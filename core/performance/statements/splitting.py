"""Cuts a pasted text into statements."""

import sqlite3
from dataclasses import dataclass

from core.database.monitor import tokens
from core.translation import _, ngettext

MOST_CHARACTERS = 1_000_000
MOST_IN_ONE = 100_000
MOST_STATEMENTS = 200
_MOST_SHOWN = 2_000
_MOST_TRIES = 1_000

# Whatever else one begins with has a plan, or SQLite itself says what is wrong with it.
_WITHOUT_PLAN = frozenset(
    {
        *("CREATE", "DROP", "ALTER", "ATTACH", "DETACH", "PRAGMA"),
        *("BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"),
        *("VACUUM", "ANALYZE", "REINDEX"),
    }
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement, or what is wrong with a part of the text.

    Attributes:
        sql: To be shown, shortened where it is long.
        asked: To be explained: without EXPLAIN, with ``?`` for each parameter; empty where
            it cannot be.
        parameters: How many those are.
        error: Why it cannot be explained, in words; else empty.
    """

    sql: str
    asked: str = ""
    parameters: int = 0
    error: str = ""


def split(script: str) -> tuple[Piece, ...]:
    """Return the statements of a text in order; blocks for up to some tenths of a second.

    A semicolon in a string, a comment or the body of a trigger ends no statement.
    """
    if len(script) > MOST_CHARACTERS:
        return (Piece(_shown(script), error=_too_long(len(script), MOST_CHARACTERS)),)
    pieces: list[Piece] = []
    start = tries = 0
    for match in tokens.TOKEN.finditer(script):
        if match.lastgroup != tokens.END:
            continue
        tries += 1
        text = script[start : match.end()]
        if len(text) <= MOST_IN_ONE and tries <= _MOST_TRIES and not _complete(text):
            continue
        pieces.extend(_pieces(text))
        start, tries = match.end(), 0
        if len(pieces) >= MOST_STATEMENTS:
            break
    rest = script[start:]
    if len(pieces) < MOST_STATEMENTS:
        pieces.extend(_pieces(rest))
    elif list(_pieces(rest[:MOST_IN_ONE])):
        pieces.append(Piece(_shown(rest), error=_too_many()))
    return tuple(pieces)


def _complete(text: str) -> bool:
    try:
        return sqlite3.complete_statement(text)
    except ValueError:  # it holds a NUL, or half a character: told below
        return True


def _pieces(text: str) -> tuple[Piece, ...]:
    """Return what a statement is, or nothing where there is none between two semicolons."""
    body = _without_explain(text)
    if not body:
        return ()
    shown = _shown(text.strip())
    if len(text) > MOST_IN_ONE:
        return (Piece(shown, error=_too_long(len(text), MOST_IN_ONE)),)
    if "\0" in text or not _is_unicode(text):
        error = _("It holds a character that no statement can hold, such as NUL.")
        return (Piece(shown, error=error),)
    word = _first_word(body)
    if not word or word in _WITHOUT_PLAN:
        return (Piece(shown, error=_no_plan(word)),)
    asked, parameters = tokens.numbered_by_place(body)
    return (Piece(shown, asked, parameters),)


def _without_explain(text: str) -> str:
    """Return a statement from its first token on, without EXPLAIN and EXPLAIN QUERY PLAN."""
    expected = ["EXPLAIN", "QUERY", "PLAN"]
    for match in tokens.TOKEN.finditer(text):
        if match.lastgroup in (tokens.BLANK, tokens.END):
            continue
        if expected and match[0].upper() == expected[0]:
            expected.pop(0)
            continue
        return text[match.start() :].rstrip().rstrip(";")
    return ""


def _first_word(body: str) -> str:
    match = tokens.TOKEN.match(body)
    return match[0].upper() if match and match.lastgroup == tokens.NAME else ""


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(text: str) -> str:
    text = text.encode("utf-8", "replace").decode().replace("\0", "�")
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"


def _too_long(length: int, most: int) -> str:
    return _("It is {length} characters long; up to {most} are explained.").format(
        length=f"{length:,}", most=f"{most:,}"
    )


def _too_many() -> str:
    return ngettext(
        "Up to {most} statement is explained at once; from here on they were left out.",
        "Up to {most} statements are explained at once; from here on they were left out.",
        MOST_STATEMENTS,
    ).format(most=MOST_STATEMENTS)


def _no_plan(word: str) -> str:
    if not word:
        return _("It does not begin as a statement does.")
    return _(
        "Only statements that read or change rows have a plan; this one begins with {word}."
    ).format(word=word[:30])
