"""Failures: told in words when they are the world's, once in one dialog when they are ours."""

import asyncio
import gc
import logging
import sys
import threading

import pytest
from PySide6.QtCore import qWarning
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.errors import AppError, CancelledByUserError, ConflictError, DatabaseError
from desktop.failures import Failures, Hooks
from desktop.frame.failure_dialog import FailureDialog
from desktop.notifications import Kind, Notifications
from desktop.theme import Theme


def fail(text: str) -> Exception:
    try:
        raise RuntimeError(text)  # noqa: TRY301
    except RuntimeError as error:
        return error


@pytest.mark.expected_log("database: The disk failed")
def test_an_app_error_is_told_in_words() -> None:
    notifications = Notifications()
    failures = Failures(notifications)
    failures.handle(DatabaseError("The disk failed.", detail="Page 8.", hint="Back up."))
    (shown,) = notifications.shown
    assert (shown.title, shown.detail) == ("The disk failed.", "Page 8.\n\nBack up.")
    assert shown.kind is Kind.ERROR
    assert failures.bug_count == 0


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConflictError("Changed."), Kind.WARNING),
        (CancelledByUserError("Cancelled."), Kind.INFO),
    ],
)
def test_small_errors_are_told_quietly(error: AppError, kind: Kind) -> None:
    notifications = Notifications()
    Failures(notifications).handle(error)
    assert notifications.shown[0].kind is kind


@pytest.mark.expected_log("A bug")
def test_bugs_are_counted_into_one_dialog(theme: Theme, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    notifications = Notifications()
    failures = Failures(notifications)
    dialog = FailureDialog(theme, failures, parent)
    same = fail("one")
    failures.handle(same)
    failures.handle(same)
    failures.handle(fail("two"))
    assert dialog.isVisible()
    assert not dialog.isModal()
    assert dialog.count.text() == "3 failures"
    assert "(×2)" in dialog.details.toPlainText()
    assert "RuntimeError: two" in dialog.details.toPlainText()
    assert notifications.shown == ()


@pytest.mark.expected_log("A bug")
def test_a_bug_that_was_seen_does_not_come_back(theme: Theme, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    failures = Failures(Notifications())
    dialog = FailureDialog(theme, failures, parent)
    known = fail("known")
    failures.handle(known)
    dialog.close_button.click()
    failures.handle(known)
    assert not dialog.isVisible()
    failures.handle(fail("new"))
    assert dialog.isVisible()
    assert "known" not in dialog.details.toPlainText()


@pytest.mark.expected_log("A bug")
async def test_every_last_resort_ends_here() -> None:
    failures = Failures(Notifications())
    hooks = Hooks(failures)
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    hooks.install(asyncio.get_running_loop())
    arrived = asyncio.Event()
    failures.bug_found.connect(arrived.set)
    try:
        sys.excepthook(RuntimeError, fail("slot"), None)
        asyncio.get_running_loop().call_exception_handler({"exception": fail("loop")})

        class Torn:
            def __del__(self) -> None:
                raise RuntimeError("destructor")

        Torn()
        gc.collect()
        arrived.clear()
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        await asyncio.wait_for(arrived.wait(), 5)
    finally:
        hooks.remove()
    report = failures.report()
    for text in ("slot", "loop", "destructor", "ZeroDivisionError"):
        assert text in report
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


def test_what_qt_says_goes_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.new_event_loop()
    hooks = Hooks(Failures(Notifications()))
    hooks.install(loop)
    try:
        with caplog.at_level(logging.DEBUG, logger="qt"):
            qWarning("This plugin does not support raise()")
    finally:
        hooks.remove()
        loop.close()
    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [
        ("DEBUG", "This plugin does not support raise()")
    ]


def test_stopping_is_no_failure() -> None:
    failures = Failures(Notifications())
    failures.handle(asyncio.CancelledError())
    failures.handle(KeyboardInterrupt())
    assert failures.bug_count == 0
