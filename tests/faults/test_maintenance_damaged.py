"""Files with flipped bits, and odd ones: checks answer in words and change nothing."""

import asyncio
import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.app import Core
from core.errors import AppError
from core.performance.advice.schemas import AdviceKind
from core.performance.child.client import run_child
from core.performance.maintenance.schemas import RunState, Task
from core.progress import Progress
from core.security.actors import Actor
from core.workspaces.workspace import Workspace
from tests.core.performance.advice.samples import make_music
from tests.core.performance.files import digest_of, make_plain

_CHECKS = (Task.QUICK_CHECK, Task.INTEGRITY_CHECK, Task.FOREIGN_KEY_CHECK)
_MOST_FLIPPED = 200
_HEADER_BYTES = 100

pytestmark = pytest.mark.expected_log("No figures of")


async def _checked(core: Core, actor: Actor, path: Path) -> list[str]:
    """Open and check a file, and return all that was said."""
    try:
        workspace = await core.workspaces.open(path)
    except AppError as error:
        return [_words_of(error)]
    try:
        said = [await _one_check(workspace, actor, task) for task in _CHECKS]
        # Whatever can be opened can be advised on.
        await workspace.performance.advice.find(actor, progress=Progress(lambda: None))
        return said
    finally:
        await core.workspaces.close(workspace)


async def _one_check(workspace: Workspace, actor: Actor, task: Task) -> str:
    service = workspace.performance.maintenance
    try:
        row = await service.run(actor, task=task, progress=Progress(lambda: None))
    except AppError as error:
        return _words_of(error)
    assert row.state is RunState.SUCCEEDED
    assert row.message
    return row.message


def _words_of(error: AppError) -> str:
    assert error.detail
    assert error.hint
    return error.as_text()


def _names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()} - {"home"}


def _flip(data: bytes, chance: random.Random) -> bytes:
    """Return it with some bits flipped: a few anywhere, a page of them, or the header's."""
    flipped = bytearray(data)
    kind = chance.randrange(4)
    if kind == 0:
        places = [chance.randrange(len(data)) for _one in range(chance.randint(1, 50))]
    elif kind == 1:
        first = chance.randrange(len(data) // 4096) * 4096
        places = [first + chance.randrange(4096) for _one in range(400)]
    elif kind == 2:
        places = [chance.randrange(_HEADER_BYTES) for _one in range(chance.randint(1, 4))]
    else:
        # Where the pages of trees say what they hold.
        pages = len(data) // 4096
        places = [chance.randrange(1, pages) * 4096 + chance.randrange(12) for _one in range(9)]
    for place in places:
        flipped[place] ^= 1 << chance.randrange(8)
    return bytes(flipped)


async def test_flipped_bits(core: Core, actor: Actor, tmp_path: Path, fault_count: int) -> None:
    """Seen failing when a database that is damaged ends the child: nothing was found."""
    chance = random.Random(20)
    good = make_plain(tmp_path / "good.db", rows=300, journal="delete")
    data = await asyncio.to_thread(good.read_bytes)
    found = 0
    for number in range(min(3 * fault_count, _MOST_FLIPPED)):
        path = tmp_path / f"{number}.db"
        path.write_bytes(_flip(data, chance))
        before = digest_of(path)
        said = await _checked(core, actor, path)
        found += any(text != "No problem was found." for text in said)
        assert digest_of(path) == before
        assert not path.with_name(f"{number}.db-journal").exists()
        path.unlink()
    assert found


async def test_of_a_damaged_file_is_told_what_can_be(
    core: Core, actor: Actor, tmp_path: Path
) -> None:
    """Seen failing where the first page that cannot be read ends all looking, or counting."""
    path = make_music(tmp_path / "music.db", tracks=12_000)
    with closing(sqlite3.connect(path)) as connection:
        pages = connection.execute("SELECT name, rootpage FROM sqlite_schema").fetchall()
    roots = {name: page for name, page in pages if page}
    before = await _kinds(core, actor, path)
    whole = await asyncio.to_thread(path.read_bytes)
    for names in (("PlaylistTrack", "Plays"), ("Album", "Genre"), tuple(roots)):
        torn = bytearray(whole)
        for name in names:
            start = (roots[name] - 1) * 4096
            torn[start : start + 4096] = bytes(4096)
        path.write_bytes(torn)
        first, *rest = await _kinds(core, actor, path)
        assert first is AdviceKind.DAMAGE
        assert set(rest) <= set(before)
        assert rest
        # The rows of other tables are counted all the same.
        assert (AdviceKind.ANALYZE in rest) == ("Track" not in names)
        assert await asyncio.to_thread(path.read_bytes) == torn


async def _kinds(core: Core, actor: Actor, path: Path) -> list[AdviceKind]:
    workspace = await core.workspaces.open(path)
    try:
        advice = await workspace.performance.advice.find(actor, progress=Progress(lambda: None))
        damaged = advice.found[0].kind is AdviceKind.DAMAGE
        for one in advice.found:
            assert not damaged or not one.applicable
            assert bool(one.why_not) == (not one.applicable)
        return [one.kind for one in advice.found]
    finally:
        await core.workspaces.close(workspace)


def _truncated(path: Path) -> None:
    make_plain(path, rows=300, journal="delete")
    os.truncate(path, path.stat().st_size // 2)


def _truncated_in_a_page(path: Path) -> None:
    make_plain(path, rows=300, journal="delete")
    os.truncate(path, path.stat().st_size // 2 + 1000)


def _of_zeros(path: Path) -> None:
    path.write_bytes(bytes(100_000))


def _header_alone(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + bytes(84))


def _text(path: Path) -> None:
    path.write_text("no database at all\n" * 500)


def _newer_format(path: Path) -> None:
    make_plain(path, rows=300, journal="delete")
    with path.open("rb+") as file:
        file.seek(18)
        file.write(b"\x09\x09")


def _hot_journal(path: Path) -> None:
    """Make one whose last writer died in a commit."""
    make_plain(path, rows=300, journal="delete")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size=1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE things SET data = randomblob(600)")
        journal = path.with_name(path.name + "-journal")
        torn, undo = path.read_bytes(), journal.read_bytes()
        connection.execute("ROLLBACK")
    path.write_bytes(torn)
    journal.write_bytes(undo)


def _empty(path: Path) -> None:
    path.touch()


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    "make",
    [
        _truncated, _truncated_in_a_page, _of_zeros, _header_alone, _text, _newer_format,
        _hot_journal, _empty, _folder, _pipe,
    ],
)  # fmt: skip
async def test_odd_files(
    core: Core, actor: Actor, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    """Seen failing when a pipe is opened as a file: the child waited for ever."""
    path = tmp_path / "odd.db"
    make(path)
    before = digest_of(path) if path.is_file() else ""
    names = _names(tmp_path)
    said = await _checked(core, actor, path)
    assert all(said)
    # The file may have been put there after it was opened: the child looks for itself.
    for operation in ("quick_check", "analyze"):
        try:
            await run_child(operation, path=path, mode="ro", busy_wait_s=0.1)
        except AppError as error:
            _words_of(error)
        if operation == "quick_check" and path.is_file():
            assert digest_of(path) == before
            assert _names(tmp_path) == names
