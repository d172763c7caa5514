"""The welcome page: what was opened before, and what can be begun."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from core.errors import DatabaseOpenError
from core.workspaces.schemas import RecentWorkspace, WorkspaceKind
from desktop.theme import Theme
from desktop.welcome.view import WelcomeView


def recent(name: str, *, exists: bool = True, plain: bool = False) -> RecentWorkspace:
    kind = WorkspaceKind.PLAIN if plain else WorkspaceKind.MANAGED
    opened = datetime.now(UTC) - timedelta(hours=2, minutes=5)
    return RecentWorkspace(Path("/data") / name, kind, opened, exists)


@pytest.fixture
def view(theme: Theme, qtbot: QtBot) -> WelcomeView:
    made = WelcomeView(theme)
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made


def test_the_first_time_explains_what_a_workspace_is(view: WelcomeView) -> None:
    view.show_recent(())
    assert not view.recent.isVisible()
    assert view._first_time.isVisible()
    view.focus_main()
    assert view.focusWidget() is view.new_button


def test_recent_workspaces_are_told_apart(view: WelcomeView) -> None:
    view.show_recent((recent("a.db"), recent("b.db", plain=True), recent("c.db", exists=False)))
    spoken = [row.spoken() for row in view.recent.rows()]
    assert spoken == [
        "a.db, Workspace · 2 hours ago, /data",
        "b.db, SQLite file · 2 hours ago, /data",
        "c.db, Missing, /data",
    ]
    assert [r.remove_button.isVisible() for r in view.recent.rows()] == [False, False, True]


def test_the_keyboard_opens_and_removes(view: WelcomeView, qtbot: QtBot) -> None:
    view.show_recent((recent("a.db"), recent("b.db")))
    chosen: list[Path] = []
    removed: list[Path] = []
    view.path_chosen.connect(chosen.append)
    view.remove_wanted.connect(removed.append)
    qtbot.keyClick(view.recent, Qt.Key.Key_Down)
    qtbot.keyClick(view.recent, Qt.Key.Key_Return)
    qtbot.keyClick(view.recent, Qt.Key.Key_Delete)
    assert chosen == [Path("/data/b.db")]
    assert removed == [Path("/data/b.db")]


def test_a_click_opens_once(view: WelcomeView, qtbot: QtBot) -> None:
    view.show_recent((recent("a.db"), recent("b.db")))
    chosen: list[Path] = []
    view.path_chosen.connect(chosen.append)
    place = view.recent.visualItemRect(view.recent.item(1)).center()
    qtbot.mouseClick(view.recent.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [Path("/data/b.db")]


def test_a_dropped_file_is_opened(view: WelcomeView) -> None:
    chosen: list[Path] = []
    view.path_chosen.connect(chosen.append)
    for urls in (
        ["file:///data/x.db"],
        ["https://example.org/x.db"],
        ["file:///a", "file:///b"],
    ):
        data = QMimeData()
        data.setUrls([QUrl(url) for url in urls])
        view.dropEvent(
            QDropEvent(
                QPointF(5, 5),
                Qt.DropAction.CopyAction,
                data,
                Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
            )
        )
    assert chosen == [Path("/data/x.db")]


def test_an_error_is_shown_in_place_with_what_to_do(view: WelcomeView) -> None:
    view.show_error(
        DatabaseOpenError("x.db cannot be opened.", detail="It is empty.", hint="Choose.")
    )
    assert view.error.isVisible()
    shown = (view.error.title.text(), view.error.detail.text(), view.error.hint.text())
    assert shown == ("x.db cannot be opened.", "It is empty.", "Choose.")


def test_nothing_can_be_begun_twice(view: WelcomeView) -> None:
    view.show_busy("Opening a.db…")
    assert not view.new_button.isEnabled()
    assert not view.recent.isEnabled()
    view.show_busy("")
    assert view.new_button.isEnabled()
