"""The lock of the window: nothing gets past it, and everything is there again after it."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QMenu, QVBoxLayout, QWidget

from core.builds.schemas import BuildFinished
from core.events import Event
from desktop.app import Application
from desktop.arguments import Arguments
from desktop.sign_in.lock_page import LockPage
from desktop.sign_in.pages import SignInPage
from tests.desktop.builds.samples import a_build
from tests.desktop.running import NotedTab, Runs, conduct, ends
from tests.desktop.sign_in.people import (
    PASSWORD,
    answered,
    entered,
    page_of,
    sign_in,
    visit,
    with_ada,
)
from tests.waiting import until


@pytest.fixture
def run(qapp: QApplication, home: Path) -> Runs:
    return Runs(qapp)


async def inside(run: Runs, folder: Path) -> Application:
    """Start with Ada signed in."""
    application = await run(Arguments(database=await with_ada(folder / "w.db")))
    await sign_in(application)
    await entered(application)
    return application


def lock(application: Application) -> LockPage:
    visit(application).lock_now()
    page = application.window.findChild(LockPage)
    assert isinstance(page, LockPage)
    return page


def in_sight(application: Application) -> list[str]:
    """Return what can be read in any window of the program."""
    return [
        widget.text()
        for widget in QApplication.allWidgets()
        if isinstance(widget, QLabel) and widget.isVisible()
    ]


async def unlock(application: Application, page: LockPage) -> None:
    page.form.set_values({"password": PASSWORD})
    page.submit()
    await until(lambda: not visit(application).locked)


@ends
async def test_nothing_of_the_workspace_is_in_sight(run: Runs, tmp_path: Path) -> None:
    """Fails when menus, tabs, status, dialogs or notifications stay in sight."""
    application = await inside(run, tmp_path)
    desk, window = conduct(application), application.window
    application.services.notifications.notify("The build of payments failed.", kind="error")
    await desk.show_settings()
    page = lock(application)
    application.services.notifications.notify("The build of ledger failed.", kind="error")
    shown = in_sight(application)
    assert set(shown) <= {label.text() for label in page.findChildren(QLabel)}
    others = [
        one for one in QApplication.topLevelWidgets() if one.isVisible() and one is not window
    ]
    assert others == []
    assert not window.menuBar().isVisible()
    assert not window.status.isVisible()
    assert window.windowTitle() == "Buildbench — w.db"
    await unlock(application, page)
    titles = in_sight(application)
    assert "The build of payments failed." in titles
    assert "The build of ledger failed." in titles
    assert desk._dialogs["settings"].isVisible()
    assert window.menuBar().isVisible()
    assert window.findChild(LockPage) is None
    desk._dialogs["settings"].close()


@ends
async def test_no_shortcut_and_no_key_gets_past_it(run: Runs, tmp_path: Path) -> None:
    """Shown to fail without the filter: the actions of the window are triggered."""
    application = await inside(run, tmp_path)
    window = application.window
    noted: list[str] = []
    late = QAction("Late", window)
    late.triggered.connect(lambda: noted.append("action"))
    late.setShortcut(QKeySequence("Ctrl+K"))
    everywhere = QShortcut(QKeySequence("Ctrl+J"), window)
    everywhere.setContext(Qt.ShortcutContext.ApplicationShortcut)
    everywhere.activated.connect(lambda: noted.append("shortcut"))
    window.activateWindow()
    await until(window.isActiveWindow)
    control = Qt.KeyboardModifier.ControlModifier

    def press_all() -> None:
        window.addAction(late)  # as a tab does that is made anew beneath
        for key in (Qt.Key.Key_K, Qt.Key.Key_J, Qt.Key.Key_Comma):
            # Not to the window of the system: that would run a second loop.
            QTest.keyClick(QApplication.focusWidget() or window, key, control)
            QTest.keyClick(window, key, control)

    press_all()
    assert set(noted) == {"action", "shortcut"}
    await until(lambda: "settings" in conduct(application)._dialogs)
    conduct(application)._dialogs["settings"].close()
    window.activateWindow()
    await until(window.isActiveWindow)
    noted.clear()
    page = lock(application)
    press_all()
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.AltModifier)
    assert noted == []
    assert QApplication.activePopupWidget() is None
    assert conduct(application)._dialogs == {}
    for _step in range(12):
        focus = QApplication.focusWidget()
        assert focus is not None
        assert page.isAncestorOf(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    await unlock(application, page)
    window.activateWindow()
    await until(window.isActiveWindow)
    press_all()
    assert set(noted) == {"action", "shortcut"}


@ends
async def test_a_dialog_that_opens_meanwhile_waits(run: Runs, tmp_path: Path) -> None:
    """Shown to fail without the look at windows that are shown."""
    application = await inside(run, tmp_path)
    window = application.window
    page = lock(application)
    modal, ended = QDialog(window), QDialog(window)
    for dialog in (modal, ended):
        QVBoxLayout(dialog).addWidget(QLabel("a secret"))
    modal.open()
    ended.show()
    menu = QMenu("a menu", window)
    menu.popup(QPoint(0, 0))
    await until(lambda: not (modal.isVisible() or ended.isVisible() or menu.isVisible()))
    assert modal.testAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    ended.done(0)
    await unlock(application, page)
    assert modal.isVisible()
    assert modal.isModal()
    assert not modal.testAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    assert not ended.isVisible()
    modal.close()


@ends
async def test_nothing_is_dropped_into_it(run: Runs, tmp_path: Path) -> None:
    application = await inside(run, tmp_path)
    taker = DropTaker(application.window)
    page = lock(application)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "w.db"))])
    drag(taker, data)
    assert taker.entered == 0
    await unlock(application, page)
    drag(taker, data)
    assert taker.entered == 1


class DropTaker(QWidget):
    """Counts what is about to be dropped on it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.entered = 0

    def dragEnterEvent(self, _event: QDragEnterEvent) -> None:  # noqa: N802
        self.entered += 1


