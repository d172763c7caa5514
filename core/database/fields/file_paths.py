r"""Paths of artifacts as they are stored and shown; builds may give files any name.

A name on Linux is any bytes but NUL and ``/``. Stored is a text that says each of them: what
is no UTF-8 as ``\xNN``, a backslash as two. So no two files of a build have one path.
"""

import re
from typing import Final

from core.database.fields.lines import is_honest

_ESCAPED: Final = re.compile(r"\\|[\ud800-\udfff]")
_ESCAPE_BYTE: Final = 0xDC00


def stored_path(path: str) -> str:
    """Return a path of the file system, as ``os.fsdecode`` gives it, as it is stored."""
    return _ESCAPED.sub(_escape, path)


def shown_path(stored: str) -> str:
    r"""Return a stored path with all that hides or reorders text written out.

    A newline becomes ``\n``, a mark that reorders text ``\u202e``; letters stay.
    """
    if is_honest(stored):
        return stored
    return "".join(
        char
        if is_honest(stored[max(at - 1, 0) : at + 2]) or is_honest(char)
        else _written(char)
        for at, char in enumerate(stored)
    )


def file_name(stored: str, *, longest: int = 120) -> str:
    """Return a name under which any system can store the file, its ending kept."""
    name = shown_path(stored.rpartition("/")[2])
    safe = "".join("_" if c in '<>:"|?*\\/' else c for c in name).strip(" .") or "artifact"
    if len(safe) <= longest:
        return safe
    stem, dot, ending = safe.rpartition(".")
    if not dot or len(ending) > longest // 4:
        return safe[:longest]
    return f"{stem[: longest - len(ending) - 1]}.{ending}"


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    if char == "\\":
        return "\\\\"
    code = ord(char)
    return f"\\x{code - _ESCAPE_BYTE:02x}" if code >= _ESCAPE_BYTE else f"\\u{code:04x}"


def _written(char: str) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    if char in named:
        return named[char]
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
