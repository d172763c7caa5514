"""``backup`` and ``check`` as processes of their own."""

import asyncio
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core.app import Core
from core.performance.terminal import words
from core.security.actors import Actor, Origin
from core.sign_in.schemas import FirstAdministrator
from core.workspaces.workspace import Workspace

ROOT = Path(__file__).parents[3]
PASSWORD = "kumquat fjord zebra"


async def played(*argv: object, answers: bytes = b"") -> tuple[int, str, str]:
    """Play a role; return its exit code, what it printed, and what it said beside that."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "desktop", *map(str, argv), cwd=ROOT, env=dict(os.environ),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(120):
        printed, said = await process.communicate(answers)
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


async def test_beside_a_window(
    core: Core, workspace: Workspace, actor: Actor, tmp_path: Path
) -> None:
    """Neither changes whose turn it is, nor what was opened last."""
    path, elsewhere = workspace.info.path, tmp_path / "elsewhere.db"
    (code, printed, said), (checked, found, told) = await asyncio.gather(
        played("backup"), played("check", path)
    )
    assert (code, checked, found) == (0, 0, ""), (said, told)
    assert str(path) in said
    (backup,) = await workspace.performance.backups.list_of(actor)
    assert printed == f"{backup.path}\n"
    assert backup.verified_at is not None
    assert await played("backup", path, "--to", elsewhere, "--quiet") == (
        0,
        f"{elsewhere}\n",
        "",
    )
    data = elsewhere.read_bytes()
    elsewhere.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    (code, printed, _), (good, nothing, _) = await asyncio.gather(
        played("check", elsewhere), played("check", backup.path)
    )
    assert (code, good, nothing) == (1, 0, "")
    assert "SHA-256" in printed
    await core.workspaces.close(workspace)
    recent = await core.workspaces.recent()
    status = await (await core.workspaces.open(path, duties=False)).status()
    assert (status.leading, status.leader) == (False, "")
    assert await core.workspaces.recent() == recent


async def test_what_is_wrong_is_told(home: Path, tmp_path: Path) -> None:
    """A file that is no workspace needs nobody who signs in."""
    broken = damaged(tmp_path / "broken.db")
    empty = tmp_path / "empty.db"
    empty.touch()
    cases = (
        (("check", broken), 1, "missing from index i", "2 problems"),
        (("check", empty), 1, "", "The file is empty."),
        (("backup", tmp_path / "no.db"), 1, "", "There is no workspace"),
        (("backup", broken, "--to", empty), 1, "", "another name"),
    )
    found = await asyncio.gather(*(played(*argv) for argv, *_rest in cases))
    for (argv, code, text, told), (got, printed, said) in zip(cases, found, strict=True):
        assert got == code, (argv, said)
        assert text in printed
        assert bool(text) == bool(printed)
        assert told in said
    with pytest.raises(SystemExit) as caught:
        words.parse_check(["a", "b"])
    assert caught.value.code == 2


async def test_who_is_asked_signs_in(core: Core, workspace: Workspace) -> None:
    data = FirstAdministrator("Ada", "Ada", PASSWORD)
    await workspace.sign_in.create_first_administrator(
        data, origin=Origin.DESKTOP, device="desk"
    )
    here = Actor.of_this_computer(Origin.DESKTOP)
    await core.workspaces.set_open_here(here, workspace, False)
    path = workspace.info.path
    (code, printed, said), (refused, nothing, why) = await asyncio.gather(
        played(
            "check", path, "--user=ada", "--password-stdin", answers=f"{PASSWORD}\n".encode()
        ),
        played("backup", path, "--user=ada", "--password-stdin", answers=b"wrong\n"),
    )
    assert (code, printed) == (0, ""), said
    assert (refused, nothing) == (1, "")
    assert "not right" in why
    async with workspace.database.read() as session:
        connection = await session.connection()
        rows = await connection.exec_driver_sql("SELECT task, actor FROM maintenance_runs")
        assert [tuple(row) for row in rows] == [("integrity_check", "Ada")]
