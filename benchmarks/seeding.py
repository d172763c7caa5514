"""Fills a new workspace with invented people, what they did, and builds that they asked for.

``python -m benchmarks.seeding FILE --users 1000000 [--seed 7] [--until 2026-01-31]`` makes a
managed workspace; the same arguments give the same rows. ``--demo`` writes instead the people
of the demo workspace, ``resources/demo/people.json``, anew: maintenance, done once.

The schema is made by the application. The rows go in past it, without triggers and indexes,
which are then made as they were; ``tests/benchmarks`` holds the result against the rules.
"""

import argparse
import asyncio
import json
import random
import sqlite3
import sys
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import core  # noqa: F401  # puts the safe SQLite in place
from benchmarks.people import Person, as_json, people
from benchmarks.workload import scratch_home
from core.app import open_core
from core.database.engine import connect_bare
from core.database.fields.emails import email_key
from core.database.fields.money import Money, show_money
from core.database.fields.names import username_key
from core.settings import load_settings

DEMO = Path("resources/demo/people.json")
DEMO_PEOPLE = 40
USERS_PER_BUILD = 20
PROJECTS = 25
_AT_ONCE = 20_000
_FILLED = ("users", "user_tags", "user_activity", "projects", "builds", "build_numbers")


def make(file: Path, *, users: int, seed: int = 7, until: datetime | None = None) -> None:
    """Make a workspace with so many people.

    Args:
        file: A new file.
        until: The present of the people; the last midnight (UTC) unless given.
    """
    now = until or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with scratch_home():
        asyncio.run(_make_schema(file.absolute()))
    with closing(connect_bare(file, "rw")) as database:
        database.execute("PRAGMA synchronous=OFF")
        database.execute("PRAGMA cache_size=-400000")
        database.execute("PRAGMA foreign_keys=OFF")
        database.execute("BEGIN IMMEDIATE")
        with _without_indexes(database):
            asking = _load_people(database, people(users, seed=seed, until=now))
            _load_builds(database, asking, users // USERS_PER_BUILD, random.Random(seed), now)
        database.execute("INSERT INTO users_search (users_search) VALUES ('rebuild')")
        database.execute(
            "INSERT OR IGNORE INTO user_tags (tag, user_id) SELECT value, users.id"
            " FROM users, json_each(users.tags) ORDER BY 1, 2"
        )
        database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def _make_schema(file: Path) -> None:
    async with open_core(load_settings()) as opened:
        await opened.workspaces.create(file, open_here=True)


@contextmanager
def _without_indexes(database: sqlite3.Connection) -> Iterator[None]:
    """Take triggers and indexes off the tables that are filled, and put them back after."""
    marks = ",".join("?" * len(_FILLED))
    kept = database.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger')"
        f" AND sql IS NOT NULL AND tbl_name IN ({marks}) ORDER BY rowid",
        _FILLED,
    ).fetchall()
    for kind, name, _sql in kept:
        database.execute(f"DROP {kind} {name}")
    yield
    for _kind, _name, sql in kept:
        database.execute(sql)


_Asking = tuple[str, str, datetime, datetime]


def _load_people(database: sqlite3.Connection, found: Iterable[Person]) -> list[_Asking]:
    """Store people and what they did; return who may ask for builds, and in which time."""
    asking: list[_Asking] = []
    numbered = enumerate(found, 1)
    while batch := list(islice(numbered, _AT_ONCE)):
        _insert(database, "users", [_user(number, person) for number, person in batch])
        rows = [row for number, person in batch for row in _activity(number, person)]
        _insert(database, "user_activity", rows)
        asking += [
            (person.uid, person.username, person.created_at, person.seen[-1])
            for _number, person in batch
            if person.role != "viewer" and person.seen
        ]
    return asking


def _user(number: int, person: Person) -> dict[str, Any]:
    seen = _stored(person.seen[-1]) if person.seen else None
    return {
        "id": number,
        "uid": person.uid,
        "version": 1,
        "username": person.username,
        "username_key": username_key(person.username),
        "display_name": person.display_name,
        "email": person.email,
        "email_key": person.email and email_key(person.email),
        "phone": person.phone,
        "role": person.role,
        "active": person.active,
        "preferences": as_json(person.preferences),
        "balance_minor": person.balance_minor,
        "balance_currency": person.currency,
        "address": person.address and as_json(person.address),
        "tags": as_json(person.tags),
        "must_change_password": False,
        "recovery_codes": "[]",
        "last_sign_in_at": seen,
        "last_active_at": seen,
        "created_at": _stored(person.created_at),
        "updated_at": _stored(person.deleted_at or person.created_at),
        "deleted_at": person.deleted_at and _stored(person.deleted_at),
    }


def _activity(number: int, person: Person) -> Iterator[dict[str, Any]]:
    for at in person.seen:
        yield {"user_id": number, "kind": "signed_in", "at": _stored(at), "details": "{}"}


