"""Builds that print what no terminal should be shown, while somebody looks at the log."""

import signal
import sys
from pathlib import Path

from tests.journeys.conftest import Make, Start
from tests.journeys.program import Program
from tests.journeys.xlib import Screen
from tests.waiting import eventually

_MOST_MEMORY = 600 * 1024 * 1024
_GIGABYTE = 1 << 30

_LONG_LINE = f"""
import os
block = b"x" * (1 << 20)
for _turn in range({_GIGABYTE} >> 20):
    os.write(1, block)
os.write(1, b"\\nafter the long line\\n")
"""

_WILD = rb"""
import os, random, time
chance = random.Random(1)
write = lambda data: os.write(1, data)
for turn in range(400):
    time.sleep(0.005)
    write(b"nul\0nul\0" * 20 + b"\n")
    write(chance.randbytes(2000) + b"\n")
    write(b"\x1b]0;a title\x07\x1b]52;c;ZXZpbA==\x07\x1b]8;;http://a.b\x1b\\link\x1b]8;;\x1b\\\n")
    write(b"\x1b[2J\x1b[H\x1b[?1049h\x1bPq#0\x1b\\\x9b31mred\x1b[0m\n")
    write(b"first\rsecond\b\b\b\n")
    write("\u202eright to left\u0301\u0301\n".encode())
write(b"\x1b[31mlast \x1b]52;c;ZXZpbA==\x07of\x1b[0m \x1b]0;t\x1b\\all\n")
"""


def _drive(program: Program, screen: Screen) -> None:
    """Use the window as somebody who looks around; each answer says that it goes on."""
    x, y, width, height = program.log_in_sight()["place"]
    screen.click(x + width // 2, y + height // 2)
    for keys in ("Page_Up", "ctrl+Home", "End", "Page_Up", "ctrl+End"):
        program.press(keys)
        assert program.memory() < _MOST_MEMORY
        program.see("widgets")


def test_a_line_of_a_gigabyte(
    start: Start, screen: Screen, workspace: Make, tmp_path: Path
) -> None:
    """Fails when a line is ever held, or drawn, as a whole."""
    (tmp_path / "long.py").write_text(_LONG_LINE)
    facts = workspace({"long": f"{sys.executable} long.py"})
    program = start(facts.database)
    program.click("Run build")
    eventually(lambda: program.log_in_sight()["lines"] > 0, "the line on the screen")
    while facts.builds()[0].state == "running":
        _drive(program, screen)
    (build,) = facts.wait_ended()
    _drive(program, screen)
    assert (build.state, build.exit_code) == ("success", 0)
    assert build.log_bytes == _GIGABYTE + len("\nafter the long line\n")
    eventually(
        lambda: program.log_in_sight()["texts"][-1:] == ["after the long line"],
        "the last line on the screen",
    )
    program.send(signal.SIGTERM)
    assert program.end() == (0, "", "")


def test_binary_and_escape_sequences(
    start: Start, screen: Screen, workspace: Make, tmp_path: Path
) -> None:
    """Fails when escape sequences reach the screen, the title or the clipboard."""
    (tmp_path / "wild.py").write_bytes(_WILD)
    facts = workspace({"wild": f"{sys.executable} wild.py"})
    program = start(facts.database)
    program.click("Run build")
    eventually(lambda: program.log_in_sight()["lines"] > 0, "lines on the screen")
    while facts.builds()[0].state in ("pending", "running"):
        _drive(program, screen)
    (build,) = facts.wait_ended()
    assert (build.state, build.exit_code) == ("success", 0)
    _drive(program, screen)
    eventually(lambda: program.log_in_sight()["texts"][-1:] == ["last of all"], "the last line")
    seen = "".join(program.log_in_sight()["texts"])
    assert not set(seen) & set("\x1b\x07\x9b\0")
    assert program.has_window("Buildbench — nightly")

    place = program.log_in_sight()["place"]
    screen.click(place[0] + 200, place[1] + place[3] - 30)
    screen.press("ctrl+End")
    screen.press("ctrl+a")
    screen.press("ctrl+c")
    copied = eventually(lambda: program.see("clipboard"), "lines on the clipboard")
    assert copied.endswith("last of all")
    assert not set(copied) & set("\x1b\x07\x9b")
    assert "ZXZpbA" not in copied
    program.press("ctrl+q")
    assert program.end() == (0, "", "")
