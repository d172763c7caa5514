"""The artifacts of one build as a list in memory, in the order and for the words asked for."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.builds.schemas import ArtifactRow
from core.database.fields.file_paths import shown_path
from core.database.query.schemas import Cursor, ListQuery, PageStart, Slice
from desktop.builds.panes.artifacts_words import folder_of, name_of

_SORTS: Final[Mapping[str, Callable[[ArtifactRow], Any]]] = {
    "name": lambda row: name_of(row).casefold(),
    "folder": lambda row: folder_of(row).casefold(),
    "size": lambda row: row.size,
    "change": lambda row: row.size - (row.size_before or 0),
    "state": lambda row: row.removed_at is not None,
    "modified": lambda row: row.modified_at,
}


@dataclass(frozen=True, slots=True)
class Known:
    """How many rows there are."""

    value: int
    exact: bool = True


class ArtifactList:
    """What a paged table asks for rows; they are fetched once and kept until ``forget``.

    Args:
        fetch: Fetches the artifacts of a build.
    """

    def __init__(self, fetch: Callable[[int], Awaitable[Sequence[ArtifactRow]]]) -> None:
        self._fetch = fetch
        self._build_id: int | None = None
        self._fetching = asyncio.Lock()
        self._outdated = True
        self.known: Sequence[ArtifactRow] = ()
        self._listed: Sequence[ArtifactRow] = ()

    def show(self, build_id: int | None) -> None:
        """Be the artifacts of a build, fetched anew when they are asked for."""
        if build_id != self._build_id:
            self.known = self._listed = ()
        self._build_id, self._outdated = build_id, True

    def at(self, places: Iterable[int]) -> list[ArtifactRow]:
        """Return the rows at places of what was listed last, as far as there are any."""
        return [self._listed[place] for place in places if place < len(self._listed)]

    async def slice(self, query: ListQuery, start: PageStart, limit: int) -> Slice[ArtifactRow]:
        """Return rows that follow a start.

        Raises:
            AppError: The core refuses.
        """
        rows = self._listed = await self._found(query)
        first, last = _bounds(len(rows), start, limit)
        page = tuple(rows[first:last])
        return Slice(
            page,
            Cursor((first,), query.order) if page else None,
            Cursor((last - 1,), query.order) if page else None,
            first > 0,
            last < len(rows),
        )

    async def count(self, query: ListQuery) -> Known:
        """Return how many rows there are.

        Raises:
            AppError: The core refuses.
        """
        return Known(len(await self._found(query)))

    async def _found(self, query: ListQuery) -> Sequence[ArtifactRow]:
        rows = await self._all()
        words = query.search.casefold().split()
        if words:
            rows = [row for row in rows if _holds(row, words)]
        for field in reversed(query.order):
            sort = _SORTS.get(field.lstrip("-"))
            if sort is not None:
                rows = sorted(rows, key=sort, reverse=field.startswith("-"))
        return rows

    async def _all(self) -> Sequence[ArtifactRow]:
        build_id = self._build_id
        if build_id is None:
            return ()
        # One fetch serves all who ask.
        async with self._fetching:
            if build_id == self._build_id and self._outdated:
                self._outdated = False
                try:
                    found = await self._fetch(build_id)
                except BaseException:
                    self._outdated = True
                    raise
                if build_id == self._build_id:
                    self.known = found
        return self.known


def _holds(row: ArtifactRow, words: Sequence[str]) -> bool:
    text = f"{shown_path(row.path).casefold()} {row.sha256}"
    return all(word in text for word in words)


def _bounds(count: int, start: PageStart, limit: int) -> tuple[int, int]:
    if start.cursor is not None:
        place = start.cursor.values[0]
        assert isinstance(place, int)
        if start.backwards:
            return max(place - limit, 0), min(place, count)
        return min(place + 1, count), min(place + 1 + limit, count)
    if start.backwards:
        return max(count - limit, 0), count
    first = min(start.position or 0, count)
    return first, min(first + limit, count)
