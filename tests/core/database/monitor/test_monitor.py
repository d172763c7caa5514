"""The monitor of statements: what it counts of a real workload, and what it never keeps."""

import asyncio
import gc
import pickle
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.database import driver
from core.database.database import Database
from core.database.monitor import Kind, Monitor, StatementFigures, tokens
from core.database.monitor import monitor as counting
from core.errors import DatabaseBusyError
from core.events import EventBus
from core.settings import Durability

_FOR_EVER = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Give a database with a table of a hundred rows, and nothing counted yet."""
    path = tmp_path / "x.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b INT)")
    connection.executemany(
        "INSERT INTO t (a, b) VALUES (?, ?)", [(f"a{n}", n) for n in range(100)]
    )
    connection.commit()
    connection.close()
    opened = Database.managed(path, Durability.NORMAL, EventBus())
    yield opened
    await opened.close()


@pytest.fixture
def every_run_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each run count as slow, so that no test has to wait."""
    monkeypatch.setattr(counting, "_SHORTEST_SLOW_S", 0.0)
    monkeypatch.setattr(counting, "SLOW_MS", 0.0)


def of(monitor: Monitor, start: str) -> StatementFigures:
    """Return the figures of the one statement that begins so."""
    (found,) = [
        one for one in monitor.snapshot().statements if one.fingerprint.text.startswith(start)
    ]
    return found


async def test_a_workload_is_counted(database: Database) -> None:
    """Seen failing with the rows of the statement before."""
    async with database.read() as session:
        for number in range(7):
            await session.execute(text("SELECT a FROM t WHERE b < :most"), {"most": number})
    async with database.unit_of_work() as unit:
        await unit.session.execute(text("UPDATE t SET b = b + 1 WHERE b >= 90"))
        rows = [{"a": f"new {number}", "b": number} for number in range(300)]
        await unit.session.execute(text("INSERT INTO t (a, b) VALUES (:a, :b)"), rows)
        await unit.commit()
    reads, update, insert = (of(database.monitor, word) for word in ("SELECT a", "UPD", "INS"))
    assert (reads.count, reads.rows, reads.errors) == (7, 0 + 1 + 2 + 3 + 4 + 5 + 6, 0)
    assert (update.count, update.rows) == (1, 10)
    assert (insert.count, insert.rows) == (1, 300)
    assert reads.total_s >= reads.longest_s >= reads.p99_s >= reads.p50_s > 0
    snapshot = database.monitor.snapshot()
    assert snapshot.total == sum(one.count for one in snapshot.statements)
    assert list(snapshot.statements) == sorted(snapshot.statements, key=lambda s: -s.total_s)


async def test_more_runs_than_are_sorted_at_once(database: Database) -> None:
    async with database.read() as session:
        for _number in range(600):
            await session.execute(text("SELECT 1"))
    found = of(database.monitor, "SELECT ?")
    assert found.count == found.rows == 600


async def test_failed_statements_are_errors(database: Database) -> None:
    """Seen failing without a listener for errors."""
    async with database.unit_of_work() as unit:
        with pytest.raises(IntegrityError):
            await unit.session.execute(text("INSERT INTO t (a) VALUES ('a1')"))
    async with database.read() as session:
        with pytest.raises(DBAPIError):
            await session.execute(text("SELECT nothing FROM t"))
    assert of(database.monitor, "INSERT").errors == 1
    assert of(database.monitor, "SELECT nothing").errors == 1
    assert database.monitor.snapshot().errors == 2
    assert database.monitor.rates().errors_per_s > 0


async def test_waiting_for_the_lock_is_no_error(database: Database) -> None:
    """Seen failing as long as each refused BEGIN counted."""
    async with database.unit_of_work():
        database.monitor.reset()
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseBusyError):
        async with database.unit_of_work(wait_s=0):
            pass
    other.close()
    assert of(database.monitor, "BEGIN IMMEDIATE").count == 1
    assert database.monitor.snapshot().errors == 0


