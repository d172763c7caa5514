"""Colours can be read, the scheme switches, icons follow."""

import itertools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QCheckBox, QFrame, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.theme import _SLOTS, FontRole, Role, Theme, contrast, readable
from desktop.widgets.marks import button, label

_GROUNDS = {
    Role.TEXT: (
        *(Role.WINDOW, Role.PANE, Role.FIELD, Role.HOVER, Role.ACCENT_GROUND, Role.LOG_GROUND),
        *(Role.SUCCESS_GROUND, Role.FAILURE_GROUND, Role.WARNING_GROUND),
    ),
    Role.MUTED: (
        *(Role.WINDOW, Role.PANE, Role.FIELD, Role.HOVER, Role.ACCENT_GROUND),
        *(Role.LOG_GROUND, Role.FAILURE_GROUND),
    ),
    Role.ACCENT: (Role.WINDOW, Role.PANE, Role.HOVER, Role.ACCENT_GROUND),
    Role.ON_ACCENT: (Role.ACCENT, Role.ACCENT_HOVER),
    Role.SUCCESS: (Role.PANE, Role.WINDOW, Role.SUCCESS_GROUND, Role.ACCENT_GROUND),
    Role.FAILURE: (
        *(Role.PANE, Role.WINDOW, Role.HOVER, Role.FAILURE_GROUND, Role.LOG_GROUND),
        Role.ACCENT_GROUND,
    ),
    Role.WARNING: (Role.PANE, Role.WINDOW, Role.WARNING_GROUND, Role.LOG_GROUND),
}


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_every_text_can_be_read_on_its_grounds(theme: Theme, appearance: str) -> None:
    theme.choose(appearance)
    poor = {
        f"{text} on {ground}": round(contrast(theme.color(text), theme.color(ground)), 2)
        for text, grounds in _GROUNDS.items()
        for ground in grounds
        if contrast(theme.color(text), theme.color(ground)) < 4.5
    }
    assert poor == {}


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_terminal_colours_can_be_read_on_the_log(theme: Theme, appearance: str) -> None:
    theme.choose(appearance)
    ground = theme.color(Role.LOG_GROUND)
    assert [i for i in range(16) if contrast(theme.ansi(i), ground) < 4.5] == []


def test_any_colour_becomes_readable_on_any_ground() -> None:
    levels = (0, 0x60, 0x80, 0xC0, 0xFF)
    colors = [QColor(*rgb).rgb() for rgb in itertools.product(levels, repeat=3)]
    for text, ground in itertools.product(colors[::3], colors):
        found = QColor.fromRgb(readable(text, ground))
        assert contrast(found, QColor.fromRgb(ground)) >= 4.5


def test_readable_leaves_good_colours_alone() -> None:
    black, white = QColor("black").rgb(), QColor("white").rgb()
    assert readable(black, white) == black
    assert readable(white, black) == white


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21)


def test_switching_changes_the_palette_and_tells(theme: Theme, qapp: QApplication) -> None:
    """The sheet stays: a new one would make each widget be polished many times."""
    told: list[bool] = []
    theme.changed.connect(lambda: told.append(theme.dark))
    sheet = qapp.styleSheet()
    for appearance in ("dark", "dark", "light"):
        theme.choose(appearance)
        for role, (slot, _name) in _SLOTS.items():
            assert qapp.palette().color(slot) == theme.color(role), role
        assert qapp.styleSheet() == sheet
    assert told == [True, False]


def test_what_was_hidden_looks_like_new_after_a_switch(theme: Theme, qtbot: QtBot) -> None:
    """Both what is in sight and what is shown later; seen failing without either."""

    def made() -> QWidget:
        card = QFrame()
        card.setProperty("kind", "card")
        column = QVBoxLayout(card)
        tick = QCheckBox("Tick")
        tick.setChecked(True)
        for part in (label("Words", "success"), button("Run", print, "primary"), tick):
            column.addWidget(part)
        card.resize(300, 200)
        qtbot.addWidget(card)
        card.show()
        return card

    seen, hidden = made(), made()
    hidden.hide()
    theme.choose("dark")
    hidden.show()
    wanted = made().grab().toImage()
    assert seen.grab().toImage() == wanted
    assert hidden.grab().toImage() == wanted


def test_the_system_is_followed_only_where_that_was_chosen(
    theme: Theme, qapp: QApplication
) -> None:
    system = qapp.styleHints().colorSchemeChanged
    seen = []
    for appearance in ("light", "system", "dark"):
        theme.choose(appearance)
        for scheme in (Qt.ColorScheme.Dark, Qt.ColorScheme.Light):
            system.emit(scheme)
            seen.append(theme.dark)
    assert seen == [False, False, True, False, True, True]


def test_an_icon_that_is_none_is_an_error_at_once(theme: Theme) -> None:
    with pytest.raises(KeyError):
        theme.icon("no-such-icon")


def test_icons_follow_the_scheme(theme: Theme) -> None:
    icon = theme.icon("square-fill", Role.TEXT)

    def middle() -> QColor:
        return icon.pixmap(32, 32).toImage().pixelColor(16, 16)

    assert middle() == theme.color(Role.TEXT)
    theme.choose("dark")
    assert middle() == theme.color(Role.TEXT)


def test_fonts_have_the_sizes_of_the_design(theme: Theme) -> None:
    sizes = {role: theme.font(role).pixelSize() for role in FontRole}
    assert sizes[FontRole.TEXT] == 13
    assert sizes[FontRole.MUTED] == 12
    assert sizes[FontRole.TITLE] == 16
    assert sizes[FontRole.FIGURE] == 22
    assert theme.font(FontRole.TITLE).weight() == theme.font(FontRole.STRONG).weight()
