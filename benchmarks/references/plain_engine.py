"""Reads as anybody would write them: an async engine as it comes, a session for each.

``FILE READS AT_ONCE TIMES`` reads one row by its key, so many times, so many at once; prints
the seconds of each time on a line, without start and imports. Errors end it.
"""

import asyncio
import sys
import time

import pysqlite3

sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2

from sqlalchemy import text  # noqa: E402
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine  # noqa: E402

READ = text("SELECT id, name, note FROM things WHERE id = :id")


async def read(engine: AsyncEngine, number: int) -> None:
    """Read one row."""
    async with AsyncSession(engine) as session:
        row = (await session.execute(READ, {"id": number})).one()
        assert row.id == number


async def run(engine: AsyncEngine, reads: int, at_once: int) -> float:
    """Read with so many workers; return the seconds."""
    numbers = iter(range(1, reads + 1))

    async def work() -> None:
        for number in numbers:
            await read(engine, number)

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(at_once)))
    return time.perf_counter() - started


async def main(file: str, reads: int, at_once: int, times: int) -> None:
    """Print what each time took."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
    await run(engine, reads, at_once)
    for _ in range(times):
        print(await run(engine, reads, at_once), flush=True)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:5])))
