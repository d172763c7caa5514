"""Reads the B-trees of a database file by its format alone, for comparison; slow and simple.

https://sqlite.org/fileformat2.html
"""

import struct
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Found:
    """What the pages of one tree hold."""

    pages: int = 0
    overflow: int = 0
    rows: int = 0
    payload: int = 0


class PlainReader:
    """A file without a log beside it, whole and small."""

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes()
        (size,) = struct.unpack_from(">H", self._data, 16)
        self.page_size = 65536 if size == 1 else size
        self.usable = self.page_size - self._data[20]
        (self.page_count,) = struct.unpack_from(">I", self._data, 28)

    def tree(self, root: int) -> Found:
        """Return what is in a tree."""
        found = Found()
        todo = [root]
        while todo:
            todo += self._page(todo.pop(), found)
        return found

    def _page(self, number: int, found: Found) -> list[int]:
        """Count a page and return those below it."""
        start = (number - 1) * self.page_size
        head = start + (100 if number == 1 else 0)
        kind, _free, cells = struct.unpack_from(">BHH", self._data, head)
        inner = kind in (2, 5)
        pointers = head + (12 if inner else 8)
        below = [struct.unpack_from(">I", self._data, head + 8)[0]] if inner else []
        found.pages += 1
        found.rows += 0 if kind == 5 else cells
        for cell in range(cells):
            at = start + struct.unpack_from(">H", self._data, pointers + 2 * cell)[0]
            if inner:
                below.append(struct.unpack_from(">I", self._data, at)[0])
                at += 4
            if kind != 5:
                self._payload(at, kind, found)
        return below

    def _payload(self, at: int, kind: int, found: Found) -> None:
        size, at = self._number(at)
        if kind == 13:
            _rowid, at = self._number(at)
        found.payload += size
        usable = self.usable
        most = usable - 35 if kind == 13 else (usable - 12) * 64 // 255 - 23
        if size <= most:
            return
        least = (usable - 12) * 32 // 255 - 23
        local = least + (size - least) % (usable - 4)
        local = local if local <= most else least
        (after,) = struct.unpack_from(">I", self._data, at + local)
        while after:
            found.pages += 1
            found.overflow += 1
            (after,) = struct.unpack_from(">I", self._data, (after - 1) * self.page_size)

    def _number(self, at: int) -> tuple[int, int]:
        """Return a number of one to nine bytes, and where it ends."""
        value = 0
        for place in range(8):
            byte = self._data[at + place]
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value, at + place + 1
        return value << 8 | self._data[at + 8], at + 9


def names_in(folder: Path) -> list[str]:
    """Return the names of the files in a folder."""
    return [file.name for file in folder.iterdir()]
