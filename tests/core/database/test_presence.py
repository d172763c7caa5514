"""A file that is moved, deleted or replaced while it is open: SQLite alone goes on with it."""

import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from core.database.database import Database
from core.database.presence import Presence
from core.errors import FileGoneError
from core.events import EventBus
from core.settings import Durability


def _replace(path: Path) -> None:
    copy = path.with_name("copy.db")
    shutil.copyfile(path, copy)
    copy.replace(path)


_WAYS: dict[str, Callable[[Path], object]] = {
    "moved": lambda path: path.rename(path.with_name("elsewhere.db")),
    "deleted": Path.unlink,
    "with its folder": lambda path: path.parent.rename(path.parent.with_name("other")),
    "replaced": _replace,
}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Return one that is open, with a table, in a folder of its own."""
    path = tmp_path / "disk" / "w.db"
    path.parent.mkdir()
    path.touch()
    database = Database.managed(path, Durability.FULL, EventBus())
    async with database.unit_of_work() as unit:
        await unit.session.execute(text("CREATE TABLE t (n)"))
        await unit.commit()
    yield database
    await database.close()


async def _add(database: Database) -> None:
    async with database.unit_of_work() as unit:
        await unit.session.execute(text("INSERT INTO t VALUES (1)"))
        await unit.commit()


async def _count(database: Database) -> int:
    async with database.read() as session:
        return int(await session.scalar(text("SELECT count(*) FROM t")) or 0)


@pytest.mark.parametrize("way", _WAYS)
async def test_nothing_is_saved_into_a_file_that_is_gone(database: Database, way: str) -> None:
    """Without the check a row was there, and lost once the database was closed."""
    await _add(database)
    _WAYS[way](database.path)
    for call in (_add(database), _count(database)):
        with pytest.raises(FileGoneError) as caught:
            await call
        assert caught.value.hint
        assert str(database.path) in caught.value.as_text()


async def test_a_file_that_is_put_back_is_as_it_was(database: Database) -> None:
    await _add(database)
    path = database.path
    path.rename(path.with_name("elsewhere.db"))
    with pytest.raises(FileGoneError):
        await _add(database)
    path.with_name("elsewhere.db").rename(path)
    await _add(database)
    assert await _count(database) == 2


def test_a_disk_that_numbers_its_files_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT does; when a file was made tells then. What cannot be asked counts as there."""
    path = tmp_path / "x"
    path.touch()
    presence = Presence(path)
    presence.check()
    copy = tmp_path / "y"
    copy.touch()
    copy.replace(path)
    for born in (presence._born + 1, 0):  # later, and where nobody knows
        monkeypatch.setattr("core.database.presence.born_ns", lambda _path, born=born: born)
        with pytest.raises(FileGoneError, match="replaced"):
            presence.check()
    monkeypatch.setattr("core.database.presence.born_ns", lambda _path: presence._born)
    presence.check()
    monkeypatch.setattr(os, "stat", _refusing)
    presence.check()


def _refusing(*_args: object, **_kwargs: object) -> os.stat_result:
    raise PermissionError(13, "no")
