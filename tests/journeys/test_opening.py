"""The command line: what it says, and what becomes of files that cannot be opened."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys.conftest import Start
from tests.journeys.program import PATIENCE_S, ROOT, environment
from tests.journeys.xlib import Screen
from tests.waiting import eventually


def _say(home: Path, screen: Screen, *words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "desktop", *words], cwd=ROOT, env=environment(home, screen),
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_version_and_help_need_no_window(home: Path, screen: Screen) -> None:
    """Fails when anything of Qt or of the home is touched for them."""
    code, out, err = _say(home, screen, "--version")
    assert (code, err) == (0, "")
    assert out.startswith("Buildbench ")
    code, out, err = _say(home, screen, "--help")
    assert (code, err) == (0, "")
    assert all(word in out for word in ("DATABASE", "--new", "--demo", "--tour"))
    assert not home.exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--nonsense"], "--nonsense"),
        (["a.db", "b.db"], "b.db"),
        (["--new", "x.db", "--demo"], "only one of"),
        (["--new"], "--new"),
        (["/there/is/no/such.db"], "there is no file /there/is/no/such.db"),
        ([""], "DATABASE"),
    ],
)
def test_wrong_words_are_refused_in_words(
    words: list[str], reason: str, home: Path, screen: Screen
) -> None:
    """Fails when a mistake opens a window, ends with 0, or shows a traceback."""
    code, out, err = _say(home, screen, *words)
    assert (code, out) == (2, "")
    assert reason in err
    assert "usage:" in err
    assert "Traceback" not in err
    assert not home.exists()


def _directory(path: Path) -> None:
    path.mkdir()


def _text(path: Path) -> None:
    path.write_text("These are notes. " * 200)


def _truncated(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\x00" + bytes(40))


@pytest.mark.parametrize("make", [_directory, _text, _truncated])
def test_what_is_no_database_is_told_on_the_welcome_page(
    make: Callable[[Path], None], start: Start, tmp_path: Path
) -> None:
    """Fails when the start ends, hangs or shows a traceback, or the file is changed."""
    path = tmp_path / "notes.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    program = start(path)
    eventually(lambda: "Ready" in program.log(), "the welcome page")
    program.wait_shows("notes.db")
    program.wait_shows("No workspace was opened yet")
    texts = [widget["text"] for widget in program.see("widgets")]
    assert not any("Traceback" in text or "Error" in text for text in texts), texts
    program.send(signal.SIGTERM)
    assert program.end() == (0, "", "")
    assert "Traceback" not in program.log()
    assert before == (path.read_bytes() if path.is_file() else None)
    assert sorted(one.name for one in tmp_path.iterdir() if one.name != "home") == ["notes.db"]
