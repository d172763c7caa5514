"""The open transactions of a database: who opened them, what they run, how they end."""

import asyncio
import itertools
import sys
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from types import CodeType

from sqlalchemy.ext.asyncio import AsyncSession

from core.completion import to_the_end
from core.database.concurrency.figures import (
    OpenTransaction,
    TransactionFigures,
    TransactionMode,
)
from core.database.interrupting import InterruptibleConnection
from core.errors import DatabaseError
from core.security.actors import acting
from core.translation import _

REMEMBERED = 1_000
"""Durations of the latest transactions that wrote, for a percentile."""

# What opens transactions for others.
_BETWEEN = frozenset(
    (
        "contextlib",
        "core.completion",
        "core.database.batches",
        "core.database.database",
        "core.database.retrying",
        "core.database.transactions",
        "core.database.unit_of_work",
    )
)


class TransactionTimeoutError(DatabaseError):
    """A transaction took longer than it may; it was rolled back, and nothing of it is left."""

    code = "transaction_timeout"


class Transaction:
    """One that is open; made by ``Transactions.begun``.

    Attributes:
        session: What it is used by.
    """

    def __init__(
        self, books: "Transactions", number: int, mode: TransactionMode,
        session: AsyncSession, opener: tuple[str, CodeType],
    ) -> None:  # fmt: skip
        self.session = session
        self.number = number
        self.mode = mode
        self.started = time.monotonic()
        self.done = False
        self._books = books
        self._opener = opener
        self._actor = acting.get()
        self._limit: asyncio.Timeout | None = None
        connection = session.sync_session.connection().connection.driver_connection
        assert isinstance(connection, InterruptibleConnection)
        connection.statement = ""
        self._connection = connection
        self._changes = connection.changes

    def limited(self, seconds: float | None) -> AbstractAsyncContextManager[None]:
        """Let what is inside take so long at the most, until it begins to commit.

        Raises:
            TransactionTimeoutError: It took longer; its statement was stopped.
        """
        return nullcontext() if seconds is None else self._limited(seconds)

    @asynccontextmanager
    async def _limited(self, seconds: float) -> AsyncIterator[None]:
        # Else a cancelled statement would go on to its end, however late that is.
        interrupts, self._connection.interrupts = self._connection.interrupts, True
        self._limit = limit = asyncio.timeout(seconds)
        try:
            async with limit:
                yield
        except TimeoutError as error:
            if not limit.expired():
                raise
            self._books.timed_out += 1
            raise self._too_long(seconds) from error
        finally:
            self._connection.interrupts = interrupts

    def committing(self) -> None:
        """Take note that it comes to its end now, which nothing cuts short any more."""
        if self._limit is not None and self._limit.when() is not None:
            self._limit.reschedule(None)

    def committed(self) -> None:
        """Take note that what was written lasts."""
        self.done = True
        self._books.committed += 1
        self._books.took(time.monotonic() - self.started)

    async def close(self) -> None:
        """Give its connection back; what was not committed is rolled back.

        A cancellation that comes meanwhile waits for that.
        """
        if self._connection.at_rest:
            # Nothing is awaited in it, so it needs no task of its own, which costs more.
            await self._close()
        else:
            await to_the_end(self._close())

    async def _close(self) -> None:
        try:
            await self.session.close()
        finally:
            self._books.closed(self)

    @property
    def wrote(self) -> bool:
        """Whether it changed rows; also where that cannot be told any more."""
        return self._connection.changes != self._changes

    def snapshot(self) -> OpenTransaction:
        """Return how it stands now."""
        module, code = self._opener
        connection = self._connection
        busy = connection.busy
        return OpenTransaction(
            id=self.number,
            owner=f"{module}.{code.co_qualname}",
            actor=self._actor.user if self._actor is not None else "",
            mode=self.mode,
            age_s=time.monotonic() - self.started,
            statement=connection.statement,
            statement_age_s=time.perf_counter() - connection.asked_s if busy else None,
        )

    def _too_long(self, seconds: float) -> TransactionTimeoutError:
        return TransactionTimeoutError(
            _("The database took longer than {seconds:g} seconds.").format(seconds=seconds),
            detail=_("Nothing was changed. It was at: {statement}").format(
                statement=" ".join(self._connection.statement.split())[:500] or "–"
            ),
            hint=_("Try again when less is going on, or do it in smaller steps."),
        )


class Transactions:
    """The transactions of one database in this process."""

    def __init__(self) -> None:
        self.committed = self.rolled_back = self.retried = self.timed_out = 0
        self._open: dict[int, Transaction] = {}
        self._numbers = itertools.count(1)
        self._latest: deque[float] = deque(maxlen=REMEMBERED)
        self._written, self._total_s, self._longest_s = 0, 0.0, 0.0

    def begun(self, mode: TransactionMode, session: AsyncSession) -> Transaction:
        """Take note of a transaction whose session has its connection."""
        number = next(self._numbers)
        opened = Transaction(self, number, mode, session, _opener())
        self._open[number] = opened
        return opened

    def closed(self, transaction: Transaction) -> None:
        """Take note that one is open no more."""
        del self._open[transaction.number]
        if (
            transaction.mode is TransactionMode.WRITE
            and not transaction.done
            and transaction.wrote
        ):
            self.rolled_back += 1
            self.took(time.monotonic() - transaction.started)

    def took(self, seconds: float) -> None:
        """Count the duration of one that wrote, or was to."""
        self._written += 1
        self._total_s += seconds
        self._longest_s = max(self._longest_s, seconds)
        self._latest.append(seconds)

    def open(self) -> tuple[OpenTransaction, ...]:
        """Return those that are open now, the oldest first."""
        return tuple(one.snapshot() for one in self._open.values())

    def figures(self) -> TransactionFigures:
        """Return what was counted so far."""
        latest = sorted(self._latest)
        return TransactionFigures(
            committed=self.committed,
            rolled_back=self.rolled_back,
            retried=self.retried,
            timed_out=self.timed_out,
            mean_ms=1000 * self._total_s / max(self._written, 1),
            p95_ms=1000 * latest[(len(latest) * 95 - 1) // 100] if latest else 0.0,
            longest_ms=1000 * self._longest_s,
        )


def _opener() -> tuple[str, CodeType]:
    """Return the module and the function that asked for a transaction."""
    frame = sys._getframe(2)
    while frame.f_globals.get("__name__") in _BETWEEN and frame.f_back is not None:
        frame = frame.f_back
    return str(frame.f_globals.get("__name__")), frame.f_code
