"""What the maintenance child does to files, each operation in a child of its own."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.performance.child.client import run_child
from core.performance.maintenance.schemas import Task
from core.performance.maintenance.words import outcome
from core.progress import Progress
from tests.core.performance.files import content, digest_of, make_plain


def _pragma(path: Path, name: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]


def _names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


@pytest.mark.parametrize("journal", ["wal", "delete"])
async def test_vacuum_packs_the_file_and_keeps_the_rest(tmp_path: Path, journal: str) -> None:
    path = make_plain(tmp_path / "a #?%.db", journal=journal)
    before, size = content(path), path.stat().st_size
    told: list[str] = []
    progress = Progress(lambda: told.append(progress.text))
    answer = await run_child("vacuum", path=path, progress=progress)
    assert answer == {"log_emptied": True}
    assert content(path) == before
    assert path.stat().st_size < size
    assert _pragma(path, "freelist_count") == 0
    assert _pragma(path, "journal_mode") == journal
    assert not progress.cancellable
    assert "Copying back: too late to cancel, finishing" in told


async def test_vacuum_says_that_readers_keep_the_log(tmp_path: Path) -> None:
    path = make_plain(tmp_path / "a.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM things").fetchone()
        answer = await run_child("vacuum", path=path)
    assert answer == {"log_emptied": False}


async def test_incremental_vacuum_gives_free_pages_back(tmp_path: Path) -> None:
    path = make_plain(tmp_path / "a.db", auto_vacuum="incremental")
    before, size = content(path), path.stat().st_size
    await run_child("incremental_vacuum", path=path)
    assert content(path) == before
    assert path.stat().st_size < size
    assert _pragma(path, "freelist_count") == 0


async def test_statistics_and_indexes(tmp_path: Path) -> None:
    path = make_plain(tmp_path / "a.db")
    before = content(path)
    optimized = await run_child("optimize", path=path)
    assert optimized["done"] == len(optimized["statements"]) > 0
    # Shadow tables of the full text count as tables; the virtual one itself does not.
    assert (await run_child("analyze", path=path))["done"] >= 3
    with closing(sqlite3.connect(path)) as connection:
        known = {name for (name,) in connection.execute("SELECT idx FROM sqlite_stat1")}
        assert {"things_by_owner", "things_by_length", "pairs"} <= known
        connection.execute("DROP TABLE sqlite_stat1")
        connection.execute("DROP TABLE IF EXISTS sqlite_stat4")
        connection.commit()
    assert (await run_child("reindex", path=path))["done"] >= 3
    assert content(path) == before


async def test_checkpoints(tmp_path: Path) -> None:
    path = make_plain(tmp_path / "a.db")
    log = path.with_name("a.db-wal")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO owners (name) VALUES ('new')")
        assert log.stat().st_size > 0
        for how in ("passive", "full", "restart"):
            answer = await run_child("checkpoint", path=path, checkpoint=how)
            assert (answer["busy"], answer["log"] > 0) == (False, True), how
            assert answer["moved"] == answer["log"]
        answer = await run_child("checkpoint", path=path, checkpoint="truncate")
        assert log.stat().st_size == 0
    plain = make_plain(tmp_path / "b.db", journal="delete")
    answer = await run_child("checkpoint", path=plain, checkpoint="full")
    assert answer == {"busy": False, "log": -1, "moved": -1}


@pytest.mark.parametrize("operation", ["quick_check", "integrity_check", "foreign_key_check"])
async def test_checks_leave_the_file_as_it_is(tmp_path: Path, operation: str) -> None:
    path = make_plain(tmp_path / "a.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM words")
        connection.execute("INSERT INTO words VALUES ('x')")
        connection.commit()
    before = digest_of(path)
    answer = await run_child(operation, path=path, mode="rw")
    assert not answer.get("findings", answer.get("violations"))
    assert digest_of(path) == before
    assert _names(tmp_path) == ["a.db"]


async def test_rows_that_refer_to_nothing_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE p (id INTEGER PRIMARY KEY, x TEXT);"
            "CREATE TABLE c (id INTEGER PRIMARY KEY, a INTEGER REFERENCES p (id),"
            " b INTEGER REFERENCES p (id));"
            "CREATE TABLE w (k TEXT PRIMARY KEY REFERENCES p (id)) WITHOUT ROWID;"
            'CREATE TABLE "odd ""one" (x TEXT REFERENCES p (x));'
            "INSERT INTO p VALUES (1, 'x'); INSERT INTO c VALUES (5, 1, 9);"
            "INSERT INTO w VALUES (77);"
            "WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i+1 FROM n WHERE i<1009)"
            " INSERT INTO c SELECT i, i, NULL FROM n;"
        )
    answer = await run_child("foreign_key_check", path=path)
    assert answer["count"] == 1002
    assert len(answer["violations"]) == 500
    assert {"table": "c", "rowid": 5, "parent": "p", "columns": ["b"]} in answer["violations"]
    (problem,) = answer["problems"]
    assert problem["table"] == 'odd "one'
    assert "mismatch" in problem["message"]


async def test_damage_is_found(tmp_path: Path) -> None:
    """Seen failing with the words of SQLite alone, which name a tree by its number."""
    path = make_plain(tmp_path / "a.db", journal="delete")
    data = bytearray(await asyncio.to_thread(path.read_bytes))
    for at in range(len(data) // 2, len(data) // 2 + 3 * 4096):
        data[at] ^= 0xFF
    path.write_bytes(bytes(data))
    for operation in ("quick_check", "integrity_check"):
        answer = await run_child(operation, path=path)
        assert "things" in {one["table"] for one in answer["findings"]}
        found, words = outcome(Task(operation), answer)
        assert any(text.startswith("Table “things”: Tree ") for text in found)
        assert len(found) == len(answer["findings"]) > 1
        assert "Concerned: “things”" in words
