"""``--reset-admin`` as a process of its own: on a pipe, and on a terminal."""

import asyncio
import io
import os
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core.app import Core, open_core
from core.security.actors import Actor, Origin
from core.settings import load_settings
from core.sign_in.schemas import AccessChanged, Entrance, FirstAdministrator, SignedIn
from core.workspaces.reset_admin import main
from core.workspaces.workspace import Workspace
from tests.waiting import until

ROOT = Path(__file__).parents[3]
PASSWORD = "kumquat fjord zebra"
NEW = "violin tundra 71 x"


async def _run(*words: str, answers: str = "") -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "desktop", "--reset-admin", *words, cwd=ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, err = await process.communicate(answers.encode())
    return process.returncode or 0, out.decode(), err.decode()


async def _first(workspace: Workspace) -> SignedIn:
    return await workspace.sign_in.create_first_administrator(
        FirstAdministrator("Ada", "Ada", PASSWORD), origin=Origin.DESKTOP, device="desk"
    )


async def _enter(workspace: Workspace, password: str, name: str = "ada") -> SignedIn:
    found = await workspace.sign_in.sign_in(name, password, origin=Origin.DESKTOP, device="")
    assert isinstance(found, SignedIn)
    return found


@pytest.fixture
async def asking(core: Core, tmp_path: Path) -> Workspace:
    """Return an open workspace that asks who is there."""
    return await core.workspaces.create(tmp_path / "asking.db")


async def test_it_works_while_a_window_has_the_workspace_open(
    core: Core, asking: Workspace
) -> None:
    """Also in the middle of an attack, and with a second factor that is lost."""
    actor = (await _first(asking)).actor
    over: list[AccessChanged] = []
    core.events.subscribe(lambda e: over.append(e) if isinstance(e, AccessChanged) else None)
    async with asking.database.unit_of_work() as unit:
        connection = await unit.session.connection()
        await connection.exec_driver_sql("UPDATE users SET totp_secret = '2:lost:AAAA'")
        await unit.commit()
    for _attempt in range(3):
        await asyncio.gather(_enter(asking, "wrong"), return_exceptions=True)
    answers = f"7\n1\ny\nshort\nshort\n{NEW}\n{NEW}x\n{NEW}\n{NEW}\n"
    code, out, err = await _run(str(asking.info.path), answers=answers)
    assert (code, err) == (0, "")
    assert "too short" in out
    assert "not the same" in out
    assert NEW not in out
    await until(lambda: [e for e in over if e.session == actor.session], "the end")
    assert not (await _enter(asking, NEW)).must_change_password
    code, out, _err = await _run(str(asking.info.path), answers="\n\n")
    assert code == 0
    made_up = out.split("The new password: ")[1].splitlines()[0]
    assert (await _enter(asking, made_up)).must_change_password
    async with asking.database.read() as session:
        connection = await session.connection()
        rows = await connection.exec_driver_sql(
            "SELECT actor, origin, operation, subject FROM audit_entries"
            " WHERE operation LIKE '%.reset' ORDER BY id"
        )
        owner = Actor.of_this_computer(Origin.SCRIPT).user
        assert [tuple(row) for row in rows] == [
            (owner, "script", "second_factor.reset", "Ada"),
            (owner, "script", "password.reset", "Ada"),
            (owner, "script", "password.reset", "Ada"),
        ]


async def test_it_makes_an_administrator_where_there_is_none(asking: Workspace) -> None:
    answers = f"a b\n{NEW}\n{NEW}\nEve\n{NEW}\n{NEW}\n"
    code, out, _err = await _run(str(asking.info.path), answers=answers)
    assert code == 0
    assert "no active administrator" in out
    assert await asking.sign_in.entrance() is Entrance.SIGN_IN
    await _enter(asking, NEW, "eve")
    code, out, _err = await _run(
        str(asking.info.path), answers=f"n\nEVE\n{NEW}\n{NEW}\nZoe\n\n"
    )
    assert code == 0
    assert "Somebody has this user name" in out
    made_up = out.split("The new password: ")[1].splitlines()[0]
    assert (await _enter(asking, made_up, "zoe")).must_change_password


def test_what_is_not_possible_is_told_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_words: None)  # that of the tests stays
    path, plain = tmp_path / "asking.db", tmp_path / "plain.db"
    assert asyncio.run(_entrance(path, new=True)) is Entrance.FIRST_START
    with closing(sqlite3.connect(plain)) as connection:
        connection.execute("CREATE TABLE t (x)")
    cases = (
        ((str(tmp_path / "nowhere.db"),), "", 1, "does not exist"),
        ((str(plain),), "", 1, "not a Buildbench workspace"),
        ((), "", 1, "does not exist"),
        ((str(path),), "", 130, "nothing was changed"),
        ((str(path),), "Eve\nx\nx\n" * 3, 1, "Nothing was changed"),
    )
    for words, answers, expected, told in cases:
        monkeypatch.setattr(sys, "stdin", io.StringIO(answers))
        assert main(words) == expected
        assert told in capsys.readouterr().err
    assert asyncio.run(_entrance(path)) is Entrance.FIRST_START


async def _entrance(path: Path, *, new: bool = False) -> Entrance:
    """Open a workspace, or make it, and tell how it is entered."""
    async with open_core(load_settings()) as core:
        workspace = await (core.workspaces.create if new else core.workspaces.open)(path)
        return await workspace.sign_in.entrance()


@pytest.mark.skipif(sys.platform == "win32", reason="opens a terminal")
async def test_on_a_terminal_passwords_are_not_shown(asking: Workspace) -> None:
    """The second time Ctrl+C breaks it off, with the echo of the terminal as it was."""
    out = await _on_terminal(
        asking,
        [("User name", "Eve\n"), ("New password", f"{NEW}\n"), ("same again", f"{NEW}\n")],
    )
    assert "“Eve” is an administrator now." in out
    assert NEW not in out
    await _enter(asking, NEW, "eve")
    out = await _on_terminal(asking, [("Which one", "1\n"), ("New password", "\x03")], code=130)
    assert "nothing was changed" in out
    await _enter(asking, NEW, "eve")


async def _on_terminal(
    workspace: Workspace, talk: list[tuple[str, str]], *, code: int = 0
) -> str:
    import pty
    import termios

    outer, inner = pty.openpty()
    before = termios.tcgetattr(inner)[3] & termios.ECHO
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c",
        "import os, sys; os.login_tty(0) if hasattr(os, 'login_tty') else"
        " (os.setsid(), __import__('fcntl').ioctl(0, __import__('termios').TIOCSCTTY, 0));"
        " os.execv(sys.executable, [sys.executable, '-m', 'desktop', *sys.argv[1:]])",
        "--reset-admin", str(workspace.info.path),
        cwd=ROOT, stdin=inner, stdout=inner, stderr=inner,
    )  # fmt: skip
    out = ""
    try:
        async with asyncio.timeout(60):
            for wanted, answer in talk:
                while wanted not in out.rpartition("\0")[2]:
                    out += (await asyncio.to_thread(os.read, outer, 1024)).decode()
                out += "\0"
                os.write(outer, answer.encode())
            assert await process.wait() == code
        assert termios.tcgetattr(inner)[3] & termios.ECHO == before
        os.set_blocking(outer, False)
        return out + os.read(outer, 65536).decode()
    finally:
        os.close(outer)
        os.close(inner)
