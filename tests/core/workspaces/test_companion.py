"""What is learnt of a database that is not ours, and where that is kept."""

import asyncio
import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from core.events import Event, NoticeRaised
from core.progress import Progress
from core.settings import Durability
from core.workspaces.companion import Companion
from core.workspaces.companions import place_for, write_identity
from core.workspaces.identity import Identity, Kinship
from tests.core.running import Bench


def _plain(path: Path, *tables: str) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        for table in tables or ("t",):
            connection.execute(f"CREATE TABLE {table} (x)")
        connection.commit()
    return path


def _identity(path: Path, *tables: str) -> Identity:
    return Identity.of(path, application_id=0, uid="", tables=tables or ("t",))


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def _tables(companion: Companion) -> int:
    database = await companion.database()
    async with database.read() as session:
        return int(await session.scalar(text("SELECT count(*) FROM maintenance_runs")) or 0)


async def test_a_plain_file_stays_as_it_is(bench: Bench, tmp_path: Path) -> None:
    """Failed by keeping the records in the file itself."""
    path = _plain(tmp_path / "other.db")
    before = hashlib.sha256(path.read_bytes()).digest()
    workspace = await bench.core.workspaces.open(path)
    target = workspace.performance.target
    records = await target.records()
    assert records.path != path
    assert records.path.is_relative_to(bench.core.settings.folders.companions)
    assert await target.records() is records
    assert target.folders.root != workspace.folders.root
    await bench.core.workspaces.close(workspace)
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert [name for name in _names(tmp_path) if name.startswith("other.")] == ["other.db"]


@pytest.mark.expected_log("is gone")
async def test_a_companion_that_was_deleted_is_made_anew(bench: Bench, tmp_path: Path) -> None:
    """Told for good that a file is gone, of which nobody had heard."""
    workspace = await bench.core.workspaces.open(_plain(tmp_path / "other.db"))
    target = workspace.performance.target
    shutil.rmtree((await target.records()).path.parent)
    async with (await target.records()).read() as session:
        assert await session.scalar(text("SELECT count(*) FROM maintenance_runs")) == 0
    await bench.core.workspaces.close(workspace)


async def test_a_workspace_keeps_its_own_records(bench: Bench) -> None:
    target = bench.workspace.performance.target
    assert await target.records() is bench.workspace.database
    assert not bench.core.settings.folders.companions.exists()


async def test_two_windows_make_one_companion(bench: Bench, tmp_path: Path) -> None:
    """Failed with FileExistsError, and by two upgrades at once in one process."""
    subject = _identity(_plain(tmp_path / "other.db"))
    place = place_for(tmp_path / "known", subject).path
    both = [Companion(place, subject, Durability.FULL, bench.core.events) for _ in range(2)]
    await asyncio.gather(*(companion.database() for companion in both))
    assert [await _tables(companion) for companion in both] == [0, 0]
    assert len(list((tmp_path / "known").glob("*.db"))) == 1
    for companion in both:
        await companion.close()


