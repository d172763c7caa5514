"""Says which table or index is concerned by what a check found, as far as its words tell."""

import contextlib
import re
from typing import NamedTuple

import apsw

from core.performance.child.names import Names

# "Tree 3 page 26 cell 17: …" names the first page of a table or index.
_TREE = r"Tree (\d+)\b"
_INDEX = r".* index (.+)"
_HEAD = "*** in database "
_ENTRIES = (
    "SELECT rootpage, type, CAST(name AS BLOB), CAST(tbl_name AS BLOB)"
    " FROM main.sqlite_schema WHERE rootpage > 0"
)


class Place(NamedTuple):
    """A table, and an index of it, if that is concerned; empty where nothing is known."""

    table: str = ""
    its_index: str = ""


class Places:
    """The tables and indexes of one file, as far as its schema can be read."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._roots = {1: Place("sqlite_schema")}
        self._indexes: dict[str, Place] = {}
        with contextlib.suppress(apsw.Error):  # where it is damaged too, nothing is known
            names = Names(connection)
            for root, kind, name, table in connection.execute(_ENTRIES):
                place = Place(names.text(table), names.text(name) if kind == "index" else "")
                self._roots[int(str(root))] = place
                self._indexes[place.its_index] = place

    def of(self, finding: str) -> Place:
        """Return what a finding is about."""
        if found := re.match(_TREE, finding):
            return self._roots.get(int(found[1]), Place())
        if found := re.fullmatch(_INDEX, finding, re.DOTALL):
            return self._indexes.get(found[1], Place())
        return Place()


def findings_in(text: str) -> list[str]:
    """Return the findings that SQLite tells as one text, each on a line of its own."""
    if not text.startswith(_HEAD):
        return [text]
    return [line for line in text.splitlines()[1:] if line]
