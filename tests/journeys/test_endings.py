"""How builds and the program end: by a button, a signal, the cross of the window."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.journeys.conftest import Make, Start
from tests.journeys.program import Program, carriers
from tests.journeys.xlib import Screen
from tests.waiting import eventually

SIGNALS = [signal.SIGINT, signal.SIGTERM]

# A child in a session of its own, one that ignores being asked, and one that does both.
_TREE = (
    "setsid sleep 600 &\n"
    "sh -c \"trap '' TERM INT HUP; while :; do sleep 600; done\" &\n"
    "setsid sh -c \"trap '' TERM INT HUP; while :; do sleep 600; done\" &\n"
    "echo up; wait"
)
_UNATTENDED = "echo begun; until [ -e go ]; do sleep 0.05; done; echo done; exit 4"


def _end_in_order(program: Program) -> None:
    assert program.end() == (0, "", "")
    words = program.log()
    assert words.endswith("core.app: Closed")
    assert " WARNING " not in words
    assert " ERROR " not in words


def test_a_tree_of_processes_is_cancelled_by_the_button(start: Start, workspace: Make) -> None:
    """Fails without the sweep of the cookie (sessions of their own), and without KILL."""
    facts = workspace({"tree": _TREE}, grace_s=1)
    program = start(facts.database)
    program.click("Run build")
    eventually(lambda: "up" in program.log_in_sight()["texts"], "the tree to be up")
    (build,) = facts.builds()
    eventually(lambda: len(carriers(build.uid)) >= 7, "the whole tree")
    program.click("Cancel build")
    (ended,) = facts.wait_ended()
    assert ended.state == "cancelled"
    assert not carriers(build.uid)
    eventually(lambda: program.shows("Cancelled"), "the state in words")
    program.send(signal.SIGTERM)
    _end_in_order(program)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_leaves_the_build_to_finish_alone(
    number: signal.Signals, start: Start, workspace: Make, tmp_path: Path
) -> None:
    """Fails when the end waits for the build, ends it, or asks somebody who is not there."""
    facts = workspace({"long": _UNATTENDED})
    program = start(facts.database)
    program.click("Run build")
    eventually(lambda: "begun" in program.log_in_sight()["texts"], "the build to run")
    program.send(number)
    _end_in_order(program)
    (build,) = facts.builds()
    assert build.state == "running"
    assert carriers(build.uid)
    (tmp_path / "go").touch()
    eventually(lambda: not carriers(build.uid), "the build to end alone")
    again = start(facts.database)
    (ended,) = facts.wait_ended()
    assert (ended.state, ended.exit_code) == ("failed", 4)
    assert facts.log(ended) == b"begun\ndone\n"
    again.send(number)
    _end_in_order(again)


def test_the_cross_asks_what_becomes_of_the_build(
    start: Start, screen: Screen, workspace: Make, tmp_path: Path
) -> None:
    """Fails when the window closes by itself, or the answer is not acted on."""
    facts = workspace({"long": _UNATTENDED})
    program = start(facts.database)
    program.click("Run build")
    eventually(lambda: "begun" in program.log_in_sight()["texts"], "the build to run")
    screen.ask_to_close(program.window())
    program.focus("1 build is still running")
    program.click("Let it finish alone")
    _end_in_order(program)
    (build,) = facts.builds()
    assert carriers(build.uid)
    (tmp_path / "go").touch()
    eventually(lambda: not carriers(build.uid), "the build to end alone")


def test_the_cross_can_cancel_the_build(start: Start, screen: Screen, workspace: Make) -> None:
    """Fails when the program ends before the wish to cancel is stored."""
    facts = workspace({"tree": _TREE}, grace_s=1)
    program = start(facts.database)
    program.click("Run build")
    eventually(lambda: "up" in program.log_in_sight()["texts"], "the build to run")
    screen.ask_to_close(program.window())
    program.focus("1 build is still running")
    program.click("Cancel the build")
    _end_in_order(program)
    (build,) = facts.builds()
    eventually(lambda: not carriers(build.uid), "the build to be gone")
    start(facts.database)
    (ended,) = facts.wait_ended()
    assert ended.state == "cancelled"


@pytest.mark.parametrize(
    ("keys", "title"),
    [("ctrl+o", "Open a workspace"), ("ctrl+shift+n", "New project"), ("ctrl+,", "Settings")],
)
def test_a_signal_while_a_dialog_is_open(
    keys: str, title: str, start: Start, workspace: Make
) -> None:
    """Fails when a dialog runs a loop of its own, or its task is left pending at the end."""
    program = start(workspace().database)
    eventually(lambda: "Ready" in program.log(), "the workspace to be open")
    program.press(keys)
    program.window(title)
    program.send(signal.SIGTERM)
    _end_in_order(program)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("moment", ["first code", "first window", "core"])
def test_a_signal_during_the_start(
    moment: str, number: signal.Signals, start: Start, workspace: Make
) -> None:
    """Fails when the start is not waited for or not cancelled: it hangs, or prints why."""
    facts = workspace({"true": "true"})
    program = start(facts.database, watched=False)
    moments: dict[str, Callable[[], object]] = {
        "first code": lambda: _has_loaded(program, "PySide6"),
        "first window": lambda: program.has_window("Buildbench"),
        "core": program.log,
    }
    eventually(moments[moment], moment)
    program.send(number)
    code, out, err = program.end()
    assert (out, err) == ("", "")
    # Before Python code of ours has run, the system's own way of ending is all there is.
    assert code == 0 or (moment == "first code" and code == -number)
    assert not _holders(facts.database)


@pytest.mark.parametrize("delay_ms", [6, 9, 18, 27, 39, 42])
def test_a_signal_while_a_workspace_is_made(
    delay_ms: int, start: Start, tmp_path: Path
) -> None:
    """Fails when the making of the schema is cancelled half-way, or twice: it hangs."""
    program = start("--new", tmp_path / "new.db", watched=False)
    eventually(lambda: "Context impl" in program.log(), "the schema being made")
    time.sleep(delay_ms / 1000)  # the moment, by chance
    program.send(signal.SIGTERM)
    _end_in_order(program)
    assert not list(tmp_path.glob(".new.db*"))


def _has_loaded(program: Program, name: str) -> bool:
    return name in Path(f"/proc/{program.pid}/maps").read_text()


def _holders(file: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if any(one.path == str(file) for one in process.open_files()):
                found.append(process)
        except psutil.Error:
            continue
    return found
