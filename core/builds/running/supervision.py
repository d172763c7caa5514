"""Starts supervisors, tells whether they live, and reads what they leave."""

import asyncio
import contextlib
import json
import logging
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from core.builds.running.border import DamagedBorderError, number, read_object
from core.builds.tables import Build
from core.paths import UnsafeFolderError, refuse_links
from core.priority import at_usual_priority
from core.processes import COOKIE, supervisor_command
from core.starting import start_detached

_ALLOWED = (
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP",
    "TMP", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
    "SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "JAVA_HOME", "ANDROID_HOME",
    "ANDROID_SDK_ROOT", "GRADLE_USER_HOME", "CARGO_HOME", "RUSTUP_HOME", "GOPATH", "GOROOT",
    "NVM_DIR", "PYENV_ROOT", "CC", "CXX", "http_proxy", "https_proxy", "no_proxy",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SYSTEMROOT", "COMSPEC", "PATHEXT",
    "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMFILES",
    # Where the certificates lie that a computer trusts: of networks that look into TLS.
    "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT",
    "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO",
)  # fmt: skip

SPEC, CANCEL, IDENTITY = "spec.json", "cancel", "supervisor.json"
CANCEL_AGAIN = "cancel.again"
# What a folder is called while it is being deleted; nobody starts anything in there.
ENDED = ".ended"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_LARGEST_PID = 2**31 - 1
_LONGEST_MS = 2**53
_SAME_START_MS = 2_000

_log = logging.getLogger(__name__)


def build_environment(build: Build) -> dict[str, str]:
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
        "BUILDBENCH_NUMBER": str(build.number),
        **build.environment,
    }


def start(
    folder: Path,
    build: Build,
    secrets: Mapping[str, str],
    *,
    preliminary: Sequence[Mapping[str, object]] = (),
) -> subprocess.Popen[bytes]:
    """Start the supervisor of a build in its folder; blocks for some milliseconds.

    The folder is never made here: where it is gone, another process has given this start up.

    Args:
        preliminary: What is run before everything else, as ``supervisor.Step.of_program``
            takes it: kind, argv, and where wanted directory and environment.

    Raises:
        FileNotFoundError: The folder is gone.
        OSError: The process could not be made.
    """
    refuse_links(folder.parent.parent, folder.parent, folder)
    spec = {
        "uid": build.uid,
        "preliminary": list(preliminary),
        "before_steps": build.before_steps,
        "command": build.command,
        "after_steps": build.after_steps,
        "nice": build.nice,
        "directory": build.directory,
        "environment": build_environment(build),
        "umask": _UMASK,
        "timeout_s": build.timeout_s,
        "silence_s": build.silence_timeout_s,
        "grace_s": build.grace_s,
        "terminal": build.terminal,
        "leave_processes": build.leave_processes,
    }
    _create(folder / SPEC, json.dumps(spec).encode())
    handed_over = json.dumps({"secrets": dict(secrets)}).encode()
    environment = {**_supervisor_environment(), COOKIE: build.uid}
    return at_usual_priority(
        lambda: start_detached(
            supervisor_command(folder), stdin=handed_over, environment=environment
        )
    )


def make_folder(folder: Path) -> None:
    """Make the folder of a build that is about to be claimed, empty.

    Raises:
        OSError: It could not be made.
    """
    if os.path.lexists(folder):
        # Of a claim that was never committed.
        remove_folder(folder)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)


def remove_folder(folder: Path) -> None:
    """Delete the folder of a build, as far as possible.

    It is renamed before, in one step: a start that is late finds no folder, not half of one.

    Raises:
        UnsafeFolderError: It, or one above it, is a link.
    """
    refuse_links(folder.parent.parent, folder.parent, folder)
    ended = folder
    if folder.suffix != ENDED:
        ended = folder.with_name(f"{folder.name}.{os.urandom(4).hex()}{ENDED}")
        try:
            folder.rename(ended)
        except OSError:
            ended = folder
    try:
        shutil.rmtree(ended, ignore_errors=True)
    except RecursionError:
        _log.warning("The folder %s is too deep to be deleted", ended)