@pytest.mark.usefixtures("every_run_slow")
async def test_a_cancelled_statement_is_no_error(database: Database) -> None:
    """Seen failing as long as a search that was given up counted as one that failed."""
    database.monitor.slow_ms = lambda: 0.0

    async def read() -> None:
        async with database.read() as session:
            await session.execute(text(_FOR_EVER))

    begun = asyncio.Event()
    event.listen(
        database.reader.sync_engine, "before_cursor_execute", lambda *_about: begun.set()
    )
    reading = asyncio.create_task(read())
    await begun.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    found = [one for one in database.monitor.snapshot().statements if one.cancelled]
    assert [(one.count, one.errors, one.cancelled) for one in found] == [(1, 0, 1)]
    assert [run.rows for run in database.monitor.slow()] == [0]


async def test_the_time_is_that_of_the_thread(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loop that is late makes no statement slow. Seen failing with the loop's own clock."""
    measured = driver._Outcome([(1,)], (("1", *[None] * 6),), -1, None, 0.25)
    monkeypatch.setattr(driver, "_execute", lambda *_asked: measured)
    async with database.read() as session:
        await session.execute(text("SELECT 1"))
    found = of(database.monitor, "SELECT ?")
    assert (found.longest_s, found.total_s) == (0.25, 0.25)


@pytest.mark.usefixtures("every_run_slow")
async def test_a_slow_run_tells_types_and_plan_but_no_value(database: Database) -> None:
    """Seen failing with the parameters kept as they were, and with texts as keys."""
    database.monitor.slow_ms = lambda: 0.0
    secret = "s3cret-of-nobody"
    async with database.read() as session:
        query = text(f"SELECT b FROM t WHERE b > :n AND a <> :text AND a <> '{secret}-literal'")
        await session.execute(query, {"n": 5, "text": secret})
        with pytest.raises(DBAPIError):
            await session.execute(text(f"SELECT nothing('{secret}')"))
    slow = database.monitor.slow()
    (run,) = [one for one in slow if one.plan]
    assert run.parameter_types == ("int", f"str({len(secret)})")
    assert run.rows == 94
    assert run.plan is not None
    assert [line.detail for line in run.plan] == ["SCAN t"]
    assert secret not in repr((slow, database.monitor.snapshot(), database.monitor.rates()))
    assert secret.encode() not in pickle.dumps((slow, database.monitor.snapshot()))
    assert not list(_strings_with(secret, vars(database.monitor)))


def _strings_with(secret: str, holder: object) -> Iterator[str]:
    """Yield every text that the monitor holds on to, however deep."""
    seen, waiting = set[int](), [holder]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or callable(one):
            continue
        seen.add(id(one))
        if isinstance(one, str):
            if secret in one:
                yield one
        else:
            waiting.extend(gc.get_referents(one))
            if isinstance(one, dict):
                waiting.extend(one)  # its keys are no referents where all are texts


async def test_plans_are_asked_for_with_the_values(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partial index is taken or not by a value. Seen failing with NULL in its place."""
    monkeypatch.setattr(counting, "_FIRST_PLAN_AFTER_S", -1.0)
    async with database.unit_of_work() as unit:
        await unit.session.execute(text("CREATE INDEX ix_open ON t (id) WHERE b = 95"))
        await unit.commit()
    async with database.read() as session:
        await session.execute(text("SELECT b FROM t WHERE b = :b"), {"b": 95})
    plan = of(database.monitor, "SELECT b").plan
    assert plan is not None
    assert "ix_open" in plan[0].detail


async def test_fingerprints_make_room_for_new_ones(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing as long as the list only grew."""
    monkeypatch.setattr(counting, "_MOST_FINGERPRINTS", 20)
    async with database.read() as session:
        for number in range(100):
            await session.execute(text(f"SELECT b AS b{number} FROM t WHERE id = 1"))
    snapshot = database.monitor.snapshot()
    assert len(snapshot.statements) <= 20
    assert snapshot.dropped > 0
    assert snapshot.total == 100
    assert any("b99" in one.fingerprint.text for one in snapshot.statements)


@pytest.mark.usefixtures("every_run_slow")
async def test_slow_runs_make_room_for_new_ones(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "_MOST_SLOW", 5)
    database.monitor.slow_ms = lambda: 0.0
    database.monitor.reset()
    async with database.read() as session:
        for _number in range(12):
            await session.execute(text("SELECT 1"))
    assert [run.id for run in database.monitor.slow()] == [12, 11, 10, 9, 8]


async def test_texts_with_many_literals_are_one_statement(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "_MOST_TEXTS", 10)
    async with database.read() as session:
        connection = await session.connection()
        for number in range(50):
            await connection.exec_driver_sql(f"SELECT a FROM t WHERE b = {number}")
    assert of(database.monitor, "SELECT a").count == 50
    assert len(database.monitor._by_text) <= 10


async def test_rates_are_of_the_time_since_the_last(database: Database) -> None:
    """Seen failing with figures that were never begun anew."""
    began = time.perf_counter()
    database.monitor.rates()
    middle = time.perf_counter()
    async with database.read() as session:
        for number in range(10):
            await session.execute(text("SELECT 1"))
            if number % 2:
                with pytest.raises(DBAPIError):
                    await session.execute(text("SELECT '1' FROM sqlite_schema WHERE likely()"))
    ended = time.perf_counter()
    rates = database.monitor.rates()
    fewest, most = (10 / span for span in (time.perf_counter() - began, ended - middle))
    assert fewest <= rates.reads_per_s <= 2 * most
    assert fewest / 2 <= rates.errors_per_s <= most / 2
    assert rates.writes_per_s == 0
    assert rates.p99_ms is not None
    again = database.monitor.rates()
    assert again.reads_per_s == 0
    assert again.p50_ms is None


async def test_what_is_no_statement_on_rows_is_in_no_percentile(database: Database) -> None:
    database.monitor.rates()
    async with database.read(snapshot=True) as session:
        await session.execute(text("PRAGMA data_version"))
    kinds = {one.fingerprint.kind for one in database.monitor.snapshot().statements}
    assert kinds == {Kind.OTHER}
    assert database.monitor.rates().p50_ms is None


async def test_reset_forgets_all(database: Database) -> None:
    async with database.read() as session:
        await session.execute(text("SELECT 1"))
    database.monitor.reset()
    snapshot = database.monitor.snapshot()
    assert (snapshot.total, snapshot.statements, database.monitor.slow()) == (0, (), ())


async def test_commits_are_counted(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen failing with events alone: writing to the disk was in no figure."""
    monkeypatch.setattr(driver, "_commit", _slow_commit)
    await _write(database)
    found = of(database.monitor, "COMMIT")
    assert (found.count, found.longest_s, found.errors) == (1, 0.25, 0)
    assert [run.fingerprint.text for run in database.monitor.slow()] == ["COMMIT"]
    monkeypatch.setattr(driver, "_commit", _refused_commit)
    with pytest.raises(DBAPIError):
        await _write(database)
    assert of(database.monitor, "COMMIT").errors == 1
    assert database.monitor.rates().errors_per_s > 0


async def _write(database: Database) -> None:
    async with database.unit_of_work() as unit:
        await unit.session.execute(text("INSERT INTO t (b) VALUES (5)"))
        await unit.commit()


def _slow_commit(connection: sqlite3.Connection) -> float:
    connection.commit()
    return 0.25


def _refused_commit(_connection: sqlite3.Connection) -> float:
    raise sqlite3.OperationalError("disk I/O error")


@pytest.mark.usefixtures("every_run_slow")
async def test_a_slow_statement_is_asked_for_its_plan_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing with each slow run: that doubles the work of what is slow already.

    What is shown as running is the statement, not the question about it.
    """
    database.monitor.slow_ms = lambda: 0.0
    asked: list[str] = []
    ask = tokens.asking_for_plan

    def noted(sql: str) -> str:
        asked.append(sql)
        return ask(sql)

    monkeypatch.setattr(counting, "asking_for_plan", noted)
    async with database.read() as session:
        for _turn in range(3):
            await session.execute(text("SELECT a FROM t WHERE b = 7"))
        (open_now,) = database.transactions.open()
    assert len(asked) == 1
    assert open_now.statement == "SELECT a FROM t WHERE b = 7"
