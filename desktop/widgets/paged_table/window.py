"""Fetching anew the rows in sight, and finding where those that stood there are now."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic

from desktop.widgets.paged_table.columns import Row
from desktop.widgets.paged_table.pages import PAGE, Loaded, Pages


@dataclass(frozen=True, slots=True)
class Window(Generic[Row]):
    """Pages fetched anew, and by how many places the rows in sight moved down."""

    pages: Mapping[int, Loaded[Row]]
    shift: int


async def fetch_window(
    pages: Pages[Row], key: Callable[[Row], Hashable], first: int, last: int
) -> Window[Row]:
    """Fetch the pages of the rows ``first`` to ``last``.

    The first of these rows that is still there tells the shift. Where none of them is found,
    one page more is fetched on either side; after that nothing is taken to have moved, as
    also where the list is shown from its first row: there new rows are to be seen.

    Raises:
        AppError: They could not be fetched.
    """
    found: dict[int, Loaded[Row]] = {}
    low, high = first // PAGE, max(last, first) // PAGE
    known = ((place, pages.peek(place)) for place in range(first, last + 1))
    old = [(place, row) for place, row in known if row is not None]
    await _load(pages, found, range(low, high + 1))
    if first == 0 or not old:
        return Window(found, 0)
    shift = _shift(found, key, old)
    if shift is None:
        await _load(pages, found, (low - 1, high + 1))
        shift = _shift(found, key, old)
    if shift:
        moved = range((first + shift) // PAGE, (last + shift) // PAGE + 1)
        await _load(pages, found, moved)
    return Window(found, shift or 0)


async def _load(
    pages: Pages[Row], found: dict[int, Loaded[Row]], numbers: "range | tuple[int, ...]"
) -> None:
    for number in numbers:
        if number >= 0 and number not in found:
            page = await pages.load(number, near=found, by_place=True)
            found[number] = page


def _shift(
    found: Mapping[int, Loaded[Row]],
    key: Callable[[Row], Hashable],
    old: "list[tuple[int, Row]]",
) -> int | None:
    places = {
        key(row): number * PAGE + offset
        for number, page in found.items()
        for offset, row in enumerate(page.rows)
    }
    for place, row in old:
        if (now := places.get(key(row))) is not None:
            return now - place
    return None
