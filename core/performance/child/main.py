"""The role of the maintenance child: one operation on one file, then it ends.

``core`` has put pysqlite3 in the place of ``sqlite3``. Two SQLite libraries in one process
destroy each other's locks, so that one is locked away here: apsw alone opens files.
"""

import contextlib
import importlib
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from core.performance.child.conversation import BUSY_WAIT_S, Conversation
from core.performance.child.operations import OPERATIONS
from core.performance.child.protocol import Code, OperationError, Request, decoded

_NICE = 5
_CHUNK_BYTES = 64 * 1024
_TEMPORARY = ("SQLITE_TMPDIR", "TMP", "TEMP")

# Primary result codes of SQLite, https://sqlite.org/rescode.html
_CODES = {
    5: Code.BUSY, 6: Code.BUSY, 8: Code.READ_ONLY, 9: Code.INTERRUPTED, 10: Code.IO,
    11: Code.CORRUPT, 13: Code.FULL, 14: Code.CANNOT_OPEN, 26: Code.NOT_A_DATABASE,
}  # fmt: skip
_SYSTEM_CODES = {"ENOSPC": Code.FULL, "EDQUOT": Code.FULL, "EROFS": Code.READ_ONLY}


def main(argv: Sequence[str]) -> int:
    """Do what the first line of the standard input asks for; return the exit code.

    Args:
        argv: The operation that will be asked for, to be loaded while the parent prepares it.
    """
    _lock_away()
    for name in argv:
        _operation(OPERATIONS[name])
    return serve(OPERATIONS)


def serve(operations: Mapping[str, str]) -> int:
    """Do what the first line of the standard input asks for, and end the process.

    It returns, with an exit code, only where nothing was asked for.

    Args:
        operations: Name of each operation to its "module:function".
    """
    # What prints must not get among the answers.
    output = os.dup(1)
    os.dup2(2, 1)
    _step_back()
    incoming = _lines(0)
    request = _request(next(incoming, b""))
    if request is None:
        return 2
    tell = Conversation(output, float(request.arguments.get("busy_wait_s", BUSY_WAIT_S)))
    listening = threading.Thread(target=_listen, args=(incoming, tell), daemon=True)
    listening.start()
    tell.say(_answer(operations[request.operation], request, tell))
    # All is closed: to tidy up the interpreter would only keep the parent waiting.
    os._exit(0)


def _answer(name: str, request: Request, tell: Conversation) -> dict[str, object]:
    """Do it, and return the last message; a fault of ours ends the process instead."""
    # SQLite looks into these when it makes a temporary file.
    if temporary := request.arguments.get("temporary"):
        os.environ.update(dict.fromkeys(_TEMPORARY, str(temporary)))
    operation = _operation(name)
    try:
        return {"result": operation(request, tell)}
    except OperationError as error:
        return _error(error.code, str(error))
    except OSError as error:
        return _error(_code_of_system(error), str(error))
    except UnicodeDecodeError as error:
        return _error(Code.CORRUPT, f"text that is not UTF-8: {error}")
    except Exception as error:
        extended = getattr(error, "extendedresult", None)
        if extended is None and not tell.cancelled:
            raise
        code = int(extended or 0)
        name = Code.INTERRUPTED if tell.cancelled else _CODES.get(code & 0xFF, Code.OTHER)
        return _error(name, str(error), code)


def _error(code: Code, message: str, extended: int = 0) -> dict[str, object]:
    return {"error": {"code": code.value, "message": message, "extended": extended}}


def _code_of_system(error: OSError) -> Code:
    import errno

    return _SYSTEM_CODES.get(errno.errorcode.get(error.errno or 0, ""), Code.IO)


def _operation(name: str) -> Callable[[Request, Conversation], dict[str, Any]]:
    module, _colon, function = name.partition(":")
    found: Callable[[Request, Conversation], dict[str, Any]]
    found = getattr(importlib.import_module(module), function)
    return found


def _request(line: bytes) -> Request | None:
    try:
        message = decoded(line)
        return Request(message["operation"], message["path"], dict(message["arguments"]))
    except (ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"No request: {error!r}\n")
        return None


def _listen(incoming: Any, tell: Conversation) -> None:
    """Cancel when that is asked for, or when the parent is gone."""
    for line in incoming:
        with contextlib.suppress(ValueError):
            if decoded(line).get("cancel"):
                break
    tell.cancel()


def _lines(descriptor: int) -> Any:
    """Yield lines as they come; unbuffered, since a buffer's lock would outlast the thread."""
    rest = b""
    while chunk := os.read(descriptor, _CHUNK_BYTES):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole


def _lock_away() -> None:
    def refuse(*_arguments: object, **_options: object) -> NoReturn:
        raise RuntimeError("only apsw may open files in the maintenance child")

    for module in (sqlite3, sqlite3.dbapi2):
        vars(module).update(connect=refuse, Connection=refuse)


def _step_back() -> None:
    """Be less important than the window and the builds, where the system lets us."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_NICE)
