"""Names as a file has them: of any encoding, with anything in them, and whose they are."""

import re
from collections.abc import Iterable, Mapping

import apsw

_CODECS = {"UTF-8": "utf-8", "UTF-16le": "utf-16-le", "UTF-16be": "utf-16-be"}

# Virtual tables and what they call the tables that they keep their data in.
_FTS = ("content", "segdir", "segments", "docsize", "stat")
_RTREE = ("node", "parent", "rowid")
_SHADOWS: Mapping[str, tuple[str, ...]] = {
    "fts3": _FTS,
    "fts4": _FTS,
    "fts5": ("data", "idx", "content", "docsize", "config"),
    "rtree": _RTREE,
    "rtree_i32": _RTREE,
    "geopoly": _RTREE,
    "spellfix1": ("vocab",),
    "vec0": ("chunks", "rowids", "info", "auxiliary", "vector_chunks00", "vector_chunks01"),
}
# SQLite stores what follows the name as it was written, comments as well.
_VIRTUAL = (
    r"\s*CREATE\s+VIRTUAL\s+TABLE\s+"
    r'(?:"(?:[^"]|"")*"|`(?:[^`]|``)*`|\'(?:[^\']|\'\')*\'|\[[^\]]*\]|[^\s"`\'\[]+)'
    r"\s+USING\s+[\"`'\[]?(\w+)"
)


class Names:
    """Reads texts of one file, of which some may not be of its encoding.

    Args:
        connection: On the file; its texts are asked for as BLOBs.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self.codec = _CODECS.get(str(connection.pragma("encoding")), "utf-8")

    def text(self, raw: object) -> str:
        """Return a text; what cannot be read in it is replaced, NULL is empty."""
        return raw.decode(self.codec, "replace") if isinstance(raw, bytes) else ""

    def raw(self, text: str) -> bytes:
        """Return a text as the file has it."""
        return text.encode(self.codec, "replace")


def module_of(sql: str) -> str:
    """Return the module of a virtual table by its definition; empty where there is none."""
    found = re.match(_VIRTUAL, sql, re.IGNORECASE)
    return found[1].lower() if found else ""


def owners(tables: Iterable[str], virtual: Mapping[str, str]) -> dict[str, str]:
    """Return the virtual table of each table that belongs to one.

    Args:
        virtual: The module of each virtual table.
    """
    known = {
        f"{name}_{suffix}".lower(): name
        for name, module in virtual.items()
        for suffix in _SHADOWS.get(module, ())
    }
    return {name: known[name.lower()] for name in tables if name.lower() in known}
