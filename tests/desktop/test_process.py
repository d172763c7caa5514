"""The program as a real process: it starts, and ends in order whoever ends it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30
# Whatever is left open is told on standard error.
_WARN = ("-W", "default::ResourceWarning")


class Program:
    """One process of Buildbench, and what it wrote."""

    def __init__(self, home: Path, *words: str, **environment: str) -> None:
        self._log = home / "logs" / "buildbench.log"
        self._process = subprocess.Popen(
            [sys.executable, *_WARN, "-m", "desktop", *words],
            cwd=ROOT,
            env={**os.environ, "BUILDBENCH_HOME": str(home), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def log(self) -> str:
        return self._log.read_text("utf-8") if self._log.exists() else ""

    def wait_ready(self) -> None:
        """Wait until the log tells that the first page can be used."""
        deadline = time.monotonic() + PATIENCE_S
        while "Ready" not in self.log():
            assert self._process.poll() is None, self._process.communicate()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self) -> tuple[int, str, str]:
        """Wait for the end; return exit code, standard output and error."""
        out, err = self._process.communicate(timeout=PATIENCE_S)
        return self._process.returncode, out, err

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


@pytest.fixture
def programs(home: Path) -> Iterator[list[Program]]:
    started: list[Program] = []
    yield started
    for program in started:
        program.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("opened", [False, True])
def test_a_signal_ends_it_in_order(
    number: signal.Signals, opened: bool, home: Path, tmp_path: Path, programs: list[Program]
) -> None:
    words = ("--new", str(tmp_path / "nightly.db")) if opened else ()
    program = Program(home, *words, QT_QPA_PLATFORM="offscreen")
    programs.append(program)
    program.wait_ready()
    program.send(number)
    assert program.end() == (0, "", "")
    assert program.log().rstrip().endswith("core.app: Closed")
    if opened:
        assert not (tmp_path / "nightly.db-wal").exists()


def test_a_role_of_a_child_is_played_without_a_window(home: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "desktop", "supervisor", str(tmp_path / "nothing")]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "BUILDBENCH_HOME": str(home), "QT_QPA_PLATFORM": "none"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert "platform plugin" not in done.stderr
    assert not home.exists()


@pytest.mark.parametrize("module", ["pydantic", "sqlalchemy", "qtawesome", "email", "psutil"])
def test_what_is_slow_to_import_waits_for_the_first_paint(module: str) -> None:
    code = (
        "import sys, desktop.__main__, desktop.app;"
        f"sys.exit('imported' if {module!r} in sys.modules else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_style_is_fusion_whatever_the_desktop_prefers(tmp_path: Path) -> None:
    """Fails where ``make_qt`` does without ``STYLE``: the style sheet is written for Fusion."""
    code = (
        "from core.paths import UserFolders; from desktop.app import make_qt;"
        "print(make_qt(UserFolders.of_this_user()).style().name())"
    )
    wish = {"QT_STYLE_OVERRIDE": "windows", "BUILDBENCH_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env={**os.environ, **wish}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.strip() == "fusion"
