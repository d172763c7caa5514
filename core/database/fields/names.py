"""Names of people: the one they sign in with, and the one they are called by."""

import unicodedata

from core.database.fields.errors import FieldError
from core.database.fields.lines import as_text, honest_line, is_honest, within
from core.translation import _

LONGEST_USERNAME = 64
LONGEST_PERSON_NAME = 100
_SIGNS = frozenset("._-@")


def username(value: object) -> str:
    """Return the name a person signs in with, in NFC and without space around it.

    It has 1 to 64 characters: letters and digits of any script, and ``. _ - @``; the first
    is a letter or digit; its letters all run in one direction. The same holds for its
    compatible form (NFKC), so that two names never differ in appearance only by that.

    Raises:
        FieldError: It does not keep these rules.
    """
    name = within(unicodedata.normalize("NFC", as_text(value).strip()), LONGEST_USERNAME)
    if not name:
        raise FieldError(_("This is needed."))
    for form in (name, unicodedata.normalize("NFKC", name)):
        _check_characters(form)
    return name


def username_key(text: str) -> str:
    """Return the form by which user names are held to be the same: caseless, compatible."""
    return caseless(text.strip())


def caseless(text: str) -> str:
    """Return the caseless, compatible form (Unicode's NFKC case folding).

    Applied twice it changes nothing more.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text).casefold())
    return unicodedata.normalize("NFKC", folded.casefold())


def person_name(value: object) -> str:
    """Return the name a person is called by: one honest line of at most 100 characters.

    Raises:
        FieldError: It is empty, longer, or hides or reorders text.
    """
    return honest_line(value, longest=LONGEST_PERSON_NAME)


def _check_characters(name: str) -> None:
    kinds = [unicodedata.category(c) for c in name]
    legal = all(
        kind[0] == "L" or kind in {"Nd", "Mn", "Mc"} or c in _SIGNS
        for c, kind in zip(name, kinds, strict=True)
    )
    if not legal or not is_honest(name):
        raise FieldError(
            _("A user name has letters, digits and . _ - @ only. Leave everything else out.")
        )
    if kinds[0][0] not in "LN":
        raise FieldError(_("A user name begins with a letter or a digit."))
    directions = {unicodedata.bidirectional(c) for c in name}
    if "L" in directions and directions & {"R", "AL"}:
        raise FieldError(
            _("A user name is written in one direction: use letters of one script.")
        )
