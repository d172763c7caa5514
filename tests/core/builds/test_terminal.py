"""``run PROJECT`` as a process of its own: on pipes, on a terminal, with a window, alone."""

import asyncio
import contextlib
import os
import pty
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from core.app import Core, open_core
from core.builds.schemas import BuildRow, BuildState, TriggerKind
from core.builds.terminal import run, words
from core.projects.schemas import BuildType, ProjectCreate
from core.security.actors import Actor, Origin
from core.settings import load_settings
from core.sign_in.schemas import FirstAdministrator
from core.workspaces.workspace import Workspace
from tests.core.running import Bench
from tests.waiting import until

ROOT = Path(__file__).parents[3]
PASSWORD = "kumquat fjord zebra"
_COMMAND = "-c", (
    "import sys; sys.argv[0:1] = ['desktop']; from desktop.__main__ import main;"
    " code = main(); assert not [m for m in sys.modules if m.startswith('PySide6')];"
    " sys.exit(code)"
)  # fmt: skip

_LAST_WORDS = {
    BuildState.SUCCESS: "\x1b[32mgreen\x1b[0m",
    BuildState.CANCELLED: "is being cancelled",
    BuildState.RUNNING: "is left to itself",
}


class Run:
    """A process that runs a build, on pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.out, self.said = b"", b""
        self._readers = [
            asyncio.create_task(self._read(process.stdout, "out")),
            asyncio.create_task(self._read(process.stderr, "said")),
        ]

    async def _read(self, stream: Any, name: str) -> None:
        while block := await stream.read(4096):
            setattr(self, name, getattr(self, name) + block)

    async def printed(self, text: str) -> None:
        """Wait for a text among what was printed or said."""
        await until(lambda: text.encode() in self.out + self.said, f"{text!r}")

    async def end(self) -> tuple[int, str, str]:
        """Return exit code, output, and what was said beside it."""
        async with asyncio.timeout(60):
            code = await self.process.wait()
            await asyncio.gather(*self._readers)
        return code, self.out.decode(), self.said.decode()


@asynccontextmanager
async def started(*argv: str, answers: bytes = b"", **variables: str) -> AsyncIterator[Run]:
    """Give a process that runs; it is killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *_COMMAND, "run", *argv, cwd=ROOT, env={**os.environ, **variables},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(answers)
    process.stdin.close()
    run = Run(process)
    try:
        yield run
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await run.end()
        process._transport.close()  # type: ignore[attr-defined]


async def ran(*argv: str, answers: bytes = b"", **variables: str) -> tuple[int, str, str]:
    """Run a build to its end."""
    async with started(*argv, answers=answers, **variables) as run:
        return await run.end()


@asynccontextmanager
async def on_a_terminal(*argv: str) -> AsyncIterator["Terminal"]:
    """Give a process that runs on a terminal; it is killed at the end."""
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, *_COMMAND, "run", *argv, cwd=ROOT,
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    terminal = Terminal(process, ours)
    try:
        yield terminal
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        terminal.close()
        process._transport.close()  # type: ignore[attr-defined]


class Terminal:
    """A terminal with a process in it."""

    def __init__(self, process: asyncio.subprocess.Process, ours: int) -> None:
        self._process, self._ours = process, ours
        self.shown = b""
        asyncio.get_running_loop().add_reader(ours, self._read)

    def _read(self) -> None:
        try:
            self.shown += os.read(self._ours, 4096)
        except OSError:  # nobody is at the other end any more
            asyncio.get_running_loop().remove_reader(self._ours)

    def type(self, text: str) -> None:
        """Type something."""
        os.write(self._ours, text.encode())

    def interrupt(self) -> None:
        """Press Ctrl+C."""
        self._process.send_signal(signal.SIGINT)

    async def shows(self, text: str) -> None:
        """Wait for a text."""
        await until(lambda: text.encode() in self.shown, f"{text!r} in {self.shown!r}")

    async def end(self) -> int:
        """Return the exit code."""
        async with asyncio.timeout(60):
            return await self._process.wait()

    def close(self) -> None:
        """Take the terminal away."""
        asyncio.get_running_loop().remove_reader(self._ours)
        os.close(self._ours)


def file_of(workspace: Workspace) -> str:
    """Return the option that names a workspace."""
    return f"--workspace={workspace.info.path}"


async def last(bench: Bench, project_id: int) -> BuildRow:
    """Return the newest build of a project."""
    builds = bench.workspace.builds
    page = await builds.list_page(bench.actor, project_id=project_id, limit=1)
    return page.rows[0]


