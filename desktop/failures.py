"""Failures: an ``AppError`` is told in words, anything else is a bug and told once.

Whatever escapes anywhere (slots, threads, tasks, destructors) ends here: it is logged with
its traceback and counted into one report, so that a failure that repeats is no flood.
"""

import asyncio
import contextlib
import logging
import sys
import threading
import traceback
from collections import Counter
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)

from core.errors import AppError, CancelledByUserError, Severity
from desktop.core_thread import SESSION_ENDED
from desktop.notifications import Kind, Notifications

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_log = logging.getLogger(__name__)
_KEPT = 20
# What the platform without a screen says to each window that is shown.
_NO_SCREEN = "This plugin does not support"

_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Failures(QObject):
    """Takes every error that has no place of its own.

    Signals:
        bug_found: The report of bugs has grown.
    """

    bug_found = Signal()
    _arrived = Signal(object, str)

    def __init__(self, notifications: Notifications) -> None:
        super().__init__()
        self._notifications = notifications
        self._bugs: Counter[str] = Counter()
        self._told: set[str] = set()
        self._arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def handle(self, error: BaseException, context: str = "") -> None:
        """Tell the person about an error; may be called on any thread.

        Args:
            error: An ``AppError``, or a bug.
            context: What was being done, for the log.
        """
        if isinstance(error, (asyncio.CancelledError, KeyboardInterrupt, SystemExit)):
            return
        if isinstance(error, AppError):
            _log.log(error.severity, "%s: %s %s", error.code, error.as_text(), error.details)
        else:
            _log.error("A bug%s", f" in {context}" if context else "", exc_info=error)
        if threading.current_thread() is threading.main_thread():
            self._take(error, context)
        else:
            self._arrived.emit(error, context)

    @property
    def bug_count(self) -> int:
        """How many bugs were met since the last report was acknowledged."""
        return sum(self._bugs.values())

    def report(self) -> str:
        """Return all bugs met, each once with its traceback and how often it came."""
        return "\n".join(
            f"{text.rstrip()}\n(×{count})\n" if count > 1 else text
            for text, count in self._bugs.items()
        )

    def acknowledge(self) -> None:
        """Begin a new report, since this one was seen; the same bugs stay silent."""
        self._told.update(self._bugs)
        self._bugs.clear()

    def _take(self, error: BaseException, _context: str) -> None:
        if isinstance(error, AppError):
            if error.code in SESSION_ENDED:
                return  # the page that asks for sign-in says why it is there
            self._notifications.notify(error.title, _reason(error), _kind(error))
            return
        text = "".join(traceback.format_exception(error))
        if text in self._told:
            return
        if text in self._bugs or len(self._bugs) < _KEPT:
            self._bugs[text] += 1
        self.bug_found.emit()


class Hooks:
    """Leads the last resorts of Python, asyncio and Qt to ``Failures``."""

    def __init__(self, failures: Failures) -> None:
        self._failures = failures
        self._undo = contextlib.ExitStack()

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take over; ``remove`` puts everything back."""
        for module, name, hook in (
            (sys, "excepthook", self._uncaught),
            (threading, "excepthook", self._in_thread),
            (sys, "unraisablehook", self._unraisable),
        ):
            self._undo.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, hook)
        loop.set_exception_handler(self._in_loop)
        self._undo.callback(loop.set_exception_handler, None)
        self._undo.callback(qInstallMessageHandler, qInstallMessageHandler(_log_qt))

    def remove(self) -> None:
        """Put back what was there before."""
        self._undo.close()

    def _uncaught(
        self, _type: type[BaseException], error: BaseException, _tb: TracebackType | None
    ) -> None:
        self._failures.handle(error, "a slot")

    def _in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._failures.handle(args.exc_value, f"thread {args.thread and args.thread.name}")

    def _unraisable(self, args: "UnraisableHookArgs") -> None:
        if args.exc_value is not None:
            self._failures.handle(args.exc_value, args.err_msg or "a destructor")

    def _in_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self._failures.handle(error, str(context.get("message", "the loop")))
        else:
            _log.error("The loop: %s", context.get("message"))


def _kind(error: AppError) -> Kind:
    if isinstance(error, CancelledByUserError):
        return Kind.INFO
    return Kind.ERROR if error.severity >= Severity.MEDIUM else Kind.WARNING


def _reason(error: AppError) -> str:
    return "\n\n".join(part for part in (error.detail, error.hint) if part)


def _log_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    level = _QT_LEVELS.get(kind, logging.WARNING)
    if message.startswith(_NO_SCREEN):
        level = logging.DEBUG
    logging.getLogger(f"qt.{context.category or 'default'}").log(level, "%s", message)
