"""1,000 reads, 100 at once, through ``Database.read``: beside an async engine as it comes."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import text

from benchmarks.figures import Figure, at_most
from benchmarks.references import plain_engine
from core.database.database import Database
from core.database.engine import connect_bare
from core.events import EventBus
from core.settings import Durability

READS = 1_000
AT_ONCE = 100
TIMES = 4
ROUNDS = 7
_ROWS = 10_000
_READ = text("SELECT id, name, note FROM things WHERE id = :id")


def run() -> list[Figure]:
    """Measure both by turns, several times each, on the same file."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "reads.db"
        _make(file)
        own, plain = list[float](), list[float]()
        errors = 0
        for _ in range(ROUNDS):
            seconds, failed = asyncio.run(_own(file))
            own += seconds
            errors += failed
            plain += _plain(file)
    mine, reference = READS / median(own), READS / median(plain)
    ratio = mine / reference
    name = f"{READS:,} reads, {AT_ONCE} at once"
    return [
        Figure(name, mine, "reads/s", reference, ratio, "≥ 1 ×", ratio >= 1),
        at_most(f"{name}, errors", errors, "", 0),
    ]


def _make(file: Path) -> None:
    file.touch()
    with closing(connect_bare(file, "rw")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, note TEXT)")
        rows = ((n, f"thing {n}", "x" * 100) for n in range(1, _ROWS + 1))
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO things VALUES (?, ?, ?)", rows)
        connection.execute("COMMIT")


async def _own(file: Path) -> tuple[list[float], int]:
    async with _opened(file) as database:
        await _read_all(database)
        found = [await _read_all(database) for _ in range(TIMES)]
    return [seconds for seconds, _errors in found], sum(errors for _seconds, errors in found)


@asynccontextmanager
async def _opened(file: Path) -> AsyncIterator[Database]:
    database = Database.managed(file, Durability.FULL, EventBus())
    try:
        yield database
    finally:
        await database.close()


async def _read_all(database: Database) -> tuple[float, int]:
    """Read with so many workers; return the seconds, and how many reads failed."""
    numbers = iter(range(1, READS + 1))

    async def work() -> None:
        for number in numbers:
            async with database.read() as session:
                row = (await session.execute(_READ, {"id": number})).one()
                assert row.id == number

    started = time.perf_counter()
    ends = await asyncio.gather(*(work() for _ in range(AT_ONCE)), return_exceptions=True)
    return time.perf_counter() - started, sum(end is not None for end in ends)


def _plain(file: Path) -> list[float]:
    script = [sys.executable, plain_engine.__file__, str(file)]
    sizes = [str(READS), str(AT_ONCE), str(TIMES)]
    done = subprocess.run([*script, *sizes], check=True, capture_output=True, text=True)
    return [float(line) for line in done.stdout.split()]
