"""Child processes: started here, and here alone, also in the frozen application.

A child is the program itself with a role as first argument, ``python -m core.processes
ROLE …`` in development. The supervisor of a build, and what checks its sources out, are the
exceptions: they must start within some forty milliseconds, so they are run as bare scripts,
and are executables of their own in the package.
"""

import contextlib
import importlib
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

# Role to the module whose ``main(argv)`` plays it; nothing is imported before it is asked.
ROLES: Mapping[str, str] = {
    "supervisor": "core.builds.running.supervisor",
    "reset-admin": "core.workspaces.reset_admin",
    "run": "core.builds.terminal.run",
    "backup": "core.performance.terminal.backup",
    "check": "core.performance.terminal.check",
    "maintenance": "core.performance.child.main",
    "benchmark": "core.performance.benchmarks.child",
}

COOKIE = "BUILDBENCH_BUILD"


class _Detached(subprocess.Popen[bytes]):
    """A process that may outlive this one: to leave it running is no leak to warn of."""

    def __del__(self) -> None:
        """Say nothing; whoever has ended was asked for by ``poll``."""


# Held so that those that ended are asked for their exit codes, and leave no zombies.
_detached: list[_Detached] = []


def run_role(argv: Sequence[str]) -> int:
    """Play the role ``argv[0]`` with the remaining arguments; return the exit code."""
    module = importlib.import_module(ROLES[argv[0]])
    code: int = module.main(list(argv[1:]))
    return code


def role_command(role: str) -> list[str]:
    """Return the command line of this program in the role of a child."""
    if getattr(sys, "frozen", False):
        return [sys.executable, role]
    # Not from the current folder, which may be anybody's: see ``start_talking``.
    return [sys.executable, "-P", "-m", "core.processes", role]


def supervisor_command(folder: Path) -> list[str]:
    """Return the command line of a supervisor for this folder."""
    return _bare("supervisor", str(folder))


def checkout_command(*arguments: str) -> list[str]:
    """Return the command line that checks a commit out, or asks a repository for one."""
    return _bare("checkout", *arguments)


def _bare(name: str, *arguments: str) -> list[str]:
    """Return the command line of a script that stands alone."""
    if getattr(sys, "frozen", False):
        suffix = ".exe" if os.name == "nt" else ""
        executable = Path(sys.executable).with_name(f"buildbench-{name}{suffix}")
        return [str(executable), *arguments]
    script = Path(__file__).parent / "builds" / "running" / f"{name}.py"
    return [sys.executable, "-I", "-S", str(_compiled(script)), *arguments]


def _compiled(script: Path) -> Path:
    """Return the cached bytecode of a script: Python compiles a script anew at each start.

    Where no cache can be written the script itself is returned.
    """
    import importlib.util  # not for a child, which starts sooner without
    import py_compile

    cached = Path(importlib.util.cache_from_source(str(script)))
    try:
        if _is_of(cached, script):
            return cached
        cached.parent.mkdir(parents=True, exist_ok=True)
        py_compile.compile(
            str(script),
            str(cached),
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP,
        )
    except OSError:
        return script
    return cached


def _is_of(cached: Path, script: Path) -> bool:
    """Tell whether bytecode is that of a source: by its head, as importlib does (PEP 552)."""
    import importlib.util
    import struct

    source = script.stat()
    try:
        with cached.open("rb") as file:
            head = file.read(16)
    except FileNotFoundError:
        return False
    flags, whole = 0, 0xFFFF_FFFF
    expected = (flags, int(source.st_mtime) & whole, source.st_size & whole)
    return head == importlib.util.MAGIC_NUMBER + struct.pack("<III", *expected)


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


if __name__ == "__main__":
    sys.exit(run_role(sys.argv[1:]))
