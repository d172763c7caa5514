"""The tokens of SQLite's language, as far as it matters where values stand."""

import itertools
import re

NAME, LITERAL, PARAMETER, BLANK, END = "name", "literal", "parameter", "blank", "end"

# https://sqlite.org/lang_expr.html#literal_values_constants_; possessive, so that no text
# takes long. What is never closed goes on to the end of the text, as for SQLite.
TOKEN = re.compile(
    r"""
    (?P<name> "(?:[^"]|"")*+"? | `(?:[^`]|``)*+`? | \[[^\]]*+\]?
            | (?! [xX]' ) [^\W\d] [\w$]*+ )
  | (?P<literal> [xX]?'(?:[^']|'')*+'?
            | 0[xX][0-9a-fA-F_]++ \w*+
            | (?: \d[\d_]*+ (?:\.[\d_]*+)? | \.\d[\d_]*+ ) (?: [eE][+-]?\d[\d_]*+ )? \w*+ )
  | (?P<parameter> \?\d*+ | [:@$\#] \w (?: [\w$] | :: )*+ (?: \( [^\s)]*+ \) )? )
  | (?P<blank> (?: \s | --[^\n]*+ | /\*(?:[^*]|\*(?!/))*+(?:\*/)? )++ )
  | (?P<end> ; )
  | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)

_questions = itertools.count(1)


def asking_for_plan(sql: str) -> str:
    """Return the statement that asks for a plan, each time with another text.

    The driver keeps statements by their text, and one that asks for a plan does not notice
    that the schema has changed since it was prepared.
    """
    return f"EXPLAIN QUERY PLAN /* {next(_questions)} */ {sql}"


def without_values(sql: str) -> str:
    """Return a statement on one line, with ``?`` for each literal and parameter."""
    return TOKEN.sub(_without_value, sql).strip("; ")


def numbered_by_place(sql: str) -> tuple[str, int]:
    """Return a statement with ``?`` for each parameter, and how many those are."""
    count = 0

    def marked(token: re.Match[str]) -> str:
        nonlocal count
        if token.lastgroup != PARAMETER:
            return token[0]
        count += 1
        return "?"

    return TOKEN.sub(marked, sql), count


def _without_value(token: re.Match[str]) -> str:
    if token.lastgroup in (LITERAL, PARAMETER):
        return "?"
    return " " if token.lastgroup == BLANK else token[0]
