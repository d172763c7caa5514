"""A list in memory that answers pages by cursor as a service does, and remembers the asking."""

import asyncio
import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from core.database.query.schemas import Cursor, ListQuery, PageStart, Slice
from core.errors import AppError
from desktop.widgets.paged_table import Column


@dataclass(frozen=True, slots=True)
class Person:
    """A row."""

    number: int
    name: str
    age: int = 30


@dataclass(frozen=True, slots=True)
class Known:
    """How many rows there are."""

    value: int
    exact: bool = True


class MemoryRows:
    """``count`` people, numbered from 0; ordered by their number, or ``-number``.

    Gates that are cleared hold answers back; ``fault`` is raised in place of pages.
    """

    def __init__(self, count: int) -> None:
        self.numbers: Sequence[int] = range(count)
        self.asked: list[PageStart] = []
        self.version = ""
        self.gate, self.count_gate = asyncio.Event(), asyncio.Event()
        self.gate.set()
        self.count_gate.set()
        self.fault: AppError | None = None
        self.in_flight = 0
        self.counted: int | None = None

    def add(self, *numbers: int) -> None:
        """Let people come."""
        self.numbers = sorted({*self.numbers, *numbers})

    def remove(self, *numbers: int) -> None:
        """Let people go."""
        self.numbers = [n for n in self.numbers if n not in set(numbers)]

    async def fetch(self, query: ListQuery, start: PageStart, limit: int) -> Slice[Person]:
        """Return a page."""
        self.asked.append(start)
        self.in_flight += 1
        try:
            await self.gate.wait()
        finally:
            self.in_flight -= 1
        if self.fault is not None:
            raise self.fault
        found = self._ordered(query)
        first, last = _bounds(found, start, limit)
        rows = tuple(self._person(n) for n in found[first:last])
        ends = [Cursor((row.number,)) for row in rows]
        return Slice(
            rows,
            ends[0] if ends else None,
            ends[-1] if ends else None,
            first > 0,
            last < len(found),
        )

    async def count(self, query: ListQuery) -> Known:
        """Return how many there are."""
        await self.count_gate.wait()
        if self.fault is not None:
            raise self.fault
        return Known(len(self._ordered(query)) if self.counted is None else self.counted)

    def _ordered(self, query: ListQuery) -> Sequence[int]:
        found = self.numbers
        if query.search:
            found = [n for n in found if query.search in self._person(n).name]
        return found[::-1] if query.order == ("-number",) else found

    def _person(self, number: int) -> Person:
        return Person(number, f"person {number}{self.version}")


def _bounds(found: Sequence[int], start: PageStart, limit: int) -> tuple[int, int]:
    if start.cursor is not None:
        number = start.cursor.values[0]
        assert isinstance(number, int)
        falling = len(found) > 1 and found[0] > found[1]
        sign = -1 if falling else 1
        place = bisect.bisect_left(found, sign * number, key=lambda n: sign * n)
        if start.backwards:
            return max(place - limit, 0), place
        after = place + (place < len(found) and found[place] == number)
        return after, min(after + limit, len(found))
    if start.backwards:
        return max(len(found) - limit, 0), len(found)
    first = min(start.position or 0, len(found))
    return first, min(first + limit, len(found))


COLUMNS: tuple[Column[Person], ...] = (
    Column(
        "number",
        "Number",
        lambda p: str(p.number),
        sort="number",
        right=True,
        width=90,
        value=lambda p: p.number,
    ),
    Column("name", "Name", lambda p: p.name, fixed=True, width=200),
    Column("age", "Age", lambda p: str(p.age), shown=False),
)
