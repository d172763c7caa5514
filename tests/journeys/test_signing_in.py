"""The first administrator of a workspace, by keyboard alone, on a real screen."""

from pathlib import Path

from tests.journeys.conftest import Start
from tests.journeys.facts import Facts
from tests.journeys.program import Program
from tests.journeys.xlib import Screen
from tests.waiting import eventually

_PASSWORD = "a wrench a lamp and seven bolts"
_OTHER = "another lamp and no bolts at all"


def test_the_first_administrator_comes_back(
    start: Start, screen: Screen, home: Path, tmp_path: Path
) -> None:
    """Fails when a page loses the keyboard, a wrong password is let in, or is kept in a file.

    While the window is locked the keys of menus and shortcuts reach the password alone.
    """
    database = tmp_path / "w.db"
    program = start("--new", database)
    program.wait_shows("Make the administrator")
    program.focus("Buildbench — w")
    eventually(lambda: _has_focus(program, "Name for signing in"), "the keyboard on the page")
    screen.write("ada")
    _tab_to(program, screen, "Password")
    screen.write(_PASSWORD)
    program.wait_shows("Very good")
    _tab_to(program, screen, "Password once more")
    screen.write(_PASSWORD)
    screen.press("Return")
    program.wait_shows("No projects yet")

    program.press("ctrl+shift+a", title="Buildbench — w")
    screen.press("Up")
    screen.press("Return")
    program.wait_shows("You signed out.")
    eventually(lambda: _has_focus(program, "Password"), "the keyboard on the page")
    screen.write(_OTHER)
    screen.press("Return")
    program.wait_shows("You are not signed in")
    eventually(lambda: _has_focus(program, "Password"), "the keyboard on the page")
    screen.write(_PASSWORD)
    screen.press("Return")
    program.wait_shows("No projects yet")

    program.press("ctrl+shift+l", title="Buildbench — w")
    program.wait_shows("Locked")
    assert not program.shows("No projects yet")
    screen.press("ctrl+n")
    screen.press("alt+f")
    screen.press("ctrl+a")
    screen.write(_PASSWORD)
    screen.press("Return")
    program.wait_shows("No projects yet")

    screen.ask_to_close(program.window())
    assert program.end() == (0, "", "")
    told = Facts(database).rows("SELECT operation FROM audit_entries ORDER BY id")
    assert [operation for (operation,) in told][:1] == ["sign_in.first_start"]
    _holds_no_password(home, tmp_path)


def _has_focus(program: Program, name: str) -> bool:
    return name in _focused(program)


def _focused(program: Program) -> list[str]:
    return [one["name"] for one in program.see("widgets") if one["focus"]]


def _tab_to(program: Program, screen: Screen, name: str) -> None:
    for _step in range(10):
        before = _focused(program)
        if name in before:
            return
        screen.press("Tab")
        eventually(lambda before=before: _focused(program) != before, "the keyboard to go on")  # type: ignore[misc]
    raise AssertionError(f"{name} cannot be reached by Tab")


def _holds_no_password(*folders: Path) -> None:
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    assert files
    for file in files:
        content = file.read_bytes()
        assert _PASSWORD.encode() not in content, file
        assert _OTHER.encode() not in content, file
