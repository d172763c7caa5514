"""The B-trees of a file, measured page by page."""

from collections.abc import Callable, Iterable, Iterator
from math import ceil
from typing import Any

import apsw

from core.performance.child.conversation import Conversation

NEAR_PAGES = 8
"""A page no further from the one read before it comes with it, as systems read ahead."""

_TELL_EVERY = 512
_MOST_ONE_BY_ONE = 2_000
_PACKED_MARGIN = 1.02
# An empty page of this size begins its content at 0, in two bytes; ``dbstat`` takes that as is.
_LARGEST_PAGE = 65_536

# Names as they are in the file: some are not of its encoding.
_TREES = f"""
SELECT CAST(name AS BLOB), count(*), sum(payload),
       sum(iif(unused < 0, unused + {_LARGEST_PAGE}, unused)),
       sum(iif(pagetype = 'leaf', ncell, 0)), sum(iif(pagetype = 'internal', ncell, 0)),
       sum(iif(pagetype = 'internal', payload, 0)), sum(pagetype = 'overflow'),
       sum(iif(pagetype = 'overflow', unused, 0)), away(pageno), 1,
       sum(pagetype NOT IN ('leaf', 'internal', 'overflow')),
       sum(iif(pagetype <> 'leaf', 0, iif(mx_payload <= :most, mx_payload,
           iif(:least + (mx_payload - :least) % :over <= :most,
               :least + (mx_payload - :least) % :over, :least))))
FROM dbstat GROUP BY name
"""  # noqa: S608  # a number
_PAGES = (
    "SELECT pageno, pagetype, ncell, payload, unused FROM dbstat WHERE name = CAST(? AS TEXT)"
)
_NAMES = (
    "SELECT CAST(name AS BLOB) FROM main.sqlite_schema WHERE rootpage > 0"
    " UNION ALL SELECT CAST('sqlite_schema' AS BLOB)"
)


