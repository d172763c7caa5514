"""A screen for each test, programs on it, and nothing of them left at the end."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.journeys.facts import Facts, make_workspace
from tests.journeys.program import PATIENCE_S, Program, processes_below
from tests.journeys.xlib import Screen, screen_of

Start = Callable[..., Program]
Make = Callable[..., Facts]


@pytest.fixture
def screen() -> Iterator[Screen]:
    """Give an X server of its own, with one screen."""
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
        pass_fds=[writer],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as numbers:
            number = numbers.readline().strip()
        assert number, "Xvfb did not start"
        with screen_of(f":{number}") as opened:
            yield opened
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


@pytest.fixture
def start(home: Path, screen: Screen, tmp_path: Path) -> Iterator[Start]:
    """Start programs; whoever still runs at the end is killed, builds too.

    ``screen.png`` in the folder of the test shows what was on the screen at its end.
    """
    started: list[Program] = []

    def begin(*words: str | Path, watched: bool = True) -> Program:
        started.append(Program(home, *words, screen=screen, watched=watched))
        return started[-1]

    yield begin
    assert screen.picture().save(str(tmp_path / "screen.png"))
    for program in started:
        program.kill()
    _gone, alive = psutil.wait_procs(processes_below(tmp_path), timeout=PATIENCE_S)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=PATIENCE_S)
    assert not alive, f"builds were left running: {alive}"


@pytest.fixture
def workspace(tmp_path: Path) -> Make:
    """Make a workspace with projects, closed, in the folder of the test."""

    def make(projects: dict[str, str] | None = None, **fields: object) -> Facts:
        return make_workspace(tmp_path / "nightly.db", projects or {}, **fields)

    return make
