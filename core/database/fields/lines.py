"""What is true of every text people enter: honest characters, and what cannot be stored."""

import re
import unicodedata

from core.database.fields.errors import FieldError
from core.translation import _

# Letters and marks that nothing is drawn of: a name made of them looks empty or like another.
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_JOINERS = frozenset("\u200c\u200d")
_UNDRAWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Arabic to Myanmar, Khmer and Mongolian: there the joiners are part of the spelling.
_JOINED_SCRIPTS = ((0x0600, 0x109F), (0x1780, 0x18AF), (0xA840, 0xABFF))
# Letters are composed of four at most; more is not worth looking at.
_LARGEST_SHRINKAGE = 4
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_SPACE = re.compile(r"\s+")


def as_text(value: object) -> str:
    """Return the value, which has to be a text that any UTF-8 file can hold.

    Raises:
        FieldError: It is no text, or holds NUL or half of a surrogate pair.
    """
    if not isinstance(value, str):
        raise FieldError(_("A text is needed here."))
    text = str(value)
    if _UNSTORABLE.search(text):
        raise FieldError(
            _("The text holds characters that cannot be stored. Type it anew, without them.")
        )
    return text


def capitals(value: object) -> str:
    """Return a code in capitals, without space around it.

    Only of ASCII: capitals of “ß” are “SS”, which is another code.

    Raises:
        FieldError: As ``as_text``.
    """
    text = as_text(value).strip()
    return text.upper() if text.isascii() else text


def is_honest(text: str) -> bool:
    """Return whether every character is seen as it is written.

    Not honest are control characters, ends of lines, marks that reorder text, characters
    of no width and letters that are blank. Joiners are, inside the scripts and the emoji that
    are spelled with them.
    """
    return not any(
        c in _BLANKS or (unicodedata.category(c) in _UNDRAWN and not _joins(text, place))
        for place, c in enumerate(text)
    )


def honest_line(value: object, *, longest: int) -> str:
    """Return the text as one honest line: NFC, trimmed, inner white space as one space.

    Raises:
        FieldError: It is empty, longer than ``longest`` characters, or not honest.
    """
    given = as_text(value).strip()
    if len(given) > longest * _LARGEST_SHRINKAGE:
        within(given, longest)
    text = unicodedata.normalize("NFC", given)
    if not is_honest(text):
        raise FieldError(
            _(
                "This is one line, without control characters and marks that hide or"
                " reorder text. Type it anew, without them."
            )
        )
    line = _SPACE.sub(" ", text)
    if not line:
        raise FieldError(_("This is needed."))
    return within(line, longest)


def optional_line(value: object, *, longest: int) -> str:
    """Return the text as ``honest_line``; it may also be empty.

    Raises:
        FieldError: As ``honest_line``.
    """
    text = as_text(value)
    return honest_line(text, longest=longest) if text.strip() else ""


def within(text: str, longest: int) -> str:
    """Return the text, which has at most that many characters.

    Raises:
        FieldError: It is longer.
    """
    if len(text) > longest:
        raise FieldError(
            _("This has {count} characters; shorten it to {longest}.").format(
                count=len(text), longest=longest
            )
        )
    return text


def _joins(text: str, place: int) -> bool:
    if text[place] not in _JOINERS or place == 0 or place + 1 == len(text):
        return False
    before, after = text[place - 1], text[place + 1]
    if _is_joined(before) and _is_joined(after):
        return True
    return text[place] == "\u200d" and _is_picture(before) and _is_picture(after)


def _is_joined(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM" and any(
        first <= ord(char) <= last for first, last in _JOINED_SCRIPTS
    )


def _is_picture(char: str) -> bool:
    # The second is the mark that asks for colour, the third the shades of skin.
    return (
        unicodedata.category(char) == "So"
        or char == "\ufe0f"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
    )
