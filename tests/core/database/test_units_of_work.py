"""Engines and units of work on real files."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from core.database import database as database_module
from core.database import leases
from core.database.change_watch import ChangeWatch
from core.database.database import Database
from core.database.engine import BEGIN_OPTION, connect_bare
from core.database.library import wal_is_safe
from core.errors import DatabaseBusyError, ReadOnlyError
from core.events import Changed, DatabaseWaiting, Event, EventBus
from core.settings import Durability
from tests.waiting import until

NAMES = [
    "plain.db",
    "a#b.db",
    "what?.db",
    "100%25.db",
    "two words.db",
    "ünï-码.db",
    "a&b=c;d.db",
]


def make(path: Path) -> None:
    """Make a database with the tables that the layer itself needs."""
    path.touch()
    with closing(connect_bare(path, "rw")) as connection:
        connection.executescript(
            "PRAGMA journal_mode=WAL;"
            "CREATE TABLE changes (topic TEXT PRIMARY KEY, version INTEGER NOT NULL);"
            "CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT, token INTEGER,"
            " expires_ms INTEGER);"
            "CREATE TABLE counter (n INTEGER); INSERT INTO counter VALUES (0);"
        )


@pytest.fixture
def told() -> list[Event]:
    """Return the events that were published."""
    return []


@pytest.fixture
def bus(told: list[Event]) -> EventBus:
    """Return a bus whose events are kept."""
    bus = EventBus()
    bus.subscribe(told.append)
    return bus


@pytest.fixture
async def database(tmp_path: Path, bus: EventBus) -> AsyncIterator[Database]:
    """Give an open database."""
    make(tmp_path / "x.db")
    opened = Database.managed(tmp_path / "x.db", Durability.FULL, bus)
    yield opened
    await opened.close()


async def count(database: Database) -> int:
    async with database.read() as session:
        return int(await session.scalar(text("SELECT n FROM counter")) or 0)


async def increment(database: Database) -> None:
    """Read, then write: lost at once when the lock is taken late."""
    async with database.unit_of_work() as unit:
        n = await unit.session.scalar(text("SELECT n FROM counter"))
        await unit.session.execute(text("UPDATE counter SET n = :n"), {"n": int(n or 0) + 1})
        unit.changed("counter")
        await unit.commit()


async def _pragmas(engine: AsyncEngine) -> list[dict[str, object]]:
    names = (
        "busy_timeout", "journal_mode", "synchronous", "foreign_keys", "trusted_schema",
        "cell_size_check", "mmap_size", "cache_size", "journal_size_limit", "query_only",
    )  # fmt: skip
    size = engine.pool.size()  # type: ignore[attr-defined]
    connections = [await engine.connect() for _i in range(size)]
    found = []
    for plain in connections:
        connection = await plain.execution_options(**{BEGIN_OPTION: None})
        values = {}
        for name in names:
            values[name] = (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
        found.append(values)
    for connection in connections:
        await connection.close()
    return found


async def test_pragmas_hold_on_every_connection(database: Database) -> None:
    expected = {
        "busy_timeout": 100, "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1,
        "trusted_schema": 0, "cell_size_check": 1, "mmap_size": 0, "cache_size": -16000,
        "journal_size_limit": 67108864,
    }  # fmt: skip
    (writer,) = await _pragmas(database.writer)
    expected["mmap_size"] = writer["mmap_size"] or 0
    assert writer == {**expected, "query_only": 0, "mmap_size": writer["mmap_size"]}
    readers = await _pragmas(database.reader)
    assert len(readers) == 5
    for reader in readers:
        assert reader == {**writer, "query_only": 1}


async def test_normal_durability(tmp_path: Path, bus: EventBus) -> None:
    make(tmp_path / "x.db")
    opened = Database.managed(tmp_path / "x.db", Durability.NORMAL, bus)
    (writer,) = await _pragmas(opened.writer)
    assert writer["synchronous"] == 1
    await opened.close()


def _names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


@pytest.mark.parametrize("name", NAMES)
async def test_any_name_opens_that_very_file(tmp_path: Path, bus: EventBus, name: str) -> None:
    folder = tmp_path / name.replace(".db", " d#r%20")
    folder.mkdir()
    make(folder / name)
    opened = Database.managed(folder / name, Durability.FULL, bus)
    await increment(opened)
    assert await count(opened) == 1
    assert _names(folder) == {name, f"{name}-wal", f"{name}-shm"}
    await opened.close()
    assert _names(tmp_path) == {folder.name}


async def test_reader_cannot_write(database: Database) -> None:
    with pytest.raises(ReadOnlyError):
        async with database.read() as session:
            await session.execute(text("UPDATE counter SET n = 9"))
    assert await count(database) == 0


async def test_concurrent_read_then_write_loses_nothing(database: Database) -> None:
    await asyncio.gather(*(increment(database) for _i in range(200)))
    assert await count(database) == 200


async def _fail(database: Database) -> None:
    async with database.unit_of_work() as unit:
        await unit.session.execute(text("UPDATE counter SET n = 6"))
        unit.changed("counter")
        raise ZeroDivisionError


async def test_rolls_back_unless_committed(database: Database, told: list[Event]) -> None:
    async with database.unit_of_work() as unit:
        await unit.session.execute(text("UPDATE counter SET n = 5"))
        unit.changed("counter")
    with pytest.raises(ZeroDivisionError):
        await _fail(database)
    assert await count(database) == 0
    assert told == []


async def test_a_second_commit_tells_nothing_again(
    database: Database, told: list[Event]
) -> None:
    """Seen failing: events, topics and entries of the trail were there twice."""
    async with database.unit_of_work() as unit:
        unit.changed("counter")
        unit.publish(DatabaseWaiting("somebody"))
        await unit.commit()
        await unit.commit()
    assert told == [Changed(frozenset({"counter"})), DatabaseWaiting("somebody")]


async def test_events_come_after_the_commit(database: Database, bus: EventBus) -> None:
    seen: list[int] = []

    def look(_event: Event) -> None:
        with closing(sqlite3.connect(database.path)) as connection:
            seen.append(connection.execute("SELECT n FROM counter").fetchone()[0])

    bus.subscribe(look)
    async with database.unit_of_work() as unit:
        await unit.session.execute(text("UPDATE counter SET n = 5"))
        unit.changed("counter")
        assert seen == []
        await unit.commit()
    assert seen == [5]


async def _cancelled_after(work: Callable[[], Awaitable[None]], turns: int) -> bool:
    """Cancel after so many turns of the loop; False when the work was done before."""
    task = asyncio.ensure_future(work())
    for _turn in range(turns):
        if task.done():
            break
        await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return True
    return False


async def test_cancellation_at_any_turn_leaves_nothing(database: Database) -> None:
    """Fails when a commit or a close is left running by a cancellation."""
    committed = 0
    turns = 0
    while True:
        before = await count(database)
        was_cancelled = await _cancelled_after(lambda: increment(database), turns)
        assert database.writer.pool.checkedout() == 0  # type: ignore[attr-defined]
        assert database.reader.pool.checkedout() == 0  # type: ignore[attr-defined]
        with closing(sqlite3.connect(database.path, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
        now = await count(database)
        assert now in ((before, before + 1) if was_cancelled else (before + 1,))
        committed = now
        if not was_cancelled:
            break
        turns += 1 if turns < 60 else 25
    await increment(database)
    assert await count(database) == committed + 1


async def test_cancellation_of_a_reader_at_any_turn(database: Database) -> None:
    async def read() -> None:
        await count(database)

    turns = 0
    while await _cancelled_after(read, turns):
        assert database.reader.pool.checkedout() == 0  # type: ignore[attr-defined]
        turns += 1
    assert await count(database) == 0


_HOLD = (
    "import sys; sys.path.insert(0, {root!r}); import core, sqlite3\n"
    "c = sqlite3.connect({path!r}, isolation_level=None)\n"
    "c.execute('BEGIN IMMEDIATE'); c.execute('UPDATE counter SET n = n + 100')\n"
    "print('held', flush=True); sys.stdin.readline(); c.execute('COMMIT')\n"
    "c.close(); print('free', flush=True)\n"
)


class Holder:
    """Another process that holds the write lock until it is told to let go."""

    def __init__(self, path: Path) -> None:
        script = _HOLD.format(root=str(Path(__file__).parents[3]), path=str(path))
        self.process = subprocess.Popen(
            [sys.executable, "-c", script],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "held\n"

    def let_go(self) -> None:
        """End the transaction and the process."""
        self.process.communicate("go\n")


async def test_waiting_is_told_with_the_process_that_holds_the_lock(
    database: Database, told: list[Event]
) -> None:
    """Fails when the wait is left to SQLite, which tells nothing."""
    holder = await asyncio.to_thread(Holder, database.path)
    waiting = asyncio.create_task(increment(database))
    await until(lambda: told, "the wait to be told")
    (event,) = told
    assert isinstance(event, DatabaseWaiting)
    assert f"({holder.process.pid})" in event.text
    assert not waiting.done()
    assert await count(database) == 0  # readers go on
    await asyncio.to_thread(holder.let_go)
    await waiting
    assert told[1:] == [DatabaseWaiting(""), Changed(frozenset({"counter"}))]
    assert await count(database) == 101


async def test_wait_is_given_up_in_words(
    database: Database, monkeypatch: pytest.MonkeyPatch, told: list[Event]
) -> None:
    monkeypatch.setattr(database_module, "GIVEN_UP_AFTER_S", 0.3)
    holder = await asyncio.to_thread(Holder, database.path)
    with pytest.raises(DatabaseBusyError, match=f"\\({holder.process.pid}\\)") as caught:
        await increment(database)
    assert caught.value.hint
    waiting = asyncio.create_task(_patient(database))
    await until(lambda: told, "the wait to be told")
    assert not waiting.done()
    await asyncio.to_thread(holder.let_go)
    await waiting


async def _patient(database: Database) -> None:
    async with database.unit_of_work(patient=True) as unit:
        await unit.commit()


async def test_cancelling_a_wait_leaves_nothing(database: Database, told: list[Event]) -> None:
    holder = await asyncio.to_thread(Holder, database.path)
    waiting = asyncio.create_task(increment(database))
    await until(lambda: told, "the wait to be told")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert told[-1] == DatabaseWaiting("")
    await asyncio.to_thread(holder.let_go)
    await increment(database)
    assert await count(database) == 101


async def test_watch_tells_what_others_wrote_and_not_its_own_twice(
    database: Database, bus: EventBus, told: list[Event]
) -> None:
    """Fails when versions of this process are noted only after its commit."""
    other = Database.managed(database.path, Durability.FULL, EventBus())
    watch = ChangeWatch(database, bus)
    await increment(other)
    await watch.start()
    for _turn in range(20):
        await increment(database)
    assert told == [Changed(frozenset({"counter"}))] * 20
    await increment(other)
    await until(lambda: len(told) == 21, "the change of another process")
    await increment(database)
    async with other.unit_of_work() as unit:
        unit.changed("other")
        await unit.commit()
    await until(lambda: Changed(frozenset({"other"})) in told, "another topic")
    assert told[20:] == [
        Changed(frozenset({"counter"})),
        Changed(frozenset({"counter"})),
        Changed(frozenset({"other"})),
    ]
    await watch.stop()
    await other.close()


async def test_own_commit_is_told_once_even_when_the_watch_looks_meanwhile(
    database: Database, told: list[Event], bus: EventBus
) -> None:
    watch = ChangeWatch(database, bus)
    async with database.unit_of_work() as unit:
        unit.changed("counter")
        commit = unit.session.commit

        async def commit_and_look() -> None:
            await commit()
            await watch._tell()

        unit.session.commit = commit_and_look  # type: ignore[method-assign]
        await unit.commit()
    assert told == [Changed(frozenset({"counter"}))]


async def test_failed_commit_forgets_the_versions(database: Database) -> None:
    async with database.unit_of_work() as unit:
        unit.changed("counter")

        async def fail() -> None:
            raise DBAPIError("COMMIT", None, RuntimeError("no"))

        unit.session.commit = fail  # type: ignore[method-assign]
        with pytest.raises(DBAPIError):
            await unit.commit()
    assert database.seen.note([("counter", 1)]) == {"counter"}


@pytest.mark.parametrize(
    ("library", "safe"),
    [
        ((3, 53, 0), True), ((3, 51, 3), True), ((3, 51, 2), False), ((3, 50, 7), True),
        ((3, 50, 6), False), ((3, 44, 6), True), ((3, 45, 1), False), ((3, 40, 1), False),
    ],
)  # fmt: skip
def test_libraries_with_a_safe_log(library: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(library) is safe


async def test_late_write_under_a_lost_lease_is_refused(database: Database) -> None:
    async with database.unit_of_work() as unit:
        fence = await leases.acquire(unit.session, name="x", holder="a", ttl_ms=1)
        await unit.commit()
    assert fence is not None
    await until(lambda: _free(database), "the end of the lease")
    async with database.unit_of_work() as unit:
        second = await leases.acquire(unit.session, name="x", holder="b", ttl_ms=60_000)
        await unit.commit()
    assert second is not None
    assert second.token == fence.token + 1
    with pytest.raises(leases.LeaseLostError):
        async with database.unit_of_work(fence=fence):
            raise AssertionError
    async with database.unit_of_work() as unit:
        assert not await leases.renew(unit.session, fence, ttl_ms=60_000)
        assert await leases.acquire(unit.session, name="x", holder="c", ttl_ms=1) is None
        assert await leases.renew(unit.session, second, ttl_ms=60_000)
        await leases.release(unit.session, fence)
        await unit.commit()
    async with database.unit_of_work(fence=second) as unit:
        await leases.release(unit.session, second)
        await unit.commit()
    assert await _free(database)


async def _free(database: Database) -> bool:
    async with database.read() as session:
        return await leases.holder(session, "x") == ""


_RACE = """
import asyncio, sys
sys.path.insert(0, {root!r})
import core
from pathlib import Path
from sqlalchemy import text
from core.database import leases
from core.database.database import Database
from core.events import EventBus
from core.settings import Durability

