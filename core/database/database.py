"""An open database file: reading, units of work, and waiting for the write lock."""

import asyncio
import math
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from core.completion import to_the_end
from core.database import pools
from core.database.alone import others_that_hold
from core.database.audit_trail import Deed
from core.database.concurrency.figures import PoolFigures, TransactionMode
from core.database.engine import BEGIN_OPTION, foreign_engine, reader_engine, writer_engine
from core.database.failures import is_busy, told_in_words
from core.database.jobs import Jobs
from core.database.leases import Fence
from core.database.monitor import Monitor
from core.database.presence import Presence
from core.database.transactions import Transaction, Transactions
from core.database.unit_of_work import SeenChanges, UnitOfWork
from core.errors import DatabaseBusyError, DatabaseOpenError, ReadOnlyError
from core.events import DatabaseWaiting, EventBus
from core.settings import Durability
from core.translation import _

TOLD_AFTER_S = 0.7
GIVEN_UP_AFTER_S = 30.0
_ENDS_WITHIN_S = 5.0


class Database:
    """The engines of one file.

    Args:
        read_only: Why nothing can be written, in words; empty where it can.
    """

    def __init__(
        self, path: Path, *, reader: AsyncEngine, writer: AsyncEngine | None,
        bus: EventBus, read_only: str = "",
    ) -> None:  # fmt: skip
        self.path = path
        self.presence = Presence(path)
        self.reader = reader
        self.seen = SeenChanges()
        self.transactions = Transactions()
        self.jobs = Jobs()
        self.read_only = read_only
        self._writer = writer
        self._bus = bus
        self._users = 0
        self._unused = asyncio.Event()
        self._unused.set()
        self._closed = False
        self.monitor = Monitor()
        for engine in filter(None, (reader, writer)):
            self.monitor.watch(engine.sync_engine)

    @classmethod
    def managed(cls, path: Path, durability: Durability, bus: EventBus) -> "Database":
        """Open a file with our schema for reading and writing."""
        return cls(
            path,
            reader=reader_engine(path, durability),
            writer=writer_engine(path, durability),
            bus=bus,
        )

    @classmethod
    def foreign(
        cls, path: Path, bus: EventBus, *, read_only: str, immutable: bool
    ) -> "Database":
        """Open a file that must not be touched."""
        engine = foreign_engine(path, immutable=immutable)
        return cls(path, reader=engine, writer=None, bus=bus, read_only=read_only)

    @property
    def writer(self) -> AsyncEngine:
        """The engine that writes.

        Raises:
            ReadOnlyError: The file is open for reading.
        """
        if self._writer is None:
            raise ReadOnlyError(
                _("This database is open for reading only."),
                detail=self.read_only,
                hint=_("Nothing was changed."),
            )
        return self._writer

    @asynccontextmanager
    async def read(
        self, *, snapshot: bool = False, limit_s: float | None = None
    ) -> AsyncIterator[AsyncSession]:
        """Give a session that reads.

        Args:
            snapshot: Several statements must see the same state; else each sees the newest.
            limit_s: How long it may take from the first on, in seconds.

        Raises:
            DatabaseOpenError: It is closed.
            FileGoneError: The file is not in its place any more.
            TransactionTimeoutError: It took longer; the statement was stopped.
        """
        mode = TransactionMode.SNAPSHOT if snapshot else TransactionMode.READ
        with self._used():
            transaction = await self._begin_reading(mode)
            try:
                with told_in_words(self.path):
                    async with transaction.limited(limit_s):
                        yield transaction.session
            finally:
                await transaction.close()

    @asynccontextmanager
    async def unit_of_work(
        self,
        *,
        fence: Fence | None = None,
        patient: bool = False,
        wait_s: float | None = None,
        limit_s: float | None = None,
    ) -> AsyncIterator[UnitOfWork]:
        """Give a unit of work that holds the write lock; it rolls back unless committed.

        Args:
            fence: A lease that must still be held.
            patient: Wait without limit for other processes.
            wait_s: How long to wait for them otherwise, and for jobs of this process; by
                default 30 seconds for others, and as long as it takes for jobs of its own.
                Units of this process that came before are short, and always waited for.
            limit_s: How long it may take, in seconds, from when it holds the lock until it
                begins to commit.

        Raises:
            DatabaseBusyError: Another process kept the lock for too long.
            DatabaseOpenError: It is closed.
            FileGoneError: The file is not in its place any more.
            LeaseLostError: The fence no longer holds.
            TransactionTimeoutError: It took longer than it may.
        """
        with self._used():
            session = await self._begin(math.inf if patient else wait_s)
            transaction = self.transactions.begun(TransactionMode.WRITE, session)
            try:
                with told_in_words(self.path):
                    async with transaction.limited(limit_s):
                        unit = UnitOfWork(transaction, self.path, self._bus, self.seen, fence)
                        await unit.check_fence()
                        yield unit
            finally:
                await transaction.close()

    async def record(self, deed: Deed) -> None:
        """Enter into the audit trail what changes no row; one that is read-only takes none."""
        if self.read_only:
            return
        async with self.unit_of_work() as unit:
            unit.record(deed)
            await unit.commit()

    def pools(self) -> tuple[PoolFigures, ...]:
        """Return what goes on in the pools of the engines."""
        engines = {"reader": self.reader, "writer": self._writer}
        return tuple(pools.figures(name, one) for name, one in engines.items() if one)

    async def close(self) -> None:
        """Let nobody begin any more, wait for those who have begun, close all connections.

        Who goes on for longer than five seconds keeps a connection.
        """
        self._closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(_ENDS_WITHIN_S):
                await self._unused.wait()
        await self.reader.dispose()
        if self._writer is not None:
            await self._writer.dispose()

    @contextmanager
    def _used(self) -> Iterator[None]:
        """Refuse who comes after the end: an engine that is disposed of would begin anew."""
        if self._closed:
            raise DatabaseOpenError(
                _("“{name}” is not open any more.").format(name=self.path.name),
                hint=_("Open it again."),
            )
        self._users += 1
        self._unused.clear()
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                self._unused.set()

    async def _begin_reading(self, mode: TransactionMode) -> Transaction:
        self.presence.check()
        session = AsyncSession(self.reader, expire_on_commit=False)
        options = {BEGIN_OPTION: "DEFERRED" if mode is TransactionMode.SNAPSHOT else None}
        try:
            with told_in_words(self.path):
                await session.connection(execution_options=options)
            return self.transactions.begun(mode, session)
        except BaseException:
            await to_the_end(session.close())
            raise

    async def _begin(self, wait_s: float | None) -> AsyncSession:
        """Begin again and again: SQLite's own wait could not be cancelled."""
        writer = self.writer
        started = time.monotonic()
        told = False
        try:
            while True:
                self.presence.check()
                session = AsyncSession(writer, expire_on_commit=False)
                try:
                    await session.connection()
                    return session
                except DBAPIError as error:
                    await to_the_end(session.close())
                    if not is_busy(error):
                        with told_in_words(self.path):
                            raise
                except BaseException:
                    await to_the_end(session.close())
                    raise
                waited = time.monotonic() - started
                if self._is_too_long(started, wait_s):
                    raise DatabaseBusyError(
                        await self._who_holds(),
                        hint=_("Wait until it is done, or close it, and try again."),
                    )
                if waited > TOLD_AFTER_S and not told:
                    told = True
                    self._bus.publish(DatabaseWaiting(await self._who_holds()))
                await asyncio.sleep(random.uniform(0.005, 0.03))  # noqa: S311
        finally:
            if told:
                self._bus.publish(DatabaseWaiting(""))

    def _is_too_long(self, started: float, wait_s: float | None) -> bool:
        """Tell whether a wait is to be given up: our own jobs are waited for as they take."""
        if wait_s is None:
            return self.jobs.waited_since(started) > GIVEN_UP_AFTER_S
        return time.monotonic() - started > wait_s

    async def _who_holds(self) -> str:
        if self.jobs.current:
            return _("“{job}” is not done yet.").format(job=self.jobs.current)
        return await asyncio.to_thread(others_that_hold, self.path)
