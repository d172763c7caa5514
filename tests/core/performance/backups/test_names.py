"""The names that backups are given, and those that they must not have."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.app import Core
from core.errors import ConflictError
from core.performance.backups.folder import free_name
from core.progress import Progress
from core.security.actors import Actor
from tests.core.performance.files import content, make_plain

_STEMS = (".hidden", "two\nlines", "\x1b[2J", "漢" * 80, "😀" * 60, "a" * 200, "..", "ü" * 120)


def quietly() -> Progress:
    return Progress(lambda: None)


@pytest.mark.parametrize(
    "stem", [".hidden", "two\nlines", "漢" * 80], ids=["hidden", "lines", "long"]
)
async def test_a_backup_is_listed_however_its_database_is_called(
    core: Core, actor: Actor, tmp_path: Path, stem: str
) -> None:
    """Seen failing with the stem as it is: not listed, no good, or not made at all."""
    path = tmp_path / f"{stem}.DB3"
    make_plain(path)
    workspace = await core.workspaces.open(path)
    backups = workspace.performance.backups
    made = await backups.make(actor, progress=quietly())
    tried = await backups.verify(actor, name=made.name, progress=quietly())
    assert tried.problem == ""
    assert tried.path.suffix == ".DB3"
    assert await backups.list_of(actor) == (tried,)
    before = content(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE later (x)")
        connection.commit()
    await backups.restore(actor, path=made.path, progress=quietly())
    assert content(path) == before


@pytest.mark.parametrize("stem", _STEMS, ids=range(len(_STEMS)))
def test_a_name_is_printable_visible_and_short(tmp_path: Path, stem: str) -> None:
    name = free_name(tmp_path, f"{stem}.sqlite", "0123456789ab").name
    assert name.endswith(".sqlite")
    assert name.isprintable()
    assert not name.startswith(".")
    assert len(f".{name}.json.01234567.partial-journal".encode()) <= 255


@pytest.mark.parametrize("ending", ["-journal", "-wal", "-shm"])
async def test_a_backup_is_no_part_of_a_database(
    core: Core, actor: Actor, tmp_path: Path, ending: str
) -> None:
    """Seen failing without the refusal: SQLite removed a backup called x.db-journal."""
    path = tmp_path / "x.db"
    make_plain(path, journal="delete")
    workspace = await core.workspaces.open(path)
    wanted = tmp_path / f"x.db{ending}"
    with pytest.raises(ConflictError, match="cannot be called"):
        await workspace.performance.backups.make(actor, target=wanted, progress=quietly())
    assert not wanted.exists()
