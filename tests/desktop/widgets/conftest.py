"""What tests of single widgets share."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.log_view import LogView


@pytest.fixture
async def view(tasks: TaskRunner, theme: Theme, qtbot: QtBot) -> LogView:
    """Return the view of a log, shown and empty."""
    view = LogView(tasks, theme)
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    return view


@pytest.fixture
def clipboard() -> Iterator[Callable[[], str]]:
    """Return what reads the clipboard, which is empty before and after."""
    board = QGuiApplication.clipboard()
    board.clear()
    yield board.text
    board.clear()
