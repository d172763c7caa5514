"""Starts child processes: those of builds, which outlive this one, and those talked to.

What is started is in ``core.processes``, which a child imports as well, and starts sooner
without what starts others.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO


class _Detached(subprocess.Popen[bytes]):
    """A process that may outlive this one: to leave it running is no leak to warn of."""

    def __del__(self) -> None:
        """Say nothing; whoever has ended was asked for by ``poll``."""


# Held so that those that ended are asked for their exit codes, and leave no zombies.
_detached: list[_Detached] = []


def start_detached(
    command: Sequence[str], *, stdin: bytes, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a process that outlives this one, hand it its standard input, and return it.

    Raises:
        OSError: It could not be started.
    """
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
    process = _Detached(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=dict(environment),
        start_new_session=True,
        close_fds=True,
        creationflags=flags,
    )
    _detached[:] = [child for child in _detached if child.poll() is None]
    _detached.append(process)
    assert process.stdin is not None
    try:
        process.stdin.write(stdin)
        process.stdin.close()
    except BrokenPipeError:
        process.kill()
        process.wait()
        raise
    return process


def start_asked(command: Sequence[str], question: bytes) -> subprocess.Popen[bytes]:
    """Start a process that is asked on its standard input and answers on its output.

    Raises:
        OSError: It could not be started.
    """
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(question)
        child.stdin.close()
    child.stdin = None
    return child


def start_talking(command: Sequence[str], *, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a child that is talked to by its standard input and output, and return it.

    It is in no group with this process, so that Ctrl+C on a terminal reaches this one alone:
    a child ends when its standard input does.

    Args:
        errors: Takes what it writes about its own faults.

    Raises:
        OSError: It could not be started.
    """
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW
    environment = dict(os.environ)
    if not getattr(sys, "frozen", False):
        environment["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=environment,
        start_new_session=True,
        creationflags=flags,
    )