class _Known:
    """What is kept of plain files, as one window after the other opens them."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._notices: list[str] = []
        bench.core.events.subscribe(self._note)

    async def seen(self, path: Path) -> tuple[list[str], list[str]]:
        """Open a file; return its backups, and what a person was told; make a backup."""
        self._notices.clear()
        workspace = await self._bench.core.workspaces.open(path)
        backups = workspace.performance.backups
        found = [one.database for one in await backups.list_of(self._bench.actor)]
        await backups.make(self._bench.actor, progress=Progress(lambda: None))
        await self._bench.core.workspaces.close(workspace)
        return found, list(self._notices)

    def _note(self, event: Event) -> None:
        if isinstance(event, NoticeRaised):
            self._notices.append(event.title)


async def test_the_companion_follows_its_file_and_no_other_gets_it(
    bench: Bench, tmp_path: Path
) -> None:
    """Failed by the path alone: b.db had no backups, and the new a.db those of the old."""
    known = _Known(bench)
    first, second = _plain(tmp_path / "a.db", "t"), tmp_path / "b.db"
    assert await known.seen(first) == ([], [])
    with closing(sqlite3.connect(first)) as connection:
        connection.executescript("CREATE TABLE more (x); INSERT INTO t VALUES (1); VACUUM")
    first.rename(second)
    assert await known.seen(second) == (["a.db"], ["“b.db” was moved or renamed."])
    # Another one in the place of the first, of which nobody knows.
    _plain(first, "u")
    assert await known.seen(first) == ([], [])
    # Both change their places.
    swap = tmp_path / "c.db"
    first.rename(swap), second.rename(first), swap.rename(second)
    assert await known.seen(first) == (["b.db", "a.db"], ["“a.db” was moved or renamed."])
    assert await known.seen(second) == (["a.db"], ["“b.db” was moved or renamed."])


async def test_a_backup_from_before_a_new_name_can_be_restored(
    bench: Bench, tmp_path: Path
) -> None:
    """Refused as a backup of another database, by its name."""
    path = _plain(tmp_path / "a.db")
    await _Known(bench).seen(path)
    workspace = await bench.core.workspaces.open(path.rename(tmp_path / "b.db"))
    (backup,) = await workspace.performance.backups.list_of(bench.actor)
    row = await workspace.performance.backups.restore(
        bench.actor, path=backup.path, progress=Progress(lambda: None)
    )
    assert row.message.startswith("Restored from")


async def test_another_file_in_the_same_place_gets_a_companion_of_its_own(
    bench: Bench, tmp_path: Path
) -> None:
    """Each had the backups of the other."""
    known = _Known(bench)
    path, aside = _plain(tmp_path / "a.db"), tmp_path / "aside.db"
    await known.seen(path)
    path.rename(aside)
    _plain(path, "something", "different")
    assert await known.seen(path) == ([], ["“a.db” is another database than before."])
    # Written over: the same file by all that the system tells.
    shutil.copyfile(aside, path)
    assert (await known.seen(path))[0] == ["a.db"]
    # One that has the same tables may be a copy that was put back.
    path.unlink()
    shutil.copyfile(aside, path)
    told = "“a.db” was replaced since it was open here last."
    assert await known.seen(path) == (["a.db", "a.db"], [told])


def test_who_a_file_is(tmp_path: Path) -> None:
    """In doubt it is another one, except in the same place.

    Failed by the number of the file alone, by asking whether anything has the old name, and
    by taking any table in common for a likeness.
    """
    path = _plain(tmp_path / "a.db")
    known = _identity(path)
    here = replace(known, place=known.place + "2")
    assert known.kinship(here) is Kinship.OTHER  # it is a second name
    path.rename(tmp_path / "moved")
    assert known.kinship(here) is Kinship.SAME
    (tmp_path / "a.db").symlink_to("moved")
    assert known.kinship(here) is Kinship.SAME
    assert known.kinship(replace(here, born_ns=known.born_ns + 1)) is Kinship.OTHER
    assert known.kinship(replace(here, mount="/elsewhere")) is Kinship.OTHER
    assert known.kinship(replace(here, tables=("u",))) is Kinship.OTHER
    unborn = replace(known, born_ns=0)
    assert unborn.kinship(replace(here, born_ns=0)) is Kinship.OTHER
    assert unborn.kinship(unborn) is Kinship.SAME
    assert unborn.kinship(replace(unborn, number=1)) is Kinship.REPLACED
    assert known.kinship(replace(known, number=1)) is Kinship.SAME  # as FAT has it
    newer = replace(known, born_ns=known.born_ns + 1, tables=("t", "u", "v"))
    assert known.kinship(newer) is Kinship.REPLACED
    assert newer.kinship(replace(known, tables=("t", "y", "z"))) is Kinship.OTHER
    ours = replace(known, uid="1")
    assert ours.kinship(replace(ours, uid="2")) is Kinship.OTHER
    assert Identity.from_json(known.as_json()) == known


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"tables": 1}', "[" * 100_000])
def test_an_identity_that_makes_no_sense_is_none(tmp_path: Path, text: str) -> None:
    """A companion of an earlier version, or with a damaged note, is that of its path."""
    with pytest.raises(ValueError):  # noqa: PT011  # whatever it says
        Identity.from_json(text)
    subject = _identity(_plain(tmp_path / os.fsdecode(b"odd \xff.db")))
    folder = tmp_path / "known"
    place = place_for(folder, subject).path
    folder.mkdir()
    place.touch()
    place.with_suffix(".json").write_text(text)
    assert place_for(folder, subject).path == place
    write_identity(place, subject)
    assert place_for(folder, subject).path == place


@pytest.mark.parametrize("newest", ["a.db", "b.db"])
def test_of_two_that_are_alike_the_last_is_taken(tmp_path: Path, newest: str) -> None:
    subject = _identity(_plain(tmp_path / "x.db"))
    known = tmp_path / "known"
    for name in ("a.db", "b.db"):
        write_identity(known / name, replace(subject, born_ns=1))
        (known / name).touch()
        os.utime(known / f"{name[0]}.json", (0, int(name == newest)))
    assert place_for(known, subject).path.name == newest
