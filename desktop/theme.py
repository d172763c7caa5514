"""The look of the window: every colour, font, size and icon comes from here.

``Theme`` applies a palette and one style sheet for light or dark to an application in the
Fusion style (``STYLE``). A widget asks it for a colour by its meaning
(``theme.color(Role.MUTED)``) while it paints, and for an icon by its name
(``theme.icon("play")``, any name of the Phosphor set); both follow when the scheme changes,
and ``changed`` tells those who keep something made of colours.

Widgets choose a look with the dynamic property ``kind`` (set before they are shown, or
through ``set_kind``):

======================  ==================================================================
``QPushButton``         ``primary`` (the one main action), ``quiet`` (no border, muted),
                        ``link`` (accent words), ``danger`` (destroys), ``menu`` (room for
                        the mark of its menu); none: bordered
``QToolButton``         ``bordered``, ``line`` (muted words in a line), ``switch`` (on or
                        off, inside of a field); none: flat
``QLabel``              ``title`` 16 semibold, ``heading`` 13 semibold, ``muted`` 12,
                        ``figure`` 22 semibold, ``error``, ``warning``, ``success`` and
                        ``accent`` 12, ``pill`` (a small count on warning ground)
``QFrame``, ``QWidget``  ``card`` (pane, line, radius 8), ``pane`` (plain pane ground),
                        ``bar`` (pane with a line below), ``footer`` (pane with a line
                        above), ``separator`` (a line, 1 high or wide), ``chip`` (words
                        and a cross), ``small_chip`` (the same inside of a field),
                        ``popover`` (a small window under a button), ``field`` and
                        ``invalid_field`` (looks like an editor)
``QLineEdit``, editors  ``invalid`` (failure border), ``bare`` (inside of a ``field``)
``QTabBar``             ``main`` (the tall one of the window); none: tabs inside a page
``QAbstractItemView``   ``flush`` (no border of its own); none: a border
======================  ==================================================================
"""

import functools
from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from desktop.theme_icons import PaletteIcon
from desktop.theme_marks import Marks
from desktop.theme_polish import Polisher
from desktop.theme_sheet import style_sheet

STYLE: Final = ("-style", "Fusion")
"""What the application object is made with; ``setStyle`` would answer with an object of a
class that is slow to load, and so delay the first paint by 5 ms."""


class Role(StrEnum):
    """What a colour stands for."""

    WINDOW = "window"
    PANE = "pane"
    FIELD = "field"
    HOVER = "hover"
    LINE = "line"
    FIELD_LINE = "field_line"
    TEXT = "text"
    MUTED = "muted"
    DISABLED = "disabled"
    ACCENT = "accent"
    ACCENT_HOVER = "accent_hover"
    ACCENT_GROUND = "accent_ground"
    ON_ACCENT = "on_accent"
    SUCCESS = "success"
    SUCCESS_GROUND = "success_ground"
    FAILURE = "failure"
    FAILURE_GROUND = "failure_ground"
    WARNING = "warning"
    WARNING_GROUND = "warning_ground"
    LOG_GROUND = "log_ground"
    MARK = "mark"
    CHECK = "check"
    ON_CHECK = "on_check"


class Metric(IntEnum):
    """Sizes in device-independent pixels, on a grid of 8."""

    GRID = 8
    ROW = 32
    LOG_ROW = 19
    BUTTON = 30
    RADIUS = 6
    CARD_RADIUS = 8
    ICON = 16


class FontRole(StrEnum):
    """What a piece of text is."""

    TEXT = "text"
    STRONG = "strong"
    MUTED = "muted"
    TITLE = "title"
    FIGURE = "figure"
    MONO = "mono"


# Arrows and ticks are pictures, which a style sheet only takes as files: one set for both.
_EITHER: Final = {Role.MARK: "#7a8290", Role.CHECK: "#3b74e8", Role.ON_CHECK: "#ffffff"}

_LIGHT: Final[Mapping[Role, str]] = {
    Role.WINDOW: "#f6f7f9",
    Role.PANE: "#ffffff",
    Role.FIELD: "#f6f7f9",
    Role.HOVER: "#f0f2f5",
    Role.LINE: "#e2e5ea",
    Role.FIELD_LINE: "#cfd4dc",
    Role.TEXT: "#1d2129",
    Role.MUTED: "#626a78",
    Role.DISABLED: "#a3aab6",
    Role.ACCENT: "#2563e0",
    Role.ACCENT_HOVER: "#1d54c4",
    Role.ACCENT_GROUND: "#e9f0fe",
    Role.ON_ACCENT: "#ffffff",
    Role.SUCCESS: "#17744a",
    Role.SUCCESS_GROUND: "#e3f5eb",
    Role.FAILURE: "#c02f36",
    Role.FAILURE_GROUND: "#fdeaea",
    Role.WARNING: "#8f5d00",
    Role.WARNING_GROUND: "#fff3da",
    Role.LOG_GROUND: "#fcfcfd",
    **_EITHER,
}

