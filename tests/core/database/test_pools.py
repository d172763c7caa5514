"""Who gets a connection when all of them are lent."""

import asyncio
import threading
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from core.database.database import Database
from core.errors import DatabaseOpenError
from core.events import EventBus
from core.settings import Durability


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Give a database without tables that nobody else uses."""
    path = tmp_path / "a.db"
    path.touch()
    made = Database.managed(path, Durability.FULL, EventBus())
    yield made
    await made.close()


async def test_first_come_is_first_served(database: Database) -> None:
    """Never ended with SQLAlchemy's own pool: who asks again at once was served first."""
    served = count()
    gone_on = asyncio.Event()

    async def greedy() -> None:
        while not gone_on.is_set():
            async with database.read() as session:
                await session.connection()
                next(served)

    async def patient() -> int:
        before = next(served)
        async with database.read():
            return next(served) - before

    readers = [asyncio.create_task(greedy()) for _ in range(20)]
    await asyncio.sleep(0)
    try:
        async with asyncio.timeout(20):
            waited = [await patient() for _ in range(20)]
    finally:
        gone_on.set()
        await asyncio.gather(*readers)
    assert max(waited) <= 2 * len(readers)
    assert all(pool.in_use == 0 for pool in database.pools())


async def test_a_connection_that_cannot_be_opened_keeps_no_place(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed without giving the place back: after as many failures nobody could read."""

    def refuse(*_args: object, **_options: object) -> None:
        raise OSError("no")

    with monkeypatch.context() as patched:
        patched.setattr(database.reader.sync_engine.pool, "_create_connection", refuse)
        for _ in range(10):
            with pytest.raises(OSError, match="no"):
                async with database.read():
                    pass
    async with asyncio.timeout(30), database.read():
        assert sum(pool.in_use for pool in database.pools()) == 1


async def test_what_is_closed_keeps_no_connection(database: Database) -> None:
    """Who reads or writes then is waited for, and who comes after that is refused.

    Seen failing with engines that were only disposed of: each of the two left a thread.
    """
    before = set(threading.enumerate())
    held, go = asyncio.Event(), asyncio.Event()

    async def reads() -> None:
        async with database.read() as session:
            await session.connection()
            held.set()
            await go.wait()

    reading = asyncio.create_task(reads())
    await held.wait()
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    with pytest.raises(DatabaseOpenError):
        async with database.read():
            pass
    with pytest.raises(DatabaseOpenError):
        async with database.unit_of_work():
            pass
    assert not closing.done()
    go.set()
    await asyncio.gather(reading, closing)
    for thread in set(threading.enumerate()) - before:
        await asyncio.to_thread(thread.join, 30)
        assert not thread.is_alive()