def _load_builds(
    database: sqlite3.Connection,
    asking: list[_Asking],
    count: int,
    chance: random.Random,
    until: datetime,
) -> None:
    """Store projects and builds; a few people ask for most of them."""
    if not asking:
        return
    _insert(database, "projects", [_project(number, until) for number in _project_numbers()])
    last = dict.fromkeys(_project_numbers(), 0)
    builds = []
    for _ in range(count):
        project = 1 + int(PROJECTS * chance.random() ** 2)
        last[project] += 1
        who = asking[int(len(asking) * chance.random() ** 3)]
        builds.append(_build(chance, project, last[project], who))
    _insert(database, "builds", builds)
    numbers = [{"project_id": project, "last": number} for project, number in last.items()]
    _insert(database, "build_numbers", numbers)


def _project_numbers() -> range:
    return range(1, PROJECTS + 1)


def _project(number: int, until: datetime) -> dict[str, Any]:
    made = _stored(until - timedelta(days=1_200 - number))
    return {
        "id": number,
        "uid": str(uuid.UUID(int=number, version=4)),
        "version": 1,
        "name": f"module {number}",
        "description": "",
        "type": "generic",
        "path": "/nowhere",
        "command": "true",
        "environment": "{}",
        "secrets": "{}",
        "grace_s": 10,
        "terminal": False,
        "active": True,
        "created_at": made,
        "updated_at": made,
    }


def _build(chance: random.Random, project: int, number: int, who: _Asking) -> dict[str, Any]:
    uid, name, first, last = who
    queued = first + (last - first) * chance.random()
    fate = chance.random()
    state = "success" if fate < 0.78 else "failed" if fate < 0.96 else "cancelled"
    duration = int(chance.lognormvariate(10.5, 1.2))
    ended = queued + timedelta(milliseconds=duration)
    return {
        "uid": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "version": 1,
        "project_id": project,
        "number": number,
        "state": state,
        "reason": "exit_code" if state == "failed" else None,
        "exit_code": {"success": 0, "failed": 2}.get(state),
        "message": "",
        "command": "true",
        "directory": "/nowhere",
        "environment": "{}",
        "secret_names": "[]",
        "grace_s": 10,
        "terminal": False,
        "requested_by": name,
        "requested_by_uid": uid,
        "build_metadata": "{}",
        "origin": "desktop",
        "queued_at": _stored(queued),
        "started_at": _stored(queued),
        "finished_at": _stored(ended),
        "duration_ms": duration,
        "created_at": _stored(queued),
        "updated_at": _stored(ended),
        **dict.fromkeys(_NOUGHTS, 0),
    }


_NOUGHTS = (
    *("log_lines", "log_bytes", "log_chunks", "log_open", "errors", "warnings"),
    *("dropped_first", "dropped_lines", "dropped_bytes"),
    *("spool_segment", "spool_offset", "spool_skip"),
)


def _stored(at: datetime) -> str:
    """Return a time as SQLAlchemy stores it."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def _insert(database: sqlite3.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    names = ", ".join(rows[0])
    marks = ", ".join("?" * len(rows[0]))
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"
    database.executemany(statement, (tuple(row.values()) for row in rows))


def write_demo(file: Path, *, seed: int = 7) -> None:
    """Write the people of the demo as ``core/workspaces/demo.py`` reads them."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    found = enumerate(people(DEMO_PEOPLE, seed=seed, until=now))
    entries = [_entry(person, operator=place % 8 == 0) for place, person in found]
    text = json.dumps(entries, ensure_ascii=False, indent=1)
    file.write_text(text + "\n", "utf-8")


def _entry(person: Person, *, operator: bool) -> dict[str, Any]:
    money = Money.from_minor(person.balance_minor, person.currency)
    entry = {
        "username": person.username,
        "display_name": person.display_name,
        "email": person.email,
        "phone": person.phone,
        "role": "operator" if operator else "viewer",
        "active": person.active,
        "balance": show_money(money),
        "address": person.address,
        "tags": person.tags,
        "preferences": person.preferences,
    }
    return {name: value for name, value in entry.items() if value not in (None, [], {})}


def main() -> int:
    """Read the arguments and make the file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.seeding")
    parser.add_argument("file", type=Path, nargs="?", help="the workspace to make")
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--until", type=datetime.fromisoformat, help="the present, a date")
    parser.add_argument("--demo", action="store_true", help=f"write {DEMO} instead")
    given = parser.parse_args()
    if given.demo:
        write_demo(DEMO, seed=given.seed)
        return 0
    if given.file is None:
        parser.error("name the file to make")
    until = given.until and given.until.replace(tzinfo=UTC)
    started = time.perf_counter()
    make(given.file, users=given.users, seed=given.seed, until=until)
    seconds = time.perf_counter() - started
    size = given.file.stat().st_size / 1e6
    print(f"{given.users} people in {seconds:.0f} s, {size:.0f} MB: {given.file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
