"""Storing people: 1,000 in one call, and one by one, audited, through the service."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event

from benchmarks.figures import RUNS, Figure, at_most, ratio_at_most
from benchmarks.references import bare_users
from benchmarks.workload import Builder, builder, scratch_home
from core.app import open_core
from core.database.fields.money import parse_money
from core.settings import load_settings
from core.users.schemas import new_user

MANY = 1_000
SINGLE = 200


def run() -> list[Figure]:
    """Measure; the runs of both sides take turns, each in a database of its own."""
    return asyncio.run(_measure())


async def _measure() -> list[Figure]:
    whole, stored, bulk = [], [], []
    service: list[float] = []
    bare_async: list[float] = []
    bare_sync: list[float] = []
    with scratch_home() as folder:
        bare = folder / "bare.db"
        async with open_core(load_settings()) as core:
            await core.workspaces.create(bare, open_here=True)
        async with builder(folder) as bench:
            await _single(bench, "warm", 5)
            transactions = _timed_transactions(bench)
            for turn in range(RUNS):
                seconds, in_database = await _many(bench, f"run{turn}", transactions)
                whole.append(seconds)
                stored.append(in_database)
                bulk.append(await asyncio.to_thread(_reference, "bulk", bare, MANY))
                service.append(SINGLE / await _single(bench, f"single{turn}", SINGLE))
                for how, into in (("async", bare_async), ("sync", bare_sync)):
                    seconds = await asyncio.to_thread(_reference, how, bare, SINGLE)
                    into.append(SINGLE / seconds)
    return [
        at_most("1,000 users in one call, with validation", median(whole), "s", 0.5),
        ratio_at_most(
            "1,000 users and their audit, the transaction, against raw executemany",
            median(stored), "s", reference=median(bulk), most=3,
        ),
        _ratio_at_least(
            "audited single-row writes, against bare SQLAlchemy asyncio",
            service, bare_async, 0.7,
        ),
        _ratio_at_least(
            "audited single-row writes, against a synchronous Session",
            service, bare_sync, 0.4,
        ),
    ]  # fmt: skip


def _ratio_at_least(
    name: str, values: list[float], references: list[float], least: float
) -> Figure:
    value, reference = median(values), median(references)
    ratio = value / reference
    return Figure(name, value, "/s", reference, ratio, f"≥ {least:g} ×", ratio >= least)


async def _many(bench: Builder, mark: str, transactions: list[float]) -> tuple[float, float]:
    """Return the seconds of the whole, and of its transaction from BEGIN to its end."""
    transactions.clear()
    raw = [_values(mark, number) for number in range(MANY)]
    started = time.perf_counter()
    people = [new_user(values) for values in raw]
    ids = await bench.workspace.users.create_many(bench.actor, data=people)
    whole = time.perf_counter() - started
    if len(ids) != MANY:
        raise RuntimeError("People are missing.")
    # The lease of the leader may be renewed meanwhile, too.
    return whole, max(transactions)


def _timed_transactions(bench: Builder) -> list[float]:
    """Return a list that gets the seconds of each transaction that writes."""
    engine = bench.workspace.database.writer.sync_engine
    seconds: list[float] = []
    begun = [0.0]

    def on_begin(*_args: object) -> None:
        begun[0] = time.perf_counter()

    def on_end(*_args: object) -> None:
        seconds.append(time.perf_counter() - begun[0])

    event.listen(engine, "begin", on_begin)
    event.listen(engine.pool, "checkin", on_end)
    return seconds


async def _single(bench: Builder, mark: str, count: int) -> float:
    people = [new_user(_values(mark, number)) for number in range(count)]
    started = time.perf_counter()
    for person in people:
        await bench.workspace.users.create(bench.actor, data=person)
    return time.perf_counter() - started


def _values(mark: str, number: int) -> dict[str, Any]:
    """Return the same columns as the reference fills."""
    name = f"{mark}.person{number}"
    return {
        "username": name,
        "display_name": f"Person {mark} {number}",
        "email": f"{name}@example.org",
        "phone": f"+1212555{100 + number % 100:04d}",
        "address": {"street": f"Via {number}", "city": "Rome", "country": "IT"},
        "tags": ["backend", "on call"],
        "balance": parse_money("12.50 EUR"),
    }


def _reference(how: str, file: Path, count: int) -> float:
    script = [sys.executable, bare_users.__file__, how, str(file), str(count)]
    done = subprocess.run(script, check=True, capture_output=True, text=True)
    return float(done.stdout)
