"""Connections that run a statement in one visit to their thread."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.database import driver, interrupting
from core.database.database import Database
from core.events import EventBus
from core.settings import Durability


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[driver.WholeConnection]:
    """Give an open connection with a table."""
    made = interrupting.connect_to_write(str(tmp_path / "x.db"), isolation_level=None)
    await made
    await made.cursor().execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER UNIQUE)")
    yield made
    await made.close()


@pytest.fixture
async def visits(
    connection: driver.WholeConnection, monkeypatch: pytest.MonkeyPatch
) -> list[Any]:
    """Give a list that gets each visit to the thread."""
    found: list[Any] = []
    counted = connection._counted

    def noted(*args: Any, **kwargs: Any) -> Any:
        found.append(args)
        return counted(*args, **kwargs)

    monkeypatch.setattr(connection, "_counted", noted)
    return found


async def test_a_statement_needs_one_visit(
    connection: driver.WholeConnection, visits: list[Any]
) -> None:
    """Seen failing with a visit for each row that is fetched."""
    cursor = await connection.cursor().__aenter__()
    await cursor.execute("INSERT INTO t (n) VALUES (?), (?), (?) RETURNING n", (5, 6, 7))
    assert [column[0] for column in cursor.description] == ["n"]
    assert await cursor.fetchone() == (5,)
    assert await cursor.fetchmany() == [(6,)]
    assert await cursor.fetchall() == [(7,)]
    assert await cursor.fetchone() is None
    await cursor.close()
    assert len(visits) == 1


async def test_writes_tell_what_they_did(connection: driver.WholeConnection) -> None:
    cursor = connection.cursor()
    await cursor.execute("INSERT INTO t (n) VALUES (3)")
    assert (cursor.rowcount, cursor.lastrowid, cursor.description) == (1, 1, None)
    await cursor.executemany("INSERT INTO t (n) VALUES (?)", [(4,), (5,)])
    assert (cursor.rowcount, cursor.description) == (2, None)
    assert await cursor.fetchall() == []


async def test_no_visit_rolls_back_what_was_not_begun(
    connection: driver.WholeConnection, visits: list[Any]
) -> None:
    await connection.rollback()
    assert not visits
    await connection.cursor().execute("BEGIN")
    await connection.rollback()
    assert not connection.in_transaction


async def test_a_beginning_that_nobody_awaits_any_more_is_rolled_back(
    connection: driver.WholeConnection,
) -> None:
    """Seen failing where only SQLite was asked whether a transaction is open.

    The transaction begins behind what the thread is still at.
    """
    numbers = "SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000"
    slow = f"WITH n(i) AS ({numbers}) SELECT max(i) FROM n"
    before = asyncio.create_task(connection.cursor().execute(slow))
    begin = asyncio.create_task(connection.cursor().execute("BEGIN IMMEDIATE"))
    await asyncio.sleep(0)
    begin.cancel()
    await asyncio.gather(begin, return_exceptions=True)
    assert not connection.in_transaction
    await connection.rollback()
    await before
    assert not await connection.visit(lambda opened: opened.in_transaction)


async def test_a_unit_of_work_goes_on_after_a_refused_statement(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    database = Database.managed(tmp_path / "x.db", Durability.FULL, EventBus())
    try:
        async with database.unit_of_work() as unit:
            await unit.session.execute(text("CREATE TABLE t (n INTEGER UNIQUE)"))
            await unit.session.execute(text("INSERT INTO t VALUES (1)"))
            with pytest.raises(IntegrityError):
                await unit.session.execute(text("INSERT INTO t VALUES (1)"))
            await unit.session.execute(text("INSERT INTO t VALUES (2)"))
            await unit.commit()
        async with database.read() as session:
            assert (await session.scalars(text("SELECT n FROM t"))).all() == [1, 2]
    finally:
        await database.close()
