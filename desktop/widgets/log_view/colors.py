"""The colours of pieces of a line: those it asks for, made readable on what is under them."""

from typing import Final

from PySide6.QtGui import QColor

from desktop.theme import Role, Theme, blend, readable
from desktop.widgets.log_view.ansi import DIRECT, PLAIN, Style

_KEPT: Final = 2_048
_CUBE: Final = (0, 95, 135, 175, 215, 255)


class Colors:
    """Text and ground of styles, kept once found; forgotten when the theme changes."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._kept: dict[tuple[Style, int, int], tuple[QColor, QColor | None]] = {}
        theme.changed.connect(self._forget)

    def of(self, style: Style, base: int, ground: int) -> tuple[QColor, QColor | None]:
        """Return text and ground of a piece; the text can be read whatever was asked for.

        Args:
            base: The RGB of text without a colour of its own.
            ground: The RGB of what is under it.
        """
        key = (style, base, ground)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            found = self._kept[key] = self._resolved(
                style, QColor.fromRgb(base), QColor.fromRgb(ground)
            )
        return found

    def match(self, *, chosen: bool) -> QColor:
        """Return the ground of what was searched for; on the chosen line it stands out."""
        ground, tone = self._theme.color(Role.WARNING_GROUND), self._theme.color(Role.WARNING)
        return blend(ground, tone, 0.75 if chosen else 0.25)

    def _forget(self) -> None:
        self._kept.clear()

    def _resolved(
        self, style: Style, base: QColor, ground: QColor
    ) -> tuple[QColor, QColor | None]:
        if style == PLAIN:
            return base, None
        text = base if style.foreground is None else self._color(style.foreground)
        behind = None if style.background is None else self._color(style.background)
        if style.inverse:
            text, behind = behind or ground, text
        under = behind or ground
        if style.faint:
            text = blend(text, under, 0.35)
        return QColor.fromRgb(readable(text.rgb(), under.rgb())), behind

    def _color(self, color: int) -> QColor:
        if color & DIRECT:
            return QColor.fromRgb(color & 0xFFFFFF)
        if color < 16:
            return self._theme.ansi(color)
        if color >= 232:
            level = 8 + 10 * (color - 232)
            return QColor(level, level, level)
        red, rest = divmod(color - 16, 36)
        green, blue = divmod(rest, 6)
        return QColor(_CUBE[red], _CUBE[green], _CUBE[blue])
