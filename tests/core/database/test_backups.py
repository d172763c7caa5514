"""Backups: complete or not there at all, for nobody else to read, never over another one."""

import asyncio
import errno
import fcntl
import hashlib
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import aiosqlite
import pytest

from core.database import backups
from core.database.backups import back_up
from core.errors import DatabaseError
from core.progress import Progress


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Return a file with a few rows in write-ahead mode, as ours are."""
    path = tmp_path / "some.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (n INTEGER, filling TEXT)")
        connection.executemany(
            "INSERT INTO t VALUES (?, ?)", [(n, "x" * 50) for n in range(99)]
        )
        connection.commit()
    path.chmod(0o600)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where backups are made."""
    made = tmp_path / "backups"
    made.mkdir()
    return made


async def make(database: Path, target: Path) -> None:
    await back_up(database, target, progress=Progress(lambda: None))


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


async def test_a_backup_is_for_its_owner_alone(database: Path, folder: Path) -> None:
    """Seen failing with a file that SQLite made: others could read it."""
    before = os.umask(0o022)
    try:
        await make(database, folder / "copy.db")
    finally:
        os.umask(before)
    assert names(folder) == ["copy.db", "copy.db.json"]
    modes = {name: (folder / name).stat().st_mode & 0o777 for name in names(folder)}
    assert modes == {"copy.db": 0o600, "copy.db.json": 0o600}


async def test_a_backup_never_replaces_another(database: Path, folder: Path) -> None:
    """Seen failing with a rename over what was there."""
    target = folder / "copy.db"
    await make(database, target)
    first, manifest = target.read_bytes(), (folder / "copy.db.json").read_bytes()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("DELETE FROM t")
        connection.commit()
    with pytest.raises(DatabaseError, match="already"):
        await make(database, target)
    assert target.read_bytes() == first
    assert (folder / "copy.db.json").read_bytes() == manifest
    assert json.loads(manifest)["sha256"] == hashlib.sha256(first).hexdigest()
    assert names(folder) == ["copy.db", "copy.db.json"]


async def test_a_backup_that_gets_no_name_leaves_no_manifest(
    database: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing: a manifest told of a copy that there was not."""
    monkeypatch.setattr(backups, "name_for_good", _fail)
    with pytest.raises(OSError, match="no name"):
        await make(database, folder / "copy.db")
    assert names(folder) == []


async def test_what_is_hashed_is_on_the_disk(
    database: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing with a descriptor for reading only, which Windows refuses to flush."""
    flushed: list[int] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
            flushed.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    await make(database, folder / "copy.db")
    assert (folder / "copy.db").stat().st_ino in flushed


async def test_an_interrupt_that_comes_too_early_is_repeated(
    database: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing with a single interrupt, which does nothing before the statement runs."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE t SET filling = hex(zeroblob(400000))")
        connection.commit()
    calls = 0
    interrupt = aiosqlite.Connection.interrupt

    async def deaf_at_first(connection: aiosqlite.Connection) -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            await interrupt(connection)

    monkeypatch.setattr(aiosqlite.Connection, "interrupt", deaf_at_first)
    monkeypatch.setattr(backups, "_LOOK_EVERY_S", 0.001)

    def stop() -> None:
        making.cancel()

    making = asyncio.create_task(back_up(database, folder / "copy.db", progress=Progress(stop)))
    with pytest.raises(asyncio.CancelledError):
        await making
    assert calls > 1
    assert names(folder) == []


async def test_a_file_system_without_links_has_backups_too(
    database: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing with links alone, which FAT has not."""

    def refused(*_names: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refused)
    await make(database, folder / "copy.db")
    with pytest.raises(DatabaseError, match="already"):
        await make(database, folder / "copy.db")
    assert names(folder) == ["copy.db", "copy.db.json"]


def _fail(*_names: object) -> None:
    raise OSError("no name")
