"""A read that is cancelled stops in the database, and leaves nothing behind."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from core.database.database import Database
from core.events import EventBus
from core.settings import Durability

ENDLESS = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Give an open database."""
    (tmp_path / "x.db").touch()
    opened = Database.managed(tmp_path / "x.db", Durability.FULL, EventBus())
    yield opened
    await opened.close()


async def _endless(database: Database, started: asyncio.Event) -> None:
    async with database.read(snapshot=True) as session:
        await session.scalar(text("SELECT 1"))
        started.set()
        await session.scalar(ENDLESS)


@pytest.mark.parametrize("turns", [0, 1, 2, 5, 20])
async def test_a_cancelled_read_ends_though_its_statement_never_would(
    database: Database, turns: int
) -> None:
    """Seen hanging for ever with the plain connections of aiosqlite.

    The turns of the loop move the cancellation to before, at and after the beginning of the
    statement in its thread.
    """
    for _round in range(3):
        started = asyncio.Event()
        task = asyncio.create_task(_endless(database, started))
        await started.wait()
        for _turn in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        async with asyncio.timeout(20):
            with pytest.raises(asyncio.CancelledError):
                await task


async def test_the_pool_serves_as_before(database: Database) -> None:
    """More cancelled reads than there are connections, several of them at once."""
    before = threading.active_count()
    for _round in range(3):
        tasks = [asyncio.create_task(_endless(database, asyncio.Event())) for _task in range(8)]
        await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        async with asyncio.timeout(20):
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in ended)
    async with database.read() as session:
        assert await session.scalar(text("SELECT 42")) == 42
    assert database.reader.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert threading.active_count() <= before + 6


async def test_a_read_beside_a_cancelled_one_goes_on(database: Database) -> None:
    started = asyncio.Event()
    task = asyncio.create_task(_endless(database, started))
    query = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)"
        " SELECT count(*) FROM n"
    )
    await started.wait()
    async with database.read() as session:
        counting = asyncio.create_task(session.scalar(query))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await counting == 300_000
