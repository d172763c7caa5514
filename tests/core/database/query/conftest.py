"""A database file with awkward rows, and sessions that read it."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.engine import BEGIN_OPTION, reader_engine
from core.settings import Durability
from tests.core.database.query.rows import METADATA, OWNERS, THINGS, Row, make_rows


@pytest.fixture(scope="session")
def rows() -> list[Row]:
    """Return the rows of the table, by id."""
    return make_rows(random.Random(20), 300)


@pytest.fixture(scope="session")
def database(rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with the rows; nobody writes it."""
    path = tmp_path_factory.mktemp("query") / "things.db"
    engine = create_engine(f"sqlite:///{path}")
    METADATA.create_all(engine)
    with engine.begin() as connection:
        owners = [{"id": number, "name": f"owner {number}"} for number in range(1, 6)]
        connection.execute(insert(OWNERS), owners)
        connection.execute(insert(THINGS), rows)
    engine.dispose()
    return path


@pytest.fixture
async def session(database: Path) -> AsyncIterator[AsyncSession]:
    """Return a session on the file."""
    engine = reader_engine(database, Durability.NORMAL)
    async with AsyncSession(engine) as opened:
        await opened.connection(execution_options={BEGIN_OPTION: None})
        yield opened
    await engine.dispose()
