"""Widgets without a screen, on the loop that the application itself uses."""

import asyncio
import functools
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
import qasync
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QWidget

import desktop
from core.settings import load_settings
from desktop.core_thread import CoreClient
from desktop.tasks import TaskRunner
from desktop.theme import Theme

_HERE = Path(__file__).parent
_PROGRAM = str(Path(desktop.__file__).parent)
_WINDOWS = (QDialog, QMainWindow)


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Any]:
    """Give coroutines of this folder the loop of Qt."""
    return {"qasync": _qt_loop}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the platform without a screen say that it cannot move windows."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.qt_log_ignore("^This plugin does not support"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Delete the windows that a test made, and let go of the keys that it pressed.

    Whatever window is left slows each style sheet after it. Qt would delete those that were
    closed once its loop runs again, which is in the next test of a coroutine, and never one
    that is held by who answers its signals.

    After a click or a key with Ctrl it is pressed for Qt until the next input, and
    ``selectRow`` of a later test takes a choice back.
    """
    try:
        return (yield)
    finally:
        if QGuiApplication.keyboardModifiers():
            QTest.keyRelease(QWidget(), Qt.Key.Key_Control)
        for window in QApplication.topLevelWidgets():
            window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _qt_loop() -> asyncio.AbstractEventLoop:
    application = QApplication.instance() or QApplication([])
    loop: asyncio.AbstractEventLoop = qasync.QEventLoop(application)
    return loop


@pytest.fixture(autouse=True, scope="session")
def shown_alone() -> Iterator[list[str]]:
    """Return where the program showed a part that had no parent yet.

    Such a part is a window of its own until a layout takes it: it flashes on the screen.
    Only calls are looked at, as a filter of all events would cost far more.
    """
    places: list[str] = []
    names = ("show", "setVisible", "setHidden")
    qt_own = {name: getattr(QWidget, name) for name in names}
    for name, method in qt_own.items():
        setattr(QWidget, name, _watched(method, places))
    yield places
    for name, method in qt_own.items():
        setattr(QWidget, name, method)


def _watched(method: Callable[..., None], places: list[str]) -> Callable[..., None]:
    @functools.wraps(method)
    def watched(widget: QWidget, *shown: bool) -> None:
        was_hidden = widget.isWindow() and not widget.isVisible()
        method(widget, *shown)
        if was_hidden and widget.isVisible() and not isinstance(widget, _WINDOWS):
            caller = sys._getframe(1)
            if caller.f_code.co_filename.startswith(_PROGRAM) and _flashes(widget, caller):
                place = f"{caller.f_code.co_filename}:{caller.f_lineno}"
                places.append(f"{place} shows a {type(widget).__name__} that has no parent")

    return watched


def _flashes(widget: QWidget, caller: FrameType) -> bool:
    """Tell whether a part is shown that a layout takes later, not one that a test has alone."""
    if widget.windowType() is not Qt.WindowType.Window:
        return False  # what pops up is a window by itself
    frame: FrameType | None = caller
    while frame is not None and frame.f_locals.get("self") is widget:
        if frame.f_code.co_name == "__init__":
            return True
        frame = frame.f_back
    return caller.f_locals.get("self") is not widget


@pytest.fixture(autouse=True)
def nothing_flashes(shown_alone: list[str]) -> Iterator[None]:
    """Fail a test in which a part of a window was a window of its own for a moment.

    The mutant: ``label.setVisible(True)`` before the layout that takes the label.
    """
    shown_alone.clear()
    yield
    assert not shown_alone, "\n".join(shown_alone)


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """Return the theme in light colours; it goes with the test."""
    theme = Theme(qapp, "light")
    yield theme
    theme.deleteLater()


@pytest.fixture
def failures() -> list[BaseException]:
    """Return the list of what tasks raised."""
    return []


@pytest.fixture
async def tasks(failures: list[BaseException]) -> Any:
    """Return a task runner; a failure that the test did not take out fails it."""
    runner = TaskRunner(failures.append)
    yield runner
    await runner.close()
    assert not failures


@pytest.fixture
async def core(home: Path) -> AsyncIterator[CoreClient]:
    """Return a core, open on its thread."""
    client = CoreClient()
    await client.start(load_settings)
    yield client
    await client.close()
