"""Finds the lines that hold a text, in time that is linear in what is searched.

RE2 searches a stretch at once and outside the interpreter's lock. Where nearly every line
holds a plain text, line by line is quicker.
"""

import re2

from core.builds.logs.escapes import as_shown
from core.builds.logs.search.refusals import refusal
from core.builds.logs.walk import Stretch
from core.errors import ValidationError
from core.translation import _

LONGEST_TEXT = 4_096

# Compiling holds the interpreter's lock: what needs 64 MiB holds everything up for a second.
_MOST_MEMORY = 8 * 1024 * 1024
_MANY = 200
_ANYWHERE = re2._Anchor.UNANCHORED


class LineMatcher:
    """Finds lines that hold a plain text, or match an expression anywhere.

    Args:
        text: What to look for; an expression is in the syntax of RE2, and sees one line.
        regular: Whether it is an expression.
        case: Whether upper and lower case differ.

    Raises:
        ValidationError: The text is too long, or no expression.
    """

    def __init__(self, text: str, *, regular: bool, case: bool) -> None:
        if len(text) > LONGEST_TEXT:
            words = _("It may have up to {count} characters.").format(count=LONGEST_TEXT)
            raise ValidationError(_("This is too long to search for."), fields={"text": words})
        self._never = not text or (not regular and ("\n" in text or "\r" in text))
        self._words = text.encode("utf-8", "replace")
        self._case = case
        self._plain_ascii = not regular and text.isascii()
        self._expression = _compiled(text, self._words, regular=regular, case=case)

    def lines_in(self, stretch: Stretch) -> list[int]:
        """Return the numbers of the lines of a stretch that match, in order."""
        if self._never:
            return []
        first_line, raw = stretch.read()
        return self._found(as_shown(raw), first_line)

    def _found(self, text: bytes, line: int) -> list[int]:
        found: list[int] = []
        position, end = 0, len(text)
        # What the module's own search calls, without three objects for each match.
        match = self._expression._regexp.Match
        by_line = self._plain_ascii and text.isascii()
        while position < end:
            start = match(_ANYWHERE, text, position, end)[0][0]
            if start < 0 or (start == end and text.endswith(b"\n")):
                break
            line += text.count(b"\n", position, start)
            found.append(line)
            position = text.find(b"\n", start) + 1
            if not position:
                break
            line += 1
            if by_line and len(found) == _MANY:
                return found + self._found_by_line(text[position:], line)
        return found

    def _found_by_line(self, text: bytes, line: int) -> list[int]:
        words = self._words if self._case else self._words.lower()
        lines = (text if self._case else text.lower()).split(b"\n")
        return [number for number, one in enumerate(lines, line) if words in one]


def _compiled(text: str, words: bytes, *, regular: bool, case: bool) -> "re2._Regexp":
    options = re2.Options()
    options.max_mem = _MOST_MEMORY
    options.never_nl = True
    options.never_capture = True
    options.case_sensitive = case
    options.log_errors = False
    options.literal = not regular
    try:
        return re2.compile(b"(?m)" + words if regular else words, options)
    except re2.error as error:
        raise refusal(text, _told(error)) from error


def _told(error: Exception) -> str:
    told = error.args[0] if error.args else ""
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
