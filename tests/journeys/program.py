"""One real process of Buildbench, with a person in front of it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

from core.paths import HOME_VARIABLE
from core.processes import COOKIE
from tests.journeys.xlib import Screen, Window
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
# Whatever is left open is told on standard error.
_WARN = ("-W", "default::ResourceWarning")


class Program:
    """A process of ``python -m desktop`` and what it wrote.

    Args:
        home: Where it keeps settings and log.
        words: Its command line.
        screen: Where its window appears.
        watched: Whether it can be asked what it shows, see ``eyes``; otherwise it is exactly
            the program, and only its windows, files and exit code can be seen.
    """

    def __init__(
        self, home: Path, *words: str | Path, screen: Screen, watched: bool = True
    ) -> None:
        self.screen, self.home = screen, home
        self._questions, self._answers = -1, -1
        inherited: tuple[int, ...] = ()
        entry = ["-m", "desktop"]
        if watched:
            for_child, self._questions = os.pipe()
            self._answers, to_us = os.pipe()
            inherited = (for_child, to_us)
            entry = ["-m", "tests.journeys.eyes", str(for_child), str(to_us)]
        self._process = subprocess.Popen(
            [sys.executable, *_WARN, *entry, *map(str, words)],
            cwd=ROOT,
            env=environment(home, screen),
            pass_fds=inherited,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for descriptor in inherited:
            os.close(descriptor)
        self._replies = os.fdopen(self._answers, "rb") if watched else None

    # What it is

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def log(self) -> str:
        """Return what this process wrote about itself."""
        file = self.home / "logs" / "buildbench.log"
        text = file.read_text("utf-8") if file.exists() else ""
        return "\n".join(line for line in text.splitlines() if f" {self.pid} " in line)

    def memory(self) -> int:
        """Return how much memory it holds now, in bytes."""
        return int(psutil.Process(self.pid).memory_info().rss)

    # What it shows

    def window(self, title: str = "Buildbench") -> Window:
        """Return its topmost window whose title begins so, as soon as it is there."""
        return eventually(lambda: self._find(title), f"a window {title!r}")

    def has_window(self, title: str) -> bool:
        """Return whether a window whose title begins so is in sight."""
        return self._find(title) is not None

    def see(self, what: str, **question: object) -> Any:
        """Ask the window what it shows; it must answer within the usual patience."""
        os.write(self._questions, json.dumps({"see": what, **question}).encode() + b"\n")
        assert self._replies is not None
        answer: list[bytes] = []
        os.set_blocking(self._answers, False)
        eventually(lambda: self._read_into(answer), f"an answer to {what!r}")
        return json.loads(b"".join(answer))

    def shows(self, text: str) -> bool:
        """Return whether a widget, or a row, in sight has this text in it."""
        texts = [widget["text"] for widget in self.see("widgets")]
        return any(text in one for one in [*texts, *self.see("items")])

    def wait_shows(self, text: str, seconds: float = PATIENCE_S) -> None:
        """Wait until a text is in sight."""
        eventually(lambda: self.shows(text), f"{text!r} in sight", seconds)

    def log_in_sight(self) -> Any:
        """Return facts about the log in sight."""
        return self.see("log")

    # What is done to it

    def focus(self, title: str = "Buildbench") -> Window:
        """Give a window of it the keyboard."""
        window = self.window(title)
        self.screen.focus(window)
        return window

    def press(self, *combinations: str, title: str = "Buildbench") -> None:
        """Press keys in one of its windows."""
        self.focus(title)
        for combination in combinations:
            self.screen.press(combination)

    def click(self, text: str, *, kind: str = "QPushButton") -> None:
        """Click the widget in sight with this text, once it can be used."""
        x, y, width, height = self.wait_usable(text, kind=kind)["place"]
        self.screen.click(x + width // 2, y + height // 2)

    def wait_usable(self, text: str, *, kind: str = "QPushButton") -> Any:
        """Return the widget in sight with this text, once it can be used.

        Its keys do nothing before, as while what it works on is fetched.
        """

        def find() -> Any:
            return [
                widget
                for widget in self.see("widgets")
                if widget["text"].replace("&", "") == text
                and widget["kind"] == kind
                and widget["enabled"]
            ]

        return eventually(find, f"{kind} {text!r} that can be used")[0]

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    # How it ends

    def end(self, seconds: float = PATIENCE_S) -> tuple[int, str, str]:
        """Wait for the end; return exit code, standard output and error."""
        out, err = self._process.communicate(timeout=seconds)
        self._let_go()
        return self._process.returncode, out.decode(), err.decode()

    def kill(self) -> None:
        """Kill it as a crash would; what it wrote is forgotten."""
        if self.running:
            self._process.kill()
        self._process.communicate()
        self._let_go()

    def _let_go(self) -> None:
        if self._questions >= 0:
            os.close(self._questions)
            self._questions = -1
        if self._replies is not None:
            self._replies.close()
            self._replies = None

    def _read_into(self, answer: list[bytes]) -> bool:
        assert self.running, self._process.communicate()
        assert self._replies is not None
        while part := self._replies.read1(1 << 20):
            answer.append(part)
        return bool(answer) and answer[-1].endswith(b"\n")

    def _find(self, title: str) -> Window | None:
        assert self.running, self._process.communicate()
        found = [one for one in self.screen.windows() if one.title.startswith(title)]
        return found[-1] if found else None


def environment(home: Path, screen: Screen) -> dict[str, str]:
    """Return the environment of a program on a screen, and nothing odd in it."""
    kept = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
    return {
        **kept,
        HOME_VARIABLE: str(home),
        "DISPLAY": screen.name,
        "QT_QPA_PLATFORM": "xcb",
        "PYTHONPATH": str(ROOT),
    }


def carriers(uid: str) -> list[psutil.Process]:
    """Return the processes of a build, by its cookie."""
    return [process for process in psutil.process_iter() if _carries(process, uid)]


def processes_below(folder: Path) -> list[psutil.Process]:
    """Return the processes that work in a folder: the builds whose projects lie there."""
    return [process for process in psutil.process_iter() if _works_in(process, folder)]


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return Path(process.cwd()).is_relative_to(folder)
    except (psutil.Error, OSError):
        return False


def _carries(process: psutil.Process, uid: str) -> bool:
    try:
        return process.environ().get(COOKIE) == uid
    except (psutil.Error, OSError):
        return False