_DARK: Final[Mapping[Role, str]] = {
    Role.WINDOW: "#1b1d22",
    Role.PANE: "#23262c",
    Role.FIELD: "#1b1d22",
    Role.HOVER: "#2c3038",
    Role.LINE: "#343842",
    Role.FIELD_LINE: "#434855",
    Role.TEXT: "#e4e7ec",
    Role.MUTED: "#9aa2b0",
    Role.DISABLED: "#666d7a",
    Role.ACCENT: "#6c9dff",
    Role.ACCENT_HOVER: "#8ab1ff",
    Role.ACCENT_GROUND: "#2a3650",
    Role.ON_ACCENT: "#0f1726",
    Role.SUCCESS: "#56c98a",
    Role.SUCCESS_GROUND: "#1f3a2d",
    Role.FAILURE: "#ff858a",
    Role.FAILURE_GROUND: "#452629",
    Role.WARNING: "#f0b94d",
    Role.WARNING_GROUND: "#43361c",
    Role.LOG_GROUND: "#1d2025",
    **_EITHER,
}

# Black, red, green, yellow, blue, magenta, cyan, white, then the same bright. Both ends of
# the grey scale are bent towards the text, since a log may choose either on any terminal.
_ANSI_LIGHT: Final = (
    *("#1d2129", "#c02f36", "#17744a", "#8f5d00", "#2563e0", "#a3339b", "#0b7285", "#5c6370"),
    *("#4b5260", "#b3261e", "#0f7a45", "#855400", "#1d54c4", "#8e2a88", "#08677a", "#3a404b"),
)
_ANSI_DARK: Final = (
    *("#8b93a1", "#ff7b7f", "#56c98a", "#f0b94d", "#7aa6ff", "#dd8bf0", "#4fc6d6", "#d3d7de"),
    *("#a3aab7", "#ff9a9d", "#7ee0a8", "#ffd079", "#9dbeff", "#eaa8f8", "#7fdeea", "#ffffff"),
)

_PIXELS: Final = {
    FontRole.MUTED: 12,
    FontRole.TITLE: 16,
    FontRole.FIGURE: 22,
    FontRole.MONO: 12,
}
_SEMIBOLD: Final = (FontRole.STRONG, FontRole.TITLE, FontRole.FIGURE)


