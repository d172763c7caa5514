"""Who holds a lease: named so that others can tell whether that process still lives."""

import os
import socket
from pathlib import Path

import psutil


def own_name() -> str:
    """Return a name for a holder in this process; each has its own."""
    return f"{_place()}:{os.getpid()}:{os.urandom(4).hex()}"


def is_dead(holder: str) -> bool:
    """Tell whether a holder was a process of this machine that lives no more."""
    place, _colon, rest = holder.partition(":")
    pid = rest.partition(":")[0]
    return place == _place() and pid.isdigit() and not psutil.pid_exists(int(pid))


def _place() -> str:
    """Return where process ids mean the same: this machine, and here this container."""
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        namespace = ""
    return f"{socket.gethostname()}/{''.join(filter(str.isdigit, namespace))}"
