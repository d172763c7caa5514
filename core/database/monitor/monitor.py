"""Counts what the statements of a database cost, by events of SQLAlchemy.

It runs in the loop of the core, for each statement: looking up its figures and bumping them
is all that may happen there.
"""

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, event

from core.database.failures import is_busy
from core.database.monitor.callers import caller, types_of
from core.database.monitor.figures import (
    PlanLine,
    Rates,
    SlowRun,
    Snapshot,
    StatementFigures,
    Tally,
    Window,
)
from core.database.monitor.fingerprints import Kind, fingerprint
from core.database.monitor.tokens import asking_for_plan

SLOW_MS = 100.0
_SHORTEST_SLOW_S = 0.001
_MOST_FINGERPRINTS = 500
_MOST_TEXTS = 4 * _MOST_FINGERPRINTS
_MOST_SLOW = 200

# What runs once while something starts is not worth asking for its plan.
_FIRST_PLAN_AFTER_S = 1.0
_NEXT_PLAN_AFTER_S = 300.0
_MOST_RECENT = 256
_COMMIT = "COMMIT"


class Monitor:
    """The figures of all statements of some engines.

    Durations are those in the thread of the connection, rows fetched: neither the wait for a
    connection nor that of the loop for its turn is in them.

    Args:
        slow_ms: Asked for the duration from which on a run is kept as a slow one; it must
            not be below 1.
    """

    def __init__(self, slow_ms: Callable[[], float] = lambda: SLOW_MS) -> None:
        self.slow_ms = slow_ms
        self._slow_runs = 0
        self.reset()

    def watch(self, engine: Engine) -> None:
        """Count what runs through an engine from now on; its connections are ``driver``'s."""
        event.listen(engine, "after_cursor_execute", self._ran)
        event.listen(engine, "handle_error", self._failed)
        event.listen(engine, "connect", self._connected)

    def reset(self) -> None:
        """Forget everything and begin anew."""
        self._since = datetime.now(UTC)
        # By the hash of a text: its literals are kept nowhere.
        self._by_text: dict[int, Tally] = {}
        self._by_name: dict[str, Tally] = {}
        self._slow: deque[SlowRun] = deque(maxlen=_MOST_SLOW)
        self._dropped = 0
        self._errors = 0
        self._window = Window()

    def forget_plans(self) -> None:
        """Ask for the plan of each statement anew when it runs next: the schema has changed."""
        for tally in self._by_name.values():
            if tally.plan is not None:
                tally.plan, tally.plan_due_s = None, time.perf_counter()

    def snapshot(self) -> Snapshot:
        """Return all figures."""
        self._count_recent()
        tallies = sorted(self._by_name.values(), key=lambda tally: -tally.total_s)
        return Snapshot(
            since=self._since,
            total=self._dropped + sum(tally.count for tally in tallies),
            dropped=self._dropped,
            errors=self._errors,
            statements=tuple(StatementFigures.of(tally) for tally in tallies),
        )

    def slow(self) -> tuple[SlowRun, ...]:
        """Return the last slow runs, the newest first."""
        return tuple(reversed(self._slow))

    def rates(self) -> Rates:
        """Return what ran since this was asked last; for one caller, who asks regularly."""
        self._count_recent()
        rates = self._window.rates()
        self._window = Window()
        return rates

    def _ran(
        self, connection: Connection, _cursor: Any, sql: str, parameters: Any, _context: Any,
        many: bool,
    ) -> None:  # fmt: skip
        driver: Any = connection.connection.driver_connection
        seconds: float = driver.ran_s
        tally = self._by_text.get(hash(sql)) or self._meet(sql)
        tally.rows += driver.ran_rows
        tally.last_at = time.time()
        recent = tally.recent
        recent.append(seconds)
        if len(recent) >= _MOST_RECENT:
            self._window.take(tally)
        slow = seconds >= _SHORTEST_SLOW_S and self._is_slow(seconds)
        due = driver.asked_s >= tally.plan_due_s
        if slow or due:
            rows = driver.ran_rows
            if tally.fingerprint.plannable and (due or tally.plan is None):
                tally.plan_due_s = time.perf_counter() + _NEXT_PLAN_AFTER_S
                tally.plan = _plan(connection, sql, parameters[0] if many else parameters)
            if slow:
                self._keep(tally, seconds, rows, types_of(parameters, many=many))

    def _connected(self, connection: Any, _record: Any) -> None:
        connection.driver_connection.on_commit = self._committed

    def _committed(self, seconds: float, error: sqlite3.Error | None) -> None:
        tally = self._by_text.get(hash(_COMMIT)) or self._meet(_COMMIT)
        tally.last_at = time.time()
        tally.recent.append(seconds)
        if len(tally.recent) >= _MOST_RECENT:
            self._window.take(tally)
        if error is not None and not is_busy(error):
            self._count_error(tally)
        if self._is_slow(seconds):
            self._keep(tally, seconds, 0, ())

    def _count_error(self, tally: Tally) -> None:
        tally.errors += 1
        self._errors += 1
        self._window.errors += 1

    def _failed(self, failure: ExceptionContext) -> None:
        """Count a statement that failed, or whose caller was cancelled."""
        connection, sql = failure.connection, failure.statement
        context = failure.execution_context
        if connection is None or connection.invalidated or sql is None or context is None:
            return  # it never came to a connection
        error = failure.original_exception
        driver: Any = connection.connection.driver_connection
        tally = self._by_text.get(hash(sql)) or self._meet(sql)
        seconds = time.perf_counter() - driver.asked_s
        tally.last_at = time.time()
        tally.recent.append(seconds)
        if isinstance(error, asyncio.CancelledError):
            tally.cancelled += 1
        elif tally.fingerprint.kind is not Kind.OTHER or not is_busy(error):
            # A BEGIN that finds the lock taken is tried again: that is waiting.
            self._count_error(tally)
        if tally.fingerprint.kind is not Kind.OTHER and self._is_slow(seconds):
            types = types_of(failure.parameters, many=context.executemany)
            self._keep(tally, seconds, 0, types)

    def _meet(self, sql: str) -> Tally:
        """Return the figures of a text that is not known as such."""
        found = fingerprint(sql)
        tally = self._by_name.get(found.name)
        if tally is None:
            if len(self._by_name) >= _MOST_FINGERPRINTS:
                self._make_room()
            tally = self._by_name[found.name] = Tally(found)
            if found.plannable:
                tally.plan_due_s = time.perf_counter() + _FIRST_PLAN_AFTER_S
        if len(self._by_text) >= _MOST_TEXTS:
            self._by_text.clear()
        self._by_text[hash(sql)] = tally
        return tally

    def _make_room(self) -> None:
        """Let go of the tenth that did not run for longest."""
        oldest = sorted(self._by_name.values(), key=lambda tally: tally.last_at)
        for tally in oldest[: _MOST_FINGERPRINTS // 10]:
            self._window.take(tally)
            del self._by_name[tally.fingerprint.name]
            self._dropped += tally.count
        self._by_text.clear()

    def _is_slow(self, seconds: float) -> bool:
        return seconds >= _SHORTEST_SLOW_S and seconds * 1000 >= self.slow_ms()

    def _count_recent(self) -> None:
        for tally in self._by_name.values():
            self._window.take(tally)

    def _keep(self, tally: Tally, seconds: float, rows: int, types: tuple[str, ...]) -> None:
        """Keep a slow run."""
        self._slow_runs += 1
        self._slow.append(
            SlowRun(
                id=self._slow_runs,
                fingerprint=tally.fingerprint,
                at=datetime.fromtimestamp(time.time() - seconds, UTC),
                duration_s=seconds,
                rows=rows,
                parameter_types=types,
                caller=caller(),
                plan=tally.plan,
            )
        )


def _plan(connection: Connection, sql: str, parameters: Any) -> tuple[PlanLine, ...] | None:
    """Ask for the plan where the statement has just run, with its values: they can matter.

    A partial index, for one, is taken or not by what a parameter is.
    """
    driver: Any = connection.connection.driver_connection
    asked = driver.statement
    cursor = connection.connection.cursor()
    try:
        cursor.execute(asking_for_plan(sql), parameters)
        return tuple(PlanLine(row[0], row[1], row[3]) for row in cursor.fetchall())
    except sqlite3.Error:
        return None
    finally:
        cursor.close()
        driver.statement = asked
