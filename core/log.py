"""What the program writes about itself: one rotating file, off the threads that log.

Every line passes a filter that removes registered secrets and credentials in URLs, so that
neither a message nor a traceback can carry them to the disk.
"""

import json
import logging
import logging.handlers
import queue
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

MAX_BYTES = 5 * 1024 * 1024
BACKUPS = 3
MASK = "********"

_URL_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+(?=@)")
_SHORTEST = 6
# What logs each statement with its values, at the level of debugging.
_TELL_VALUES = ("aiosqlite",)

_secrets: set[str] = set()
_lock = threading.Lock()
_listener: logging.handlers.QueueListener | None = None
_queue_handler: logging.Handler | None = None


def hide(secret: str) -> None:
    """Never let this text, a line of it, or its quoted forms reach the log.

    What is shorter than six characters is ignored.
    """
    forms = {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], *secret.splitlines()}
    with _lock:
        _secrets.update(form for form in forms if len(form) >= _SHORTEST)


def redact(text: str) -> str:
    """Return the text without registered secrets and credentials in URLs."""
    with _lock:
        known = [secret for secret in _secrets if secret in text]
    for secret in sorted(known, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _URL_CREDENTIALS.sub(MASK, text)


class _RedactingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


if TYPE_CHECKING:
    _Stream = logging.StreamHandler[TextIO]
else:
    _Stream = logging.StreamHandler


class _Dropping(logging.Handler):
    """Drops what cannot be written: ``logging`` would print it as it is, secrets and all."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802
        """Do without this record; a full disk must not fill the terminal."""
        return


class _File(_Dropping, logging.handlers.RotatingFileHandler):
    """The log file."""


class _Console(_Dropping, _Stream):
    """The terminal, where there is one."""


def start(file: Path, level: str) -> None:
    """Write the log to a file, and warnings to standard error as well.

    Args:
        level: A name of ``logging``, in lower case.
    """
    global _listener, _queue_handler
    stop()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = _File(file, maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8", delay=True)
    handler.setFormatter(
        _RedactingFormatter(
            "%(asctime)s %(process)d %(threadName)s %(levelname)s %(name)s: %(message)s"
        )
    )
    console = _Console()
    console.setLevel(logging.WARNING)
    console.setFormatter(_RedactingFormatter("%(levelname)s %(name)s: %(message)s"))
    records: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    _queue_handler = logging.handlers.QueueHandler(records)
    _listener = logging.handlers.QueueListener(
        records, handler, console, respect_handler_level=True
    )
    _listener.start()
    root = logging.getLogger()
    root.addHandler(_queue_handler)
    root.setLevel(level.upper())
    for name in _TELL_VALUES:
        logging.getLogger(name).setLevel(logging.INFO)


def stop() -> None:
    """Write what is waiting and close the file."""
    global _listener, _queue_handler
    if _queue_handler is not None:
        logging.getLogger().removeHandler(_queue_handler)
        _queue_handler = None
    if _listener is not None:
        _listener.stop()
        for handler in _listener.handlers:
            handler.close()
        _listener = None