async def test_a_window_runs_it_and_the_terminal_shows_it(bench: Bench) -> None:
    project = await bench.project(
        "echo $WHO; printf '\\033[31mred\\033[0m\\033]0;title\\007\\n'; seq 1200; exit $CODE",
        name="Nightly build", build_types=(BuildType(name="bad", environment={"CODE": "7"}),),
    )  # fmt: skip
    code, out, said = await ran(
        "nightly BUILD", file_of(bench.workspace), "--var", "WHO=me=you", "--type", "Bad"
    )
    lines = ["me=you", "red", *map(str, range(1, 1201))]
    assert out.splitlines() == lines
    assert code == 7
    assert said.splitlines() == [
        "Build #1 of “Nightly build” is queued.",
        said.splitlines()[-1],
    ]
    assert "failed" in said
    assert "7" in said
    build = await last(bench, project.id)
    assert (build.trigger, build.origin) == (TriggerKind.TERMINAL, "script")
    assert (await bench.workspace.status()).leading
    quiet = await ran("nightly build", file_of(bench.workspace), "--quiet", "--var", "CODE=0")
    assert quiet == (0, "", "")


async def test_alone_it_leads_until_the_build_has_ended(
    bench: Bench, core: Core, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    command = f"echo up; until [ -e {gate} ]; do sleep 0.02; done; kill -9 $$"
    project = await bench.project(command, name="one")
    await core.workspaces.close(bench.workspace)
    async with started("one", file_of(bench.workspace)) as run:
        await run.printed("up")
        gate.touch()
        code, out, said = await run.end()
    assert (code, out) == (128 + 9, "up\n")
    assert "failed" in said
    bench.workspace = await core.workspaces.open(bench.workspace.info.path)
    build = await last(bench, project.id)
    assert (build.state, build.signal) == (BuildState.FAILED, 9)


async def test_the_workspace_opened_last_is_taken_and_named(
    bench: Bench, core: Core, tmp_path: Path
) -> None:
    """Seen taking the default one. A file that is no workspace has no projects to run."""
    await bench.project("echo first", name="one")
    second = await core.workspaces.create(tmp_path / "second.db", open_here=True)
    data = ProjectCreate(name="one", path=str(bench.folder), command="echo second")
    await second.projects.create(bench.actor, data=data)
    plain = tmp_path / "plain.db"
    connection = sqlite3.connect(plain)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    await core.workspaces.open(plain)
    code, out, said = await ran("one")
    assert (code, out) == (0, "second\n")
    assert f"In the workspace that was opened last: {second.info.path}" in said
    code, out, said = await ran("one", file_of(bench.workspace))
    assert (code, out) == (0, "first\n")
    assert "opened last" not in said
    await core.workspaces.close(second)
    await core.workspaces.close(await core.workspaces.open(second.info.path))
    second.info.path.rename(tmp_path / "gone.db")
    code, out, said = await ran("one")
    assert (code, out) == (1, "")
    assert f"There is no file {second.info.path}" in said


def test_what_is_wrong_is_said_and_queues_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "w.db"
    asyncio.run(_with_a_library(path))
    cases = (
        (("librari", f"--workspace={path}"), 2, "Did you mean: Library?"),
        (("zzz", f"--workspace={path}"), 2, "Among its projects: Library"),
        (("library", f"--workspace={path}", "--type", "debug"), 1, "has no types."),
        (("library", f"--workspace={tmp_path}/no.db"), 1, "There is no file"),
    )
    for argv, expected, text in cases:
        assert run.main(argv) == expected
        out, said = capsys.readouterr()
        assert out == ""
        assert text in said
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM builds").fetchone() == (0,)


async def _with_a_library(path: Path) -> None:
    async with open_core(load_settings()) as core:
        workspace = await core.workspaces.create(path, open_here=True)
        secrets = {"TOKEN": "abc-def"}
        data = ProjectCreate(
            name="Library", path=str(path.parent), command="true", secrets=secrets
        )
        await workspace.projects.create(Actor.of_this_computer(Origin.SCRIPT), data=data)


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (("x", "--var", "A"), "--var: write A=VALUE"),
        (("x", "--var", "1A=x"), "cannot name a variable"),
        (("x", "--branch=-x"), "cannot be the name of a branch"),
        ((), "PROJECT"),
    ],
)
def test_wrong_use_is_told(
    argv: tuple[str, ...], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        words.parse(argv)
    assert caught.value.code == 2
    assert text in capsys.readouterr().err


async def test_it_leaves_once_the_build_runs(bench: Bench, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    project = await bench.project(f"until [ -e {gate} ]; do sleep 0.02; done", name="long")
    code, out, said = await ran("long", file_of(bench.workspace), "--no-wait")
    assert (code, out) == (0, "")
    assert "Build #1 of “long” runs." in said
    build = await last(bench, project.id)
    assert build.state is BuildState.RUNNING
    gate.touch()
    assert (await bench.end(build.id)).state is BuildState.SUCCESS


async def test_nobody_reads_the_output_any_more(bench: Bench) -> None:
    """As with ``run x | head -1``: the build goes on, and its exit code is told."""
    await bench.project("seq 1 200000; exit 3", name="one")
    async with started("one", file_of(bench.workspace)) as run:
        await run.printed("1\n2\n")
        run.process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]
        code, _out, said = await run.end()
    assert code == 3
    assert "Traceback" not in said
    assert "Broken" not in said


async def test_signals_cancel_where_there_is_nobody_to_ask(
    bench: Bench, tmp_path: Path
) -> None:
    async def cancelled(name: str, number: signal.Signals) -> None:
        project = await bench.project("echo up; sleep 60", name=name, path=str(tmp_path / name))
        async with started(name, file_of(bench.workspace)) as run:
            await run.printed("up")
            run.process.send_signal(number)
            code, _out, said = await run.end()
        assert code == 130
        assert "was cancelled" in said
        assert (await last(bench, project.id)).state is BuildState.CANCELLED

    numbers = {"one": signal.SIGINT, "two": signal.SIGTERM}
    for name in numbers:
        (tmp_path / name).mkdir()
    await asyncio.gather(*(cancelled(name, number) for name, number in numbers.items()))


async def test_ctrl_c_asks_and_goes_on_cancels_or_leaves(bench: Bench, tmp_path: Path) -> None:
    await bench.rules(parallel=4)
    await asyncio.gather(
        _answered(bench, tmp_path / "on", "n\n", BuildState.SUCCESS),
        _answered(bench, tmp_path / "cancelled", "y\n", BuildState.CANCELLED),
        _answered(bench, tmp_path / "left", "l\n", BuildState.RUNNING),
        _answered(bench, tmp_path / "interrupted", None, BuildState.RUNNING),
    )


async def _answered(bench: Bench, folder: Path, answer: str | None, state: BuildState) -> None:
    """Press Ctrl+C while a build runs, answer, again by Ctrl+C for None, and see the end."""
    await asyncio.to_thread(folder.mkdir)
    project = await bench.project(
        "echo up; until [ -e gate ]; do sleep 0.02; done; printf '\\033[32mgreen\\n'",
        name=folder.name, path=str(folder),
    )  # fmt: skip
    async with on_a_terminal(folder.name, file_of(bench.workspace)) as terminal:
        await terminal.shows("up")
        terminal.interrupt()
        await terminal.shows("Cancel build #1?")
        await terminal.shows("leave it running")
        if answer is None:
            terminal.interrupt()
        else:
            terminal.type(answer)
        if state is BuildState.SUCCESS:
            await asyncio.to_thread((folder / "gate").touch)
        assert await terminal.end() == (0 if state is BuildState.SUCCESS else 130)
        await terminal.shows(_LAST_WORDS[state])
    build = await last(bench, project.id)
    assert build.state is state
    if state is BuildState.RUNNING:
        await asyncio.to_thread((folder / "gate").touch)
        assert (await bench.end(build.id)).state is BuildState.SUCCESS


@pytest.fixture
async def locked(bench: Bench) -> Bench:
    """Return a workspace that asks who is there, with a project."""
    await bench.project("echo hello", name="one")
    data = FirstAdministrator("Ada", "Ada", PASSWORD)
    await bench.workspace.sign_in.create_first_administrator(
        data, origin=Origin.DESKTOP, device="desk"
    )
    here = Actor.of_this_computer(Origin.DESKTOP)
    await bench.core.workspaces.set_open_here(here, bench.workspace, False)
    return bench


async def test_it_signs_in_by_name_and_password(locked: Bench) -> None:
    workspace = file_of(locked.workspace)
    right = f"{PASSWORD}\n".encode()
    code, out, said = await ran(
        "one", workspace, "--user=ada", "--password-stdin", answers=right
    )
    assert (code, out) == (0, "hello\n"), said
    code, out, said = await ran(
        "one", workspace, "--password-stdin", answers=right, BUILDBENCH_USER="ADA"
    )
    assert (code, out) == (0, "hello\n"), said
    refused = (
        (("--user=ada", "--password-stdin"), b"wrong wrong\n", "not right"),
        (("--password-stdin",), right, "It is not said who signs in."),
        (("--user=ada",), right, "--password-stdin"),
    )
    found = await asyncio.gather(
        *(ran("one", workspace, *argv, answers=answers) for argv, answers, _text in refused)
    )
    for (_argv, _answers, text), (code, out, said) in zip(refused, found, strict=True):
        assert (code, out) == (1, ""), said
        assert text in said
        assert PASSWORD not in said
    async with locked.workspace.database.read() as session:
        connection = await session.connection()
        rows = await connection.exec_driver_sql(
            "SELECT requested_by, requested_by_uid <> '', origin FROM builds"
        )
        assert {tuple(row) for row in rows} == {("Ada", 1, "script")}
        left = await connection.exec_driver_sql(
            "SELECT count(*) FROM sessions WHERE ended_at IS NULL AND origin = 'script'"
        )
        assert left.scalar() == 0


async def test_it_asks_on_a_terminal_and_hides_what_is_typed(locked: Bench) -> None:
    workspace = file_of(locked.workspace)
    async with on_a_terminal("one", workspace) as terminal:
        await terminal.shows("User name: ")
        terminal.type("ada\n")
        await terminal.shows("Password of ada: ")
        terminal.type(PASSWORD + "\n")
        assert await terminal.end() == 0
        await terminal.shows("hello")
        assert PASSWORD.encode() not in terminal.shown
    async with on_a_terminal("one", workspace, "--user", "ada") as terminal:
        await terminal.shows("Password of ada: ")
        terminal.interrupt()
        assert await terminal.end() == 130
        await terminal.shows("nothing was queued")
