"""The least that storing people can cost, in a database that has the tables and triggers.

``bulk FILE COUNT`` inserts so many people by one ``executemany`` of the driver; ``async FILE
COUNT`` and ``sync FILE COUNT`` insert them one by one, each with its entry in the audit trail
and its topic counted up in a transaction of its own, and tell one listener: by SQLAlchemy's
AsyncSession, or by a plain Session. No validation, no permissions, no waiting for locks.
Prints the seconds, without start and imports.
"""

import asyncio
import hashlib
import json
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pysqlite3

sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2

from sqlalchemy import Engine, create_engine, event, text  # noqa: E402
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-16000",
    "trusted_schema=OFF",
)
USER = (
    "INSERT INTO users (uid, version, username, username_key, display_name, email, email_key,"
    " phone, role, active, preferences, balance_minor, balance_currency, address, tags,"
    " must_change_password, recovery_codes, created_at, updated_at)"
    " VALUES (:uid, 1, :username, :username, :name, :email, :email, :phone, 'viewer', 1,"
    " '{}', 1250, 'EUR', :address, :tags, 0, '[]', :now, :now)"
)
ENTRY = (
    "INSERT INTO audit_entries (id, at, actor_uid, actor, role, origin, session, operation,"
    " subject_kind, subject_uid, subject, changes, digest) VALUES (:id, :at, '', 'bench',"
    " 'administrator', 'script', '', 'users.create', 'user', :uid, :username, :changes,"
    " :digest)"
)
HEAD = "SELECT id, digest FROM audit_entries ORDER BY id DESC LIMIT 1"
TOPICS = (
    "INSERT INTO changes (topic, version) VALUES ('users', 1), ('audit', 1) ON CONFLICT (topic)"
    " DO UPDATE SET version = version + 1"
)


def person(mark: str, number: int) -> dict[str, object]:
    """Return the columns of a person."""
    name = f"{mark}.person{number}"
    return {
        "uid": str(uuid.uuid4()),
        "username": name,
        "name": f"Person {mark} {number}",
        "email": f"{name}@example.org",
        "phone": f"+1212555{100 + number % 100:04d}",
        "address": json.dumps({"city": "Rome", "country": "IT", "street": f"Via {number}"}),
        "tags": '["backend","on call"]',
        "now": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"),
    }


def entry(row: dict[str, object], head: tuple[int, str]) -> dict[str, object]:
    """Return the entry about a new person."""
    last, digest = head
    changes = json.dumps({"username": row["username"], "display_name": row["name"]})
    content = json.dumps([digest, last + 1, row["now"], row["uid"], row["username"], changes])
    return {
        "id": last + 1,
        "at": row["now"],
        "uid": row["uid"],
        "username": row["username"],
        "changes": changes,
        "digest": hashlib.sha256(content.encode()).hexdigest(),
    }


def bulk(file: str, count: int) -> float:
    """Insert all at once."""
    database = pysqlite3.connect(file, isolation_level=None)
    for pragma in PRAGMAS:
        database.execute(f"PRAGMA {pragma}")
    rows = [person(str(time.time_ns()), number) for number in range(count)]
    started = time.perf_counter()
    database.execute("BEGIN IMMEDIATE")
    database.executemany(USER, rows)
    database.execute("COMMIT")
    elapsed = time.perf_counter() - started
    database.close()
    return elapsed


async def one_by_one_async(file: str, count: int) -> float:
    """Insert by AsyncSession, a transaction each."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}", pool_size=1, max_overflow=0)
    _set_up(engine.sync_engine)
    rows = [person(str(time.time_ns()), number) for number in range(count)]
    heard: list[object] = []
    listeners: list[Callable[[object], object]] = [heard.append]
    started = time.perf_counter()
    for row in rows:
        async with AsyncSession(engine) as session:
            await session.execute(text(USER), row)
            head = (await session.execute(text(HEAD))).first() or (0, "")
            await session.execute(text(ENTRY), entry(row, tuple(head)))
            await session.execute(text(TOPICS))
            await session.commit()
        for listener in listeners:
            listener(("changed", "users", "audit"))
    elapsed = time.perf_counter() - started
    await engine.dispose()
    return elapsed


def one_by_one_sync(file: str, count: int) -> float:
    """Insert by Session, a transaction each."""
    engine = create_engine(f"sqlite:///{file}")
    _set_up(engine)
    rows = [person(str(time.time_ns()), number) for number in range(count)]
    heard: list[object] = []
    started = time.perf_counter()
    for row in rows:
        with Session(engine) as session:
            session.execute(text(USER), row)
            head = session.execute(text(HEAD)).first() or (0, "")
            session.execute(text(ENTRY), entry(row, tuple(head)))
            session.execute(text(TOPICS))
            session.commit()
        heard.append(("changed", "users", "audit"))
    elapsed = time.perf_counter() - started
    engine.dispose()
    return elapsed


def _set_up(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection, _record):  # type: ignore[no-untyped-def]
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection):  # type: ignore[no-untyped-def]
        connection.exec_driver_sql("BEGIN IMMEDIATE")


if __name__ == "__main__":
    how, file_, count_ = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if how == "bulk":
        print(bulk(file_, count_))
    elif how == "async":
        print(asyncio.run(one_by_one_async(file_, count_)))
    else:
        print(one_by_one_sync(file_, count_))