class Tree:
    """What the pages of one B-tree hold; bytes, but for counts.

    It is no dataclass: to import those takes as long as to measure some megabytes.

    ``away`` are the pages that are not near the one read before them; ``inner_payload`` is
    only in a tree whose inner pages hold entries too: an index, or a table without rowid;
    ``largest`` is what the largest rows of the leaf pages have on them, in a table with rowid.
    """

    pages: int = 0
    payload: int = 0
    unused: int = 0
    leaf_cells: int = 0
    inner_cells: int = 0
    inner_payload: int = 0
    overflow: int = 0
    overflow_unused: int = 0
    away: int = 0
    trees: int = 1
    damaged: int = 0
    largest: int = 0
    whole: bool = True

    @classmethod
    def of(cls, figures: Iterable[int]) -> "Tree":
        """Return one by its first figures, in the order in which they stand above."""
        tree = cls()
        for name, figure in zip(cls.__annotations__, figures, strict=False):
            setattr(tree, name, figure)
        return tree

    @property
    def rows(self) -> int | None:
        """How many rows or entries there are; None where not all pages could be read."""
        if not self.whole or self.damaged:
            return None
        return self.leaf_cells + (self.inner_cells if self.inner_payload else 0)

    @property
    def fragmentation(self) -> float | None:
        """The share of pages that are not near the one before; None where none is."""
        steps = self.pages - self.trees
        return self.away / steps if steps > 0 else None

    def add(self, other: "Tree") -> None:
        """Count another tree with this one, which began with nothing."""
        self.trees = other.trees if not self.pages else self.trees + other.trees
        for name in ("pages", "payload", "unused", "overflow", "away"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def packed(self, page_size: int) -> int:
        """Return about how many pages it has after VACUUM, rather too many than too few.

        Rows are put one behind the other then; of each page about half a row stays free, as
        the next one does not fit, and most of the last one. It is rather a large row that does
        not fit. Overflow pages stay as many.
        """
        pages = self.pages - self.overflow
        used = pages * page_size - (self.unused - self.overflow_unused)
        a_row = used / max(self.leaf_cells, 1)
        large = a_row if self.inner_payload else max(a_row, self.largest / max(pages, 1))
        room = page_size - min(large, page_size) / 2
        if a_row > page_size / 2:
            room = min(a_row, page_size)
        needed = ceil(_PACKED_MARGIN * used / room) + 1
        return self.overflow + min(needed if used > page_size else 1, pages)


class _TooManyPagesError(Exception):
    """Trees have more pages than the file: they hold themselves, or each other."""


class Walk:
    """Goes through all trees once.

    Attributes:
        problems: Names of what could not be read whole, as they are in the file, and why.

    Args:
        page_count: Of the file.
    """

    def __init__(
        self, connection: apsw.Connection, tell: Conversation, page_count: int
    ) -> None:
        self.page_count = page_count
        self.problems: list[tuple[bytes, str]] = []
        self._connection = connection
        self._tell = tell
        self._trees: dict[bytes, Tree] = {}
        self._visited = 0

    def trees(self) -> dict[bytes, Tree]:
        """Return all trees by the names that they have in the file."""
        self._tell.progress(0.0, "sizing")
        self._connection.create_aggregate_function("away", self._following, 1)
        try:
            for name, *figures in self._connection.execute(_TREES, self._borders()):
                self._trees[name] = Tree.of(figures)
        except (apsw.CorruptError, _TooManyPagesError):
            self._tell.check()
            self._visited = sum(tree.pages for tree in self._trees.values())
            for name in self._missing():
                self._read(name)
        for name, tree in self._trees.items():
            if tree.damaged and tree.whole:
                self.problems.append((name, "database disk image is malformed"))
        return self._trees

    def _borders(self) -> dict[str, int]:
        """Return how much of a row lies on its page, by the rules of the file format."""
        size = int(self._connection.pragma("page_size"))
        return {"most": size - 35, "least": (size - 12) * 32 // 255 - 23, "over": size - 4}

    def _missing(self) -> Iterator[bytes]:
        """Yield the names of what was not reached; of very many the first ones."""
        names = [name for (name,) in self._connection.execute(_NAMES)]
        missing = [name for name in names if name not in self._trees]
        for number, name in enumerate(missing):
            if number == _MOST_ONE_BY_ONE or self._visited > 2 * self.page_count + _TELL_EVERY:
                self.problems.append((b"", f"{len(missing) - number} more"))
                return
            yield name

    def _following(self) -> Any:
        return _Following(self._count)

    def _read(self, name: bytes) -> None:
        """Measure one tree page by page, as far as it can be read."""
        tree = self._trees.setdefault(name, Tree())
        try:
            self._measure(name, tree)
        except (apsw.CorruptError, _TooManyPagesError) as error:
            self._tell.check()
            tree.whole = False
            self.problems.append((name, str(error)))

    def _measure(self, name: bytes, tree: Tree) -> None:
        following = _Following(self._count)
        for number, kind, cells, payload, unused in self._connection.execute(_PAGES, (name,)):
            tree.pages += 1
            tree.payload += payload
            tree.unused += unused if unused >= 0 else unused + _LARGEST_PAGE
            if kind == "leaf":
                tree.leaf_cells += cells
            elif kind == "overflow":
                tree.overflow += 1
                tree.overflow_unused += unused
            elif kind == "internal":
                tree.inner_cells += cells
                tree.inner_payload += payload
            else:
                tree.damaged += 1
            following.step(number)
            tree.away = following.away
        following.final()

    def _count(self, pages: int, of_tree: int) -> None:
        """Count pages that were read, and tell how far that is."""
        self._visited += pages
        most = max(self.page_count, 1)
        self._tell.progress(min(self._visited / most, 0.99))
        if of_tree > most or self._visited > 2 * most + _TELL_EVERY:
            raise _TooManyPagesError("more pages than the file has")


class _Following:
    """Looks whether the pages of a tree lie near each other; SQLite calls it for each.

    Args:
        count: Told now and then of pages that were read, and of how many the tree has so far.
    """

    def __init__(self, count: Callable[[int, int], None]) -> None:
        self.away = 0
        self._count = count
        self._pages = 0
        self._before: int | None = None

    def step(self, number: int) -> None:
        """Take the next page."""
        before = self._before
        if before is not None and not -NEAR_PAGES <= number - before <= NEAR_PAGES:
            self.away += 1
        self._before = number
        self._pages += 1
        if not self._pages % _TELL_EVERY:
            self._count(_TELL_EVERY, self._pages)

    def final(self) -> int:
        """Return how many pages were away from the one before."""
        self._count(self._pages % _TELL_EVERY, self._pages)
        return self.away
