"""What copies the chosen rows of a table, for its menu and by the keyboard."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from core.translation import _
from desktop.widgets.paged_table.copying import CopyFormat


def copy_actions(table: QWidget, copy: Callable[[CopyFormat], object]) -> list[QAction]:
    """Return an action for each format, as text first; they are the table's."""

    def act(words: str, wanted: CopyFormat) -> QAction:
        action = QAction(words, table)
        action.triggered.connect(lambda: copy(wanted))
        table.addAction(action)
        return action

    text = act(_("Copy"), CopyFormat.TEXT)
    text.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
    text.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    return [
        text,
        act(_("Copy as CSV"), CopyFormat.CSV),
        act(_("Copy as JSON"), CopyFormat.JSON),
    ]