def contrast(one: QColor, other: QColor) -> float:
    """Return the WCAG 2 contrast ratio of two opaque colours, from 1 to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@functools.lru_cache(maxsize=4096)
def readable(text: int, ground: int) -> int:
    """Return the RGB of a text colour, moved away from its ground until 4.5:1 is reached."""
    color, behind = QColor.fromRgb(text), QColor.fromRgb(ground)
    goal = QColor(Qt.GlobalColor.white if _luminance(behind) < 0.18 else Qt.GlobalColor.black)
    for step in range(1, 11):
        if contrast(color, behind) >= 4.5:
            break
        color = QColor.fromRgb(blend(QColor.fromRgb(text), goal, step / 10).rgb())
    return color.rgb()


def blend(one: QColor, other: QColor, share: float) -> QColor:
    """Return ``one`` with ``share`` (0 to 1) of ``other`` mixed in."""
    return QColor.fromRgbF(
        one.redF() + (other.redF() - one.redF()) * share,
        one.greenF() + (other.greenF() - one.greenF()) * share,
        one.blueF() + (other.blueF() - one.blueF()) * share,
    )


def _luminance(color: QColor) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return (
        0.2126 * linear(color.redF())
        + 0.7152 * linear(color.greenF())
        + 0.0722 * linear(color.blueF())
    )


def set_kind(widget: QWidget, kind: str) -> None:
    """Give a widget another ``kind`` and let the style sheet see it at once."""
    if widget.property("kind") != kind:
        widget.setProperty("kind", kind)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Theme(QObject):
    """The look of the application.

    Args:
        application: Gets the palette, font and style sheet; made with ``STYLE``.
        appearance: ``system``, ``light`` or ``dark``.

    Signals:
        changed: Colours are different now; icons and painted widgets follow by themselves.
    """

    changed = Signal()

    def __init__(self, application: QApplication, appearance: str = "system") -> None:
        super().__init__(application)
        self._application = application
        self._appearance = appearance
        self._colors: dict[Role, QColor] = {}
        self._ansi: tuple[QColor, ...] = ()
        self._dark: bool | None = None
        self._marks = Marks()
        self._polisher = Polisher(self)
        application.setFont(self.font(FontRole.TEXT))
        application.styleHints().colorSchemeChanged.connect(self._apply)
        self.choose(appearance)

    @property
    def appearance(self) -> str:
        """What was chosen: ``system``, ``light`` or ``dark``."""
        return self._appearance

    @property
    def dark(self) -> bool:
        """Whether the dark colours are in force."""
        return bool(self._dark)

    def choose(self, appearance: str) -> None:
        """Take light or dark colours, or follow the system from now on."""
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        scheme = schemes.get(appearance, Qt.ColorScheme.Unknown)
        self._appearance = appearance
        self._application.styleHints().setColorScheme(scheme)
        self._apply(self._application.styleHints().colorScheme())

    def color(self, role: Role) -> QColor:
        """Return the colour of a role in the scheme in force."""
        return QColor(self._colors[role])

    def ansi(self, index: int) -> QColor:
        """Return one of the 16 terminal colours, each readable on ``LOG_GROUND``."""
        return QColor(self._ansi[index])

    def font(self, role: FontRole) -> QFont:
        """Return the system's font, or its fixed one, in the size of a role."""
        mono = role is FontRole.MONO
        system = QFontDatabase.SystemFont
        font = QFontDatabase.systemFont(system.FixedFont if mono else system.GeneralFont)
        font.setPixelSize(_PIXELS.get(role, 13))
        if mono:
            font.setStyleHint(QFont.StyleHint.Monospace)
            font.setFixedPitch(True)
            font.setKerning(False)
        if role in _SEMIBOLD:
            font.setWeight(QFont.Weight.DemiBold)
        return font

    def icon(self, name: str, role: Role = Role.MUTED) -> QIcon:
        """Return an icon of the Phosphor set that is painted in the role's present colour."""
        return QIcon(PaletteIcon(name, functools.partial(self._icon_color, role)))

    def _icon_color(self, role: Role, disabled: bool) -> QColor:
        return self.color(Role.DISABLED if disabled else role)

    def _apply(self, system: Qt.ColorScheme) -> None:
        """Take the chosen colours, or those of the system's scheme."""
        if self._appearance in ("light", "dark"):
            dark = self._appearance == "dark"
        else:
            dark = system is Qt.ColorScheme.Dark
        if dark is self._dark:
            return
        first, self._dark = self._dark is None, dark
        chosen = _DARK if dark else _LIGHT
        self._colors = {role: QColor(value) for role, value in chosen.items()}
        self._ansi = tuple(QColor(c) for c in (_ANSI_DARK if dark else _ANSI_LIGHT))
        self._application.setPalette(self._palette())
        if first:
            self._application.setStyleSheet(self._sheet())
        else:
            self._polisher.polish()
        self.changed.emit()

    def _sheet(self) -> str:
        """Return the style sheet, the same for both schemes: its colours are the palette's."""
        names = {role.value: f"palette({name})" for role, (_slot, name) in _SLOTS.items()}
        names |= {role.value: self._colors[role].name() for role in _EITHER}
        return style_sheet(names, self._marks.draw(_EITHER[Role.MARK], _EITHER[Role.ON_CHECK]))

    def _palette(self) -> QPalette:
        palette = QPalette()
        for role, (slot, _name) in _SLOTS.items():
            palette.setColor(slot, self._colors[role])
        for slot in _WORDS:
            palette.setColor(slot, self._colors[Role.TEXT])
            palette.setColor(QPalette.ColorGroup.Disabled, slot, self._colors[Role.DISABLED])
        palette.setColor(QPalette.ColorRole.Accent, self._colors[Role.ACCENT])
        return palette


_Slot: Final = QPalette.ColorRole
_SLOTS: Final[Mapping[Role, tuple[QPalette.ColorRole, str]]] = {
    Role.WINDOW: (_Slot.Window, "window"),
    Role.FIELD: (_Slot.Window, "window"),
    Role.PANE: (_Slot.Base, "base"),
    Role.HOVER: (_Slot.AlternateBase, "alternate-base"),
    Role.LINE: (_Slot.Mid, "mid"),
    Role.FIELD_LINE: (_Slot.Dark, "dark"),
    Role.TEXT: (_Slot.WindowText, "window-text"),
    Role.MUTED: (_Slot.PlaceholderText, "placeholder-text"),
    Role.DISABLED: (_Slot.Shadow, "shadow"),
    Role.ACCENT: (_Slot.Link, "link"),
    Role.ACCENT_HOVER: (_Slot.LinkVisited, "link-visited"),
    Role.ACCENT_GROUND: (_Slot.Highlight, "highlight"),
    Role.ON_ACCENT: (_Slot.Light, "light"),
    Role.SUCCESS: (_Slot.ToolTipBase, "tooltip-base"),
    Role.FAILURE: (_Slot.BrightText, "bright-text"),
    Role.WARNING: (_Slot.ToolTipText, "tooltip-text"),
    Role.WARNING_GROUND: (_Slot.Midlight, "midlight"),
    Role.LOG_GROUND: (_Slot.Button, "button"),
}
"""Where the palette keeps each colour of the style sheet, and what that calls the slot.

A new sheet would take seconds to be taken in, since Qt polishes each widget once for each of
those around it; another palette takes a moment. So the sheet is one for ever, and slots of
bevels and of tool tips, with which nothing is drawn here, keep what has no slot of its own.
"""

_WORDS: Final = (_Slot.WindowText, _Slot.Text, _Slot.ButtonText, _Slot.HighlightedText)
