"""Somebody who opens Buildbench for the first time, by keyboard alone, seen from outside.

Here the program is exactly ``python -m desktop``: nothing of ours runs in its process.
"""

from pathlib import Path

import psutil
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from tests.journeys.conftest import Start
from tests.journeys.facts import Facts
from tests.journeys.program import carriers
from tests.journeys.xlib import Screen
from tests.waiting import eventually

_LINES = 40
_RUN_BUTTON = (1120, 104)
_MAKE_BUTTON = (470, 514)
_FIRST_ACTION = (582, 438)
_PASSWORD = "a wrench a lamp and seven bolts"
_LOG = QRect(300, 460, 900, 300)
_COMMAND = f"for i in $(seq {_LINES}); do echo line $i; sleep 0.05; done"


def test_from_the_welcome_page_to_the_first_success(
    start: Start, screen: Screen, tmp_path: Path
) -> None:
    """Fails when a shortcut, the order of fields, Run, following or closing is broken."""
    program = start(watched=False)
    eventually(lambda: "Ready" in program.log(), "the welcome page")
    program.press("ctrl+n")
    program.focus("New workspace")
    screen.press("ctrl+a")
    screen.write(str(tmp_path / "first"))
    screen.press("Return")
    program.window("Buildbench — first")

    eventually(lambda: _is_blue(screen, *_MAKE_BUTTON), "the page that makes the administrator")
    program.focus("Buildbench — first")
    screen.write("ada")
    for _field in range(3):
        screen.press("Tab")
    screen.write(_PASSWORD)
    screen.press("Tab")
    screen.press("Tab")
    screen.write(_PASSWORD)
    screen.press("Return")
    eventually(lambda: _is_blue(screen, *_FIRST_ACTION), "the empty workspace")

    program.press("ctrl+shift+n")
    program.focus("New project")
    # The name first: the folder, which stands before it, would suggest one.
    screen.press("Tab")
    screen.press("Tab")
    screen.write("hello")
    screen.press("shift+Tab")
    screen.press("shift+Tab")
    screen.write(str(tmp_path))
    for _field in range(4):
        screen.press("Tab")
    screen.write(_COMMAND)
    # Return makes a new line of the command; in the line of the name it makes the project.
    screen.press("shift+Tab")
    screen.press("shift+Tab")
    screen.press("Return")
    eventually(lambda: not program.has_window("New project"), "the form to close")

    facts = Facts(tmp_path / "first.db")
    eventually(lambda: _is_blue(screen, *_RUN_BUTTON), "Run build to be offered")
    program.press("ctrl+r")
    eventually(
        lambda: facts.builds() and facts.builds()[0].state == "running", "the build to run"
    )
    early = _log_picture(screen)
    eventually(lambda: _log_picture(screen) != early, "the log to grow on the screen")
    (build,) = facts.wait_ended()
    assert (build.state, build.exit_code, build.log_lines) == ("success", 0, _LINES)
    assert facts.log(build).decode() == "".join(f"line {i + 1}\n" for i in range(_LINES))

    children = psutil.Process(program.pid).children(recursive=True)
    screen.ask_to_close(program.window())
    assert program.end() == (0, "", "")
    assert not [child for child in children if child.is_running()]
    assert not carriers(build.uid)
    words = program.log()
    assert words.endswith("core.app: Closed")
    assert " WARNING " not in words
    assert " ERROR " not in words


def _log_picture(screen: Screen) -> QImage:
    return screen.picture().copy(_LOG)


def _is_blue(screen: Screen, x: int, y: int) -> bool:
    """Return whether a place has the accent colour, as a button that can be pressed."""
    color = screen.picture().pixelColor(x, y)
    return color.blue() > color.red() + 80
