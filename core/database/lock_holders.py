"""Which other processes hold a lock on a file, where the system tells."""

import os
from pathlib import Path

import psutil

_PROC_LOCKS = Path("/proc/locks")


def processes_locking(database: Path) -> list[str]:
    """Return "name (pid)" of each other process that keeps a database from being written.

    Whoever only has it open holds a lock for reading and is not named. Linux tells the locks
    in ``/proc/locks``; elsewhere the list is empty.
    """
    return sorted(described(pid) for pid in pids_locking(database))


def pids_locking(database: Path) -> set[int]:
    """Return the ids of the processes that ``processes_locking`` names."""
    try:
        lines = _PROC_LOCKS.read_text("ascii").splitlines()
    except OSError:
        return set()
    files = set()
    for suffix in ("", "-shm"):
        try:
            status = database.with_name(database.name + suffix).stat()
        except OSError:
            continue
        device = status.st_dev
        files.add(f"{os.major(device):02x}:{os.minor(device):02x}:{status.st_ino}")
    pids = {pid for pid, file in map(_writer, lines) if file in files}
    return pids - {os.getpid(), 0, -1}


def is_child_of(pid: int, parent: int) -> bool:
    """Tell whether a process was started by another one."""
    try:
        return psutil.Process(pid).ppid() == parent
    except psutil.Error:
        return False


def _writer(line: str) -> tuple[int, str]:
    """Return the process with a lock for writing, and the file that it locks."""
    # "1: POSIX  ADVISORY  WRITE 4242 fe:00:131 1073741826 1073742335"
    fields = line.replace("->", "").split()
    try:
        return (int(fields[4]), fields[5]) if fields[3] == "WRITE" else (0, "")
    except (IndexError, ValueError):
        return 0, ""


def described(pid: int) -> str:
    """Return "name (pid)" of a process, its number alone where it is gone."""
    try:
        return f"{psutil.Process(pid).name()} ({pid})"
    except psutil.Error:
        return str(pid)
