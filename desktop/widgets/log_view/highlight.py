"""What is searched for, and where in a line it stands."""

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import re2

MOST_RANGES: Final = 500
"""How many places in one line are marked."""
_REMEMBERED: Final = 512
_MOST_MEMORY = 8 * 1024 * 1024


class Needle(NamedTuple):
    """A text, or a regular expression in the syntax of RE2, that is searched for."""

    text: str
    regular: bool = False
    case: bool = False


Finder = Callable[[str], tuple[tuple[int, int], ...]]


def finder(needle: Needle) -> Finder:
    """Return what gives the ranges of a plain line that match, in linear time.

    An expression that RE2 does not take matches nothing: searching tells what is wrong.
    """
    expression = _regular(needle) if needle.regular else _literal(needle)

    @functools.lru_cache(maxsize=_REMEMBERED)
    def ranges(line: str) -> tuple[tuple[int, int], ...]:
        if expression is None:
            return ()
        found = []
        for match in expression.finditer(line):
            start, end = match.span()
            if end > start:
                found.append((start, end))
            if len(found) == MOST_RANGES:
                break
        return tuple(found)

    return ranges


def _literal(needle: Needle) -> re.Pattern[str] | None:
    if not needle.text:
        return None
    return re.compile(re.escape(needle.text), 0 if needle.case else re.IGNORECASE)


def _regular(needle: Needle) -> "re2._Regexp | None":
    # Imported at the first search by an expression: the window opens sooner without.
    import re2

    options = re2.Options()
    options.max_mem = _MOST_MEMORY
    options.case_sensitive = needle.case
    options.log_errors = False
    try:
        return re2.compile(needle.text, options)
    except re2.error:
        return None
