"""``backup`` and ``check``: as processes of their own, and what they print and return."""

import asyncio
import io
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core.app import Core, open_core
from core.processes import run_role
from core.security.actors import Actor, Origin
from core.settings import load_settings
from core.sign_in.schemas import FirstAdministrator
from core.workspaces.workspace import Workspace
from tests.core.performance.files import make_plain

ROOT = Path(__file__).parents[3]
PASSWORD = "kumquat fjord zebra"


async def played(*argv: object) -> tuple[int, str, str]:
    """Play a role; return its exit code, what it printed, and what it said beside that."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "desktop", *map(str, argv), cwd=ROOT, env=dict(os.environ),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(120):
        printed, said = await process.communicate()
    return process.returncode or 0, printed.decode(), said.decode()


def damaged(path: Path) -> Path:
    """Make a database whose index does not know a row of its table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE t (x); CREATE INDEX i ON t (x); INSERT INTO t VALUES (1), (2);"
            "PRAGMA writable_schema=ON; DELETE FROM sqlite_schema WHERE name = 'i';"
        )
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "INSERT INTO t VALUES (3); PRAGMA writable_schema=ON; INSERT INTO sqlite_schema"
            " VALUES ('index', 'i', 't', 3, 'CREATE INDEX i ON t (x)');"
        )
    return path


def with_broken_keys(path: Path, rows: int) -> Path:
    """Make a database in which so many rows refer to none."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a);"
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT"
            f" {rows}) INSERT INTO b SELECT i FROM n;"
        )
    return path


async def test_beside_a_window(core: Core, workspace: Workspace, actor: Actor) -> None:
    """Neither is it this process's turn to lead then, nor is that remembered as opened.

    Seen failing with an opening that led: waiting builds began, and ended with the script.
    """
    path = workspace.info.path
    (code, printed, said), (checked, found, told) = await asyncio.gather(
        played("backup"), played("check", path)
    )
    assert (code, checked, found) == (0, 0, ""), (said, told)
    assert str(path) in said
    (backup,) = await workspace.performance.backups.list_of(actor)
    assert printed == f"{backup.path}\n"
    assert backup.verified_at is not None
    await core.workspaces.close(workspace)
    recent = await core.workspaces.recent()
    status = await (await core.workspaces.open(path, duties=False)).status()
    assert (status.leading, status.leader) == (False, "")
    assert await core.workspaces.recent() == recent


def test_what_is_wrong_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is no workspace needs nobody who signs in; a backup is not even opened.

    Keys that refer to nothing were seen passed over: the file was whole, and that was all.
    """
    # Seen failing: one was named that was opened last, though none ever was.
    assert run_role(["backup"]) == 1
    said = capsys.readouterr().err
    assert "No workspace was opened yet" in said
    assert "opened last" not in said
    good, copy = make_plain(tmp_path / "good.sqlite", rows=30), tmp_path / "copy.sqlite"
    empty, broken = tmp_path / "empty.db", damaged(tmp_path / "broken.db")
    empty.touch()
    loose = with_broken_keys(tmp_path / "loose.db", 1_234)
    good.with_name("good.sqlite.json").write_text("of another program")
    cases: tuple[tuple[tuple[object, ...], int, str, str], ...] = (
        (("backup", good, "--to", copy, "--quiet"), 0, f"{copy}\n", ""),
        (("check", copy), 0, "", "is good"),
        (("backup", good, "--to", empty), 1, "", "another name"),
        (("backup", tmp_path / "no.db"), 1, "", "There is no file"),
        (("check", good), 0, "", "Foreign keys: No problem was found."),
        (("check", loose), 1, "Row 7 of “b”", "Foreign keys: 1,234 problems were found."),
        (("check", empty), 1, "", "The file is empty."),
        (("check", broken), 1, "missing from index i", "2 problems"),
    )
    for argv, expected, text, told in cases:
        assert run_role(list(map(str, argv))) == expected
        printed, said = capsys.readouterr()
        assert (text in printed, bool(printed)) == (True, bool(text)), (argv, said)
        assert told in said
    data = copy.read_bytes()
    copy.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert run_role(["check", str(copy)]) == 1
    assert "SHA-256" in capsys.readouterr().out
    with pytest.raises(SystemExit) as caught:
        run_role(["check", "a", "b"])
    assert caught.value.code == 2


def test_who_is_asked_signs_in(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "closed.db"
    asyncio.run(_closed(path))
    for role, password, expected, text in (
        ("check", PASSWORD, 0, "is whole"),
        ("backup", "wrong", 1, "not right"),
    ):
        monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))
        assert run_role([role, str(path), "--user=ada", "--password-stdin"]) == expected
        printed, said = capsys.readouterr()
        assert printed == ""
        assert text in said
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT task, actor FROM maintenance_runs").fetchall()
    assert rows == [("integrity_check", "Ada"), ("foreign_key_check", "Ada")]


async def _closed(path: Path) -> None:
    async with open_core(load_settings()) as core:
        workspace = await core.workspaces.create(path)
        await workspace.sign_in.create_first_administrator(
            FirstAdministrator("Ada", "Ada", PASSWORD), origin=Origin.DESKTOP, device="desk"
        )