async def main():
    database = Database.managed(Path({path!r}), Durability.NORMAL, EventBus())
    won = refused = 0
    while won < 12:
        async with database.unit_of_work(patient=True) as unit:
            fence = await leases.acquire(
                unit.session, name="x", holder=sys.argv[1], ttl_ms=15)
            if fence is None:
                continue
            await unit.session.execute(text("INSERT INTO held VALUES (:token, :holder)"),
                                       {{"token": fence.token, "holder": fence.holder}})
            await unit.commit()
        won += 1
        for _write in range(4):
            try:
                async with database.unit_of_work(fence=fence, patient=True) as unit:
                    await unit.session.execute(text(
                        "INSERT INTO written SELECT :token, max(token) FROM held"),
                        {{"token": fence.token}})
                    await unit.commit()
            except leases.LeaseLostError:
                refused += 1
            await asyncio.sleep(0.008)
    await database.close()
    print(won, refused)

asyncio.run(main())
"""


async def test_four_processes_never_hold_a_lease_at_once(database: Database) -> None:
    """Fails when the fence is not checked: a late write would meet a newer token."""
    async with database.unit_of_work() as unit:
        await unit.session.execute(text("CREATE TABLE held (token INTEGER, holder TEXT)"))
        await unit.session.execute(text("CREATE TABLE written (token INTEGER, newest INTEGER)"))
        await unit.commit()
    script = _RACE.format(root=str(Path(__file__).parents[3]), path=str(database.path))
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, str(number), stdout=asyncio.subprocess.PIPE
        )
        for number in range(4)
    ]
    outputs = [(await process.communicate())[0] for process in processes]
    won, refused = (
        sum(column) for column in zip(*(map(int, o.split()) for o in outputs), strict=True)
    )
    async with database.read() as session:
        tokens = list(await session.scalars(text("SELECT token FROM held")))
        pairs = (await session.execute(text("SELECT token, newest FROM written"))).all()
    assert won == 48
    assert sorted(tokens) == list(range(1, 49))
    assert refused > 0
    assert all(token == newest for token, newest in pairs)
