"""The actions of the tab: what they take from the keyboard."""

from PySide6.QtGui import QAction, QKeySequence

from tests.desktop.builds.conftest import Bench


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
