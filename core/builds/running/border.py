"""The small files between a supervisor and us, read so that nothing in them can hurt.

A build may write into its own folder, and a workspace may come from somebody else: a file can
be a pipe that never ends, a link, enormous, or hold anything.
"""

import errno
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LARGEST_BYTES = 64 * 1024
# Absent on some systems, where what they prevent does not exist.
_FLAGS: int = os.O_RDONLY
for _name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"):
    _FLAGS |= getattr(os, _name, 0)
_OUR_OWN = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}


class DamagedBorderError(Exception):
    """Something in the folder of a build is not what a supervisor writes."""


def open_regular(path: Path) -> int | None:
    """Open a regular file for reading, without ever waiting; None when there is none.

    Raises:
        DamagedBorderError: It is something else, or may not be read.
        OSError: This process has no room for another open file.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in _OUR_OWN:
            raise
        raise DamagedBorderError(f"{path.name}: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise DamagedBorderError(f"{path.name} is no file")
    return descriptor


def read_object(path: Path) -> dict[str, Any] | None:
    """Return the JSON object in a small file; None when there is no file.

    Raises:
        DamagedBorderError: It is no small file, or holds something else.
    """
    descriptor = open_regular(path)
    if descriptor is None:
        return None
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise DamagedBorderError(f"{path.name} is too large")
    try:
        stored = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DamagedBorderError(f"{path.name}: {error}") from error
    if not isinstance(stored, dict):
        raise DamagedBorderError(f"{path.name} holds no object")
    return stored


def number(stored: Mapping[str, Any], name: str, low: int, high: int) -> int | None:
    """Return a whole number from ``low`` to ``high``, None where null or nothing stands.

    Raises:
        DamagedBorderError: Something else stands there.
    """
    value = stored.get(name)
    if value is None:
        return None
    if type(value) is not int or not low <= value <= high:
        raise DamagedBorderError(f"{name} is no number from {low} to {high}")
    return value


def words(stored: Mapping[str, Any], name: str) -> str:
    """Return a text, empty where nothing stands.

    Raises:
        DamagedBorderError: Something else stands there.
    """
    value = stored.get(name, "")
    if not isinstance(value, str):
        raise DamagedBorderError(f"{name} is no text")
    return value
