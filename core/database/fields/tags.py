"""Tags: short words that people give to things."""

import re
import unicodedata

from core.database.fields.errors import FieldError
from core.database.fields.lines import as_text, honest_line
from core.translation import _

MOST_TAGS = 50
LONGEST_TAG = 50
# The comma of Chinese and Japanese is one, too.
_COMMAS = re.compile("[,\uff0c]")


def tag(value: object) -> str:
    """Return one tag: an honest line in NFC of at most 50 characters, without a comma.

    Raises:
        FieldError: It is not.
    """
    text = honest_line(value, longest=LONGEST_TAG)
    if _COMMAS.search(text):
        raise FieldError(_("A tag holds no comma. Make two tags of it."))
    return text


def tag_key(text: str) -> str:
    """Return the form by which tags are held to be the same, whatever their case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def tags(values: object) -> tuple[str, ...]:
    """Return the tags in their order; of those that differ by case only, the first.

    Raises:
        FieldError: They are no list of texts, one is no tag (``tag``), or there are more
            than 50.
    """
    if not isinstance(values, list | tuple):
        raise FieldError(_("A list of tags is needed here."))
    found: dict[str, str] = {}
    for value in values:
        text = tag(value)
        found.setdefault(tag_key(text), text)
        if len(found) > MOST_TAGS:
            raise FieldError(
                _("There are more than {count} tags. Remove some.").format(count=MOST_TAGS)
            )
    return tuple(found.values())


def parse_tags(text: str) -> tuple[str, ...]:
    """Return the tags of a text in which commas stand between them.

    Raises:
        FieldError: As ``tags``.
    """
    return tags([part for part in _COMMAS.split(as_text(text)) if part.strip()])


def show_tags(values: tuple[str, ...]) -> str:
    """Return the tags with commas between them, as ``parse_tags`` reads them."""
    return ", ".join(values)
