"""Sizes in words, for messages of the core; tables and charts format figures themselves."""

from core.translation import _


def size_words(count: float) -> str:
    """Return a number of bytes as people read it, such as ``12.4 MB`` (powers of ten)."""
    units = (_("B"), _("kB"), _("MB"), _("GB"), _("TB"))
    place = 0
    while abs(count) >= 999.95 and place < len(units) - 1:
        count, place = count / 1000, place + 1
    figure = f"{count:.0f}" if place == 0 else f"{count:.1f}"
    return _("{figure} {unit}").format(figure=figure, unit=units[place])
