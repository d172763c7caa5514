"""A supervisor as a real process, and what it leaves behind, read back."""

import contextlib
import json
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import eventually

SUPERVISOR = Path(__file__).parents[3] / "core" / "builds" / "running" / "supervisor.py"
FRAME = struct.Struct("<QIB3x")
UID = "5f0c8a52-7d4e-4e0a-9e63-0c9d6f8b1a10"


@dataclass(frozen=True)
class Frame:
    """One frame of the spool."""

    time_ms: int
    source: int
    payload: bytes


def read_frames(folder: Path) -> list[Frame]:
    """Return the whole frames of all segments, in order."""
    frames: list[Frame] = []
    for segment in sorted(folder.glob("spool.*")):
        data = segment.read_bytes()
        position = 0
        while position + FRAME.size <= len(data):
            time_ms, length, source = FRAME.unpack_from(data, position)
            position += FRAME.size
            if position + length > len(data):
                break
            frames.append(Frame(time_ms, source, data[position : position + length]))
            position += length
    return frames


def alive(pid: int) -> bool:
    """Tell whether a process is there and not a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def carriers(uid: str) -> set[int]:
    """Return who carries the cookie of a build in its environment."""
    cookie = f"BUILDBENCH_BUILD={uid}".encode()
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                if cookie in (entry / "environ").read_bytes().split(b"\0"):
                    found.add(int(entry.name))
    return found


class Build:
    """A build in a folder of its own."""

    def __init__(self, root: Path, uid: str) -> None:
        self.uid = uid
        self.work = root / "work"
        self.work.mkdir()
        self.folder = root / "build"
        self.folder.mkdir(mode=0o700)
        self.process: subprocess.Popen[bytes] | None = None

    def prepare(self, command: str, **spec: Any) -> list[str]:
        """Write the spec and return the command line of its supervisor."""
        content = {
            "uid": self.uid,
            "command": command,
            "directory": str(self.work),
            "environment": {"PATH": os.environ["PATH"], "PLAIN": "plain value"},
            "umask": 0o022,
            "timeout_s": None,
            "silence_s": None,
            "grace_s": 5,
            "terminal": False,
            "leave_processes": False,
            **spec,
        }
        (self.folder / "spec.json").write_text(json.dumps(content))
        return [sys.executable, "-I", "-S", str(SUPERVISOR), str(self.folder)]

    def start(
        self,
        command: str,
        *,
        secrets: dict[str, str] | None = None,
        deliver: bool = True,
        **spec: Any,
    ) -> "Build":
        """Start the supervisor; without ``deliver`` it waits for its secrets."""
        return self.start_as(self.prepare(command, **spec), secrets=secrets, deliver=deliver)

    def start_as(
        self,
        arguments: list[str],
        *,
        secrets: dict[str, str] | None = None,
        deliver: bool = True,
    ) -> "Build":
        """Start a supervisor by the command line that ``prepare`` returned, or one like it."""
        self.process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "BUILDBENCH_BUILD": self.uid},
        )
        self._secrets = json.dumps({"secrets": secrets or {}}).encode()
        if deliver:
            self.deliver()
        return self

    def deliver(self) -> None:
        """Hand over the secrets: the command may start."""
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(self._secrets)
        self.process.stdin.close()

    def run(self, command: str, **spec: Any) -> dict[str, Any]:
        """Start and wait for the result."""
        return self.start(command, **spec).wait()

    def wait(self) -> dict[str, Any]:
        """Return the result once the supervisor is gone."""
        assert self.process is not None
        self.process.wait()
        return self.result()

    def result(self) -> dict[str, Any]:
        """Return ``result.json``."""
        content: dict[str, Any] = json.loads((self.folder / "result.json").read_bytes())
        return content

    def cancel(self) -> None:
        """Ask for the end."""
        (self.folder / "cancel").touch()

    @property
    def pid(self) -> int:
        """The process id of the supervisor."""
        assert self.process is not None
        return self.process.pid

    def output(self) -> bytes:
        """Return what the command printed so far, masked."""
        return b"".join(f.payload for f in read_frames(self.folder) if f.source == 0)

    def events(self) -> list[dict[str, Any]]:
        """Return what the supervisor had to say so far."""
        return [json.loads(f.payload) for f in read_frames(self.folder) if f.source == 1]

    def frames(self) -> list[Frame]:
        """Return what the spool holds so far."""
        return read_frames(self.folder)

    def eventually(self, condition: Callable[[], Any], what: str) -> Any:
        """Return what the condition gives once that is true; fail when it never is."""
        return eventually(condition, what)

    def nothing_left(self, *pids: int) -> bool:
        """Tell whether nobody carries the cookie, and none of these is alive."""
        return not carriers(self.uid) and not any(map(alive, pids))

    def alive(self, pid: int) -> bool:
        """Tell whether a process is there and not a zombie."""
        return alive(pid)

    def written(self, name: str) -> int:
        """Return the number that the command writes to a file, once it is there."""
        path = self.work / name

        def whole() -> str | None:
            text = path.read_text() if path.exists() else ""
            return text if text.endswith("\n") else None

        return int(eventually(whole, name))

    def clean_up(self) -> None:
        """End what a failing test left."""
        if self.process is None:
            return
        assert self.process.stdin is not None
        self.process.stdin.close()
        if self.process.poll() is None:
            for pid in carriers(self.uid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait(30)


@pytest.fixture
def build(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Build]:
    """Give a build with a cookie that no other test carries."""
    uid = f"{UID[:-6]}{os.getpid():06x}-{abs(hash(request.node.nodeid)):x}"
    build = Build(tmp_path, uid)
    yield build
    build.clean_up()
