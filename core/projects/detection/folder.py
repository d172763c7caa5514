"""A folder of strangers, looked at: nothing is run, no link followed, no pipe waited for."""

import json
import os
import stat
import tomllib
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

LARGEST_TEXT = 256 * 1024
"""Bytes of a file that are read at most; of longer ones the beginning."""

MOST_ENTRIES = 10_000
MOST_DOTS = 500
"""Dots in a line of TOML: a name of many parts is read in the square of their number."""

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class Folder:
    """A folder and the few files of it that tell what is built there; all calls block.

    What cannot be read counts as not there.

    Raises:
        OSError: The folder cannot be listed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with os.scandir(path) as entries:
            self.names = frozenset(entry.name for entry in islice(entries, MOST_ENTRIES))

    def has(self, name: str) -> bool:
        """Tell whether there is a file, itself and no link; ``name`` may lead into folders."""
        first = name.partition("/")[0]
        if first not in self.names and len(self.names) < MOST_ENTRIES:
            return False
        try:
            return stat.S_ISREG((self.path / name).lstat().st_mode)
        except (OSError, ValueError):
            return False

    def first(self, *names: str) -> str:
        """Return the first of these files that is there; an empty text without any."""
        return next((name for name in names if self.has(name)), "")

    def may_run(self, name: str) -> bool:
        """Tell whether a file may be executed."""
        return os.access(self.path / name, os.X_OK)

    def text(self, name: str) -> str:
        """Return the beginning of a file; an empty text where there is none."""
        return read_text(self.path / name) if self.has(name) else ""

    def toml(self, name: str) -> Mapping[str, Any]:
        """Return what a TOML file holds; nothing where it is broken or hostile."""
        text = self.text(name)
        if any(line.count(".") > MOST_DOTS for line in text.splitlines()):
            return {}
        try:
            return tomllib.loads(text)
        except (ValueError, RecursionError):
            return {}

    def json(self, name: str) -> Mapping[str, Any]:
        """Return the object that a JSON file holds; nothing where it is broken."""
        try:
            found = json.loads(self.text(name) or "{}")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


def read_text(path: Path) -> str:
    """Return the beginning of a regular file as text; an empty text where there is none."""
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError):
        return ""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read(LARGEST_TEXT).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(descriptor)