def drag(taker: QWidget, data: QMimeData) -> None:
    event = QDragEnterEvent(
        QPoint(1, 1),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(taker, event)


@ends
async def test_a_wrong_password_keeps_it_locked_and_work_goes_on_beneath(
    run: Runs, tmp_path: Path
) -> None:
    application = await inside(run, tmp_path)
    session = visit(application).session
    assert session is not None
    tab = session.tabs["builds"]
    assert isinstance(tab, NotedTab)
    page = lock(application)
    page.form.set_values({"password": "a guess"})
    page.submit()
    await answered(page)
    assert visit(application).locked
    assert page.message.isVisible()
    assert page.password.value() == ""
    event = Event()
    conduct(application).on_event(event)
    assert event in tab.events
    await unlock(application, page)
    assert visit(application).session is session


@ends
async def test_somebody_else_can_sign_in_after_a_warning(run: Runs, tmp_path: Path) -> None:
    application = await inside(run, tmp_path)
    left = QDialog(application.window)
    left.open()
    page = lock(application)
    assert not page.sign_out_button.isVisible()
    page.leave_button.click()
    assert "is lost" in page.message.words.text()
    page.sign_out_button.click()
    shown = await page_of(application, SignInPage)
    await until(lambda: not visit(application).locked)
    assert application.window.tab_bar.count() == 0
    assert not left.isVisible()
    assert shown.isVisible()
    assert application.window.menuBar().isVisible()


@ends
async def test_the_tray_tells_nothing_while_it_is_locked(
    run: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = await inside(run, tmp_path)
    desk = conduct(application)
    told: list[str] = []
    monkeypatch.setattr(desk.tray, "tell", lambda title, *_more: told.append(title))
    lock(application)
    desk.on_event(BuildFinished(a_build()))
    assert told == []