def request_cancel(folder: Path) -> None:
    """Ask the supervisor to end its build; a folder that is gone has nothing to end.

    A failure is logged: the leader asks again, every few seconds.
    """
    try:
        mark_abandoned(folder)
    except FileNotFoundError:
        return
    except (OSError, UnsafeFolderError) as error:
        _log.warning("Build %s could not be asked to end: %s", folder.name, error)


def request_end(folder: Path) -> None:
    """Ask the supervisor of a cancelled build to end the steps after the command as well.

    A failure is logged: they have a limit of their own.
    """
    try:
        refuse_links(folder.parent.parent, folder.parent, folder)
        _create(folder / CANCEL_AGAIN, b"")
    except (FileNotFoundError, FileExistsError):
        return
    except (OSError, UnsafeFolderError) as error:
        _log.warning("Build %s could not be asked to end again: %s", folder.name, error)


def mark_abandoned(folder: Path) -> None:
    """Keep a supervisor that is late to start from running its command.

    Raises:
        FileNotFoundError: The folder is gone.
        OSError: There is no room.
    """
    refuse_links(folder.parent.parent, folder.parent, folder)
    # Its appearance is all that counts, also where it is something else than a file.
    with contextlib.suppress(FileExistsError):
        _create(folder / CANCEL, b"")


def abandon(folder: Path) -> int:
    """End what a dead supervisor left; return how many processes there were.

    Without a folder nothing was started from here: in the copy of a workspace the
    processes with this cookie are those of the original.

    Raises:
        OSError: There is no room to keep a late supervisor from starting.
    """
    try:
        mark_abandoned(folder)
    except FileNotFoundError:
        return 0
    return sweep(folder.name)


def living_supervisor(folder: Path) -> int | None:
    """Return the pid of the supervisor of this folder, None when it is dead or unknown."""
    try:
        identity = read_object(folder / IDENTITY) or {}
        pid = number(identity, "pid", 1, _LARGEST_PID)
        ticks = number(identity, "start_ticks", 0, 2**63)
        started_ms = number(identity, "started_ms", 0, _LONGEST_MS)
    except DamagedBorderError:
        return None
    if pid is None or identity.get("boot_id") not in (None, _boot_id()):
        return None
    if ticks is not None:
        return pid if _start_ticks(pid) == ticks else None
    return pid if _started_at(pid, started_ms) else None


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

    @property
    def own(self) -> bool:
        """Whether this process started the supervisor, and so knows when it has ended."""
        return self._process is not None

    def alive(self) -> bool:
        """Tell whether the supervisor may still write."""
        if self._process is not None:
            return self._process.poll() is None
        return living_supervisor(self._folder) is not None

    async def wait(self, seconds: float) -> None:
        """Wait this long, or less when the supervisor ends before."""
        if self._ended.is_set():
            await asyncio.sleep(seconds)
            return
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


def _supervisor_environment() -> dict[str, str]:
    wanted = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL")
    return {name: os.environ[name] for name in wanted if name in os.environ}


def _create(path: Path, content: bytes) -> None:
    """Write a new file that this person alone can read, through no link."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


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


def _started_at(pid: int, started_ms: int | None) -> bool:
    """Tell whether a process is alive and began then: where there is no /proc to tell."""
    try:
        process = psutil.Process(pid)
        began = process.create_time() * 1000
        if started_ms is None or process.status() == psutil.STATUS_ZOMBIE:
            return False
    except (psutil.Error, OSError):
        return False
    return abs(began - started_ms) <= _SAME_START_MS


def _umask() -> int:
    """Return the file mask of this process."""
    with contextlib.suppress(OSError, ValueError):
        status = Path("/proc/self/status").read_text("ascii", "replace")
        return int(status.partition("\nUmask:")[2].split("\n", 1)[0], 8)
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


# Asked once: elsewhere than on Linux that changes it, for all threads, for a moment.
_UMASK = _umask()


def _carries(process: psutil.Process, uid: str) -> bool:
    try:
        return bool(process.environ().get(COOKIE) == uid)
    except (psutil.Error, OSError):
        return False
