"""The statements as a list that is searched and sorted here: they all are at hand."""

from core.database.query.schemas import ListQuery, PageStart, Slice
from core.performance.statements.schemas import StatementRow, Statements
from desktop.performance.statements.columns import sort_key
from desktop.widgets.paged_table import Counted


class _Count:
    """A number that is exact."""

    def __init__(self, value: int) -> None:
        self.value = value
        self.exact = True


class StatementList:
    """Hands out the statements that came last, in slices."""

    def __init__(self) -> None:
        self.found: Statements | None = None

    def matching(self, query: ListQuery) -> list[StatementRow]:
        """Return the statements that hold every word looked for, in the order wanted."""
        rows = list(self.found.rows) if self.found else []
        sought = query.search.casefold().split()
        rows = [row for row in rows if all(word in row.text.casefold() for word in sought)]
        for field in reversed(query.order):
            name = field.removeprefix("-")
            rows.sort(key=lambda row: sort_key(name, row), reverse=field.startswith("-"))
        return rows

    def row(self, fingerprint: str) -> StatementRow | None:
        """Return a statement as it came last."""
        rows = self.found.rows if self.found else ()
        return next((row for row in rows if row.fingerprint == fingerprint), None)

    async def slice(
        self, query: ListQuery, start: PageStart, limit: int
    ) -> Slice[StatementRow]:
        """Return statements by their place."""
        rows = self.matching(query)
        first = start.position or 0
        if start.backwards:
            first = max(len(rows) - limit, 0)
        shown = tuple(rows[first : first + limit])
        return Slice(shown, None, None, first > 0, first + limit < len(rows))

    async def count(self, query: ListQuery) -> Counted:
        """Return how many there are."""
        return _Count(len(self.matching(query)))
