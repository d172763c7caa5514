"""Which other processes hold a lock on a file, where the system tells."""

import os
from pathlib import Path

import psutil

_PROC_LOCKS = Path("/proc/locks")


def processes_locking(database: Path) -> list[str]:
    """Return "name (pid)" of each other process with a lock on a database or its WAL index.

    Linux tells them in ``/proc/locks``; elsewhere the list is empty.
    """
    try:
        lines = _PROC_LOCKS.read_text("ascii").splitlines()
    except OSError:
        return []
    inodes = set()
    for suffix in ("", "-shm"):
        try:
            inodes.add(database.with_name(database.name + suffix).stat().st_ino)
        except OSError:
            continue
    pids = {pid for pid, inode in map(_parse, lines) if inode in inodes}
    return sorted(_describe(pid) for pid in pids - {os.getpid(), 0, -1})


def _parse(line: str) -> tuple[int, int]:
    # "1: POSIX  ADVISORY  WRITE 4242 fe:00:131 1073741826 1073742335"
    fields = line.replace("->", "").split()
    try:
        return int(fields[4]), int(fields[5].rsplit(":", 1)[1])
    except (IndexError, ValueError):
        return 0, 0


def _describe(pid: int) -> str:
    try:
        return f"{psutil.Process(pid).name()} ({pid})"
    except psutil.Error:
        return str(pid)
