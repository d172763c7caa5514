"""What the tab takes from the keyboard, and what it is for those who do not see it."""

from PySide6.QtGui import QAction, QKeySequence

from tests.desktop.builds.conftest import Bench
from tests.desktop.test_spoken import nameless


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
