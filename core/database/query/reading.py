"""Runs queries: all rows, numbered pages, slices by keyset, counts."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.query.errors import QueryError
from core.database.query.keyset import Keyset, OrderTerm
from core.database.query.schemas import Page, PageStart, Slice
from core.database.query.values import LARGEST_INTEGER
from core.translation import _

if TYPE_CHECKING:
    from core.database.query.builder import _Parts

MOST_PER_PAGE = 10_000


class Readable:
    """What a query can be run for; rows are mappings by the names of the fields."""

    _parts: "_Parts"

    @abstractmethod
    def select(self) -> Select[Any]:
        """Return the statement of SQLAlchemy."""

    @abstractmethod
    def _unordered(self) -> Select[Any]: ...

    async def all(self, session: AsyncSession) -> list[RowMapping]:
        """Return all rows."""
        return list((await session.execute(self.select())).mappings())

    async def first(self, session: AsyncSession) -> RowMapping | None:
        """Return the first row, None where there is none."""
        rows = (await session.execute(self.select().limit(1))).mappings().all()
        return rows[0] if rows else None

    async def count(self, session: AsyncSession) -> int:
        """Count the rows; limit and offset count too."""
        counted = select(func.count()).select_from(self.select().order_by(None).subquery())
        return int(await session.scalar(counted) or 0)

    async def page(
        self, session: AsyncSession, number: int = 1, *, per_page: int = 50
    ) -> Page[RowMapping]:
        """Return a numbered page, empty where it is behind the last.

        It has a limit and an offset of its own. The rows of pages are apart only in an order
        that tells all rows apart; large tables are better read by ``slice``.

        Raises:
            QueryError: The number is below 1 or beyond all rows, or ``per_page`` not between
                1 and 10,000.
        """
        if not 1 <= number <= LARGEST_INTEGER // MOST_PER_PAGE:
            raise QueryError(_("Pages are counted from 1."))
        if not 1 <= per_page <= MOST_PER_PAGE:
            text = _("A page has between 1 and {most} rows.")
            raise QueryError(text.format(most=MOST_PER_PAGE))
        plain = self.select().limit(None).offset(None)
        counted = select(func.count()).select_from(plain.order_by(None).subquery())
        total = int(await session.scalar(counted) or 0)
        wanted = plain.limit(per_page).offset((number - 1) * per_page)
        rows = tuple((await session.execute(wanted)).mappings())
        return Page(rows, total, number, per_page, -(-total // per_page))

    async def slice(
        self, session: AsyncSession, start: PageStart, limit: int, *, total: int | None = None
    ) -> Slice[RowMapping]:
        """Return rows that follow each other, found by an index where the order has one.

        Args:
            limit: How many rows at most; the query's own limit and offset do not count.
            total: How many rows there are, where known: far positions are then found sooner.

        Raises:
            QueryError: The query has groups, its rows have no key, or the cursor is not of
                its order.
        """
        keyset = Keyset(self._unordered(), self._terms())
        return await keyset.slice(session, start, limit, lambda row: row, total=total)

    def _terms(self) -> list[OrderTerm]:
        parts = self._parts
        if parts.grouped or parts.computed or parts.having or parts.windows:
            raise QueryError(_("A query with groups or windows is read in numbered pages."))
        terms: dict[str, OrderTerm] = {}
        for signed in parts.order:
            name = signed.removeprefix("-")
            column, nullable = parts.sources.find(name), parts.sources.nullable(name)
            terms.setdefault(name, OrderTerm(name, column, name != signed, nullable))
        descending = bool(terms) and list(terms.values())[-1].descending
        for name, column in parts.sources.key():
            nullable = name != "rowid" and parts.sources.nullable(name)
            terms.setdefault(name, OrderTerm(name, column, descending, nullable))
        return list(terms.values())
