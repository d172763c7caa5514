"""What the tab takes from the keyboard, and what it is for those who do not see it."""

from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence

from desktop.actions import MenuName
from tests.desktop.builds.conftest import Bench
from tests.desktop.test_spoken import nameless

# Lines of a menu, of 28 pixels at most, between the upper and the lower edge of 800 pixels.
_FITTING = 28


async def test_no_letter_is_taken_from_those_who_type_it(bench: Bench) -> None:
    """A letter typed in a list goes to what begins with it: no action may want it bare."""
    portable = QKeySequence.SequenceFormat.PortableText
    bare = [
        action.objectName()
        for action in bench.window.findChildren(QAction)
        for shortcut in action.shortcuts()
        if len(shortcut.toString(portable).removeprefix("Shift+")) == 1
    ]
    assert bare == []
    follow = bench.context.actions["build.follow"].shortcut()
    assert follow.toString(portable) == "Ctrl+Shift+F"


async def test_parts_of_the_tab_have_names(bench: Bench) -> None:
    assert nameless(bench.view) == []


async def test_no_key_is_wanted_twice(bench: Bench) -> None:
    """Of two actions with the same key Qt lets neither answer.

    Seen to fail when statistics and schedule both wanted Ctrl+Shift+T.
    """
    wanted = Counter(
        shortcut.toString(QKeySequence.SequenceFormat.PortableText)
        for action in bench.window.findChildren(QAction)
        if action.shortcutContext() == Qt.ShortcutContext.WindowShortcut
        for shortcut in action.shortcuts()
    )
    assert [key for key, times in wanted.items() if times > 1] == []


async def test_each_menu_has_a_letter_for_one_entry_and_fits_a_small_screen(
    bench: Bench,
) -> None:
    """Seen to fail when the entries about the log stood in the menu "Build"."""
    for name in (MenuName.BUILD, MenuName.LOG):
        menu = bench.window.menus[name].menu
        texts = [action.text() for action in menu.actions() if action.text()]
        letters = Counter(text[text.index("&") + 1].lower() for text in texts)
        assert [letter for letter, times in letters.items() if times > 1] == []
        assert len(menu.actions()) < _FITTING
