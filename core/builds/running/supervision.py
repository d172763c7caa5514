"""Starts supervisors, tells whether they live, and reads what they leave."""

import asyncio
import contextlib
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from core.builds.tables import Build
from core.files import write_atomically
from core.processes import COOKIE, start_detached, supervisor_command

_ALLOWED = (
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP",
    "TMP", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
    "SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "JAVA_HOME", "ANDROID_HOME",
    "ANDROID_SDK_ROOT", "GRADLE_USER_HOME", "CARGO_HOME", "RUSTUP_HOME", "GOPATH", "GOROOT",
    "NVM_DIR", "PYENV_ROOT", "CC", "CXX", "http_proxy", "https_proxy", "no_proxy",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SYSTEMROOT", "COMSPEC", "PATHEXT",
    "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMFILES",
)  # fmt: skip

SPEC, RESULT, CANCEL, IDENTITY = "spec.json", "result.json", "cancel", "supervisor.json"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended, as its supervisor saw it.

    ``outcome`` is exited, timeout, no_output, cancelled or start_failed.
    """

    outcome: str
    exit_code: int | None
    signal: int | None
    error: str
    duration_ms: int


def build_environment(build: Build, number: int) -> dict[str, str]:
    """Return the environment of a build's command: an allow-list and what the project adds."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name in _ALLOWED or name.startswith("LC_")
    }
    return {
        "PATH": os.defpath,
        **inherited,
        "PYTHONUNBUFFERED": "1",
        "FORCE_COLOR": "1",
        "CLICOLOR_FORCE": "1",
        "BUILDBENCH_NUMBER": str(number),
        **build.environment,
    }


def start(folder: Path, build: Build, secrets: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Write the folder of a build and start its supervisor; blocks for some milliseconds.

    Raises:
        OSError: The folder or the process could not be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    umask = os.umask(0o077)
    os.umask(umask)
    spec = {
        "uid": build.uid,
        "command": build.command,
        "directory": build.directory,
        "environment": build_environment(build, build.number),
        "umask": umask,
        "timeout_s": build.timeout_s,
        "silence_s": build.silence_timeout_s,
        "grace_s": build.grace_s,
        "terminal": build.terminal,
        "leave_processes": False,
    }
    (folder / SPEC).write_bytes(json.dumps(spec).encode())
    (folder / SPEC).chmod(0o600)
    return start_detached(
        supervisor_command(folder),
        stdin=json.dumps({"secrets": dict(secrets)}).encode(),
        environment={**_supervisor_environment(), COOKIE: build.uid},
    )


def request_cancel(folder: Path) -> None:
    """Ask the supervisor to end its build; a folder that is gone has nothing to end."""
    with contextlib.suppress(FileNotFoundError):
        (folder / CANCEL).touch(mode=0o600)


def read_result(folder: Path) -> Result | None:
    """Return how the build ended, None while that is not written."""
    stored = _read(folder / RESULT)
    if stored is None:
        return None
    return Result(
        outcome=str(stored.get("outcome", "")),
        exit_code=stored.get("exit_code"),
        signal=stored.get("signal"),
        error=str(stored.get("error", "")),
        duration_ms=int(stored.get("duration_ms", 0)),
    )


def living_supervisor(folder: Path) -> int | None:
    """Return the pid of the supervisor of this folder, None when it is dead or unknown."""
    identity = _read(folder / IDENTITY)
    if identity is None:
        return None
    pid = int(identity.get("pid", 0))
    if identity.get("boot_id") is not None and identity["boot_id"] != _boot_id():
        return None
    ticks = identity.get("start_ticks")
    if ticks is not None:
        return pid if _start_ticks(pid) == ticks else None
    return pid if psutil.pid_exists(pid) else None


def sweep(uid: str) -> int:
    """End every process that carries the cookie of a build; return how many there were.

    For a build whose supervisor is gone; repeated until a pass finds none.
    """
    ended = 0
    for _pass in range(20):
        found = [process for process in psutil.process_iter() if _carries(process, uid)]
        if not found:
            break
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.kill()
                ended += 1
        psutil.wait_procs(found, timeout=1)
    return ended


class SupervisorWatch:
    """Tells when a supervisor has ended, at once where the system offers a pidfd.

    Args:
        folder: The folder of the build.
        process: The supervisor, where this process started it.
    """

    def __init__(self, folder: Path, process: subprocess.Popen[bytes] | None) -> None:
        self._folder = folder
        self._process = process
        self._ended = asyncio.Event()
        self._pidfd: int | None = None

    def start(self) -> None:
        """Begin to watch."""
        pid = self._process.pid if self._process else living_supervisor(self._folder)
        if pid is not None and hasattr(os, "pidfd_open"):
            with contextlib.suppress(OSError):
                self._pidfd = os.pidfd_open(pid)
                asyncio.get_running_loop().add_reader(self._pidfd, self._on_end)

    def alive(self) -> bool:
        """Tell whether the supervisor may still write."""
        if self._process is not None:
            return self._process.poll() is None
        return living_supervisor(self._folder) is not None

    async def wait(self, seconds: float) -> None:
        """Wait this long, or less when the supervisor ends before."""
        with contextlib.suppress(TimeoutError):
            # Not wait_for: on Python 3.11 it swallows a cancellation that comes with the end.
            async with asyncio.timeout(seconds):
                await self._ended.wait()

    def _on_end(self) -> None:
        # It stays readable: left in, it would keep the loop turning until ``stop``.
        assert self._pidfd is not None
        asyncio.get_running_loop().remove_reader(self._pidfd)
        self._ended.set()

    def stop(self) -> None:
        """Watch no more."""
        if self._pidfd is not None:
            asyncio.get_running_loop().remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = None


def mark_abandoned(folder: Path) -> None:
    """Keep a supervisor that is late to start from running its command."""
    write_atomically(folder / CANCEL, b"")


def _supervisor_environment() -> dict[str, str]:
    wanted = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL")
    return {name: os.environ[name] for name in wanted if name in os.environ}


def _read(path: Path) -> dict[str, Any] | None:
    try:
        stored = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return stored if isinstance(stored, dict) else None


def _boot_id() -> str | None:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return None


def _start_ticks(pid: int) -> int | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    fields = stat.rpartition(b")")[2].split()
    # A zombie has ended, though nobody has asked for its exit code yet.
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def _carries(process: psutil.Process, uid: str) -> bool:
    try:
        return bool(process.environ().get(COOKIE) == uid)
    except (psutil.Error, OSError):
        return False
