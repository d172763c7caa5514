"""The words that people see: every sentence of core and desktop passes through here.

Sentences are whole and name their parameters, ``_("{name} is taken.").format(name=name)``,
so that a catalogue in ``resources/locale`` can put them in another order.
"""

import gettext
from pathlib import Path

_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def install(folder: Path, language: str | None = None) -> None:
    """Load the catalogue of a language, or of the system's where none is given.

    Args:
        folder: Where the catalogues lie.
        language: Its code, such as ``zh_CN``.
    """
    global _catalogue
    _catalogue = gettext.translation(
        "buildbench",
        localedir=folder,
        languages=[language] if language else None,
        fallback=True,
    )


def _(message: str) -> str:
    """Return the sentence in the language of the person."""
    return _catalogue.gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form of the sentence that fits the count."""
    return _catalogue.ngettext(singular, plural, count)
