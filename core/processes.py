"""Child processes: started here, and here alone, also in the frozen application.

A child is the program itself with a role as first argument, ``python -m core.processes
ROLE …`` in development. The supervisor of a build is the exception: it must start within
some forty milliseconds, so it is run as a bare script, and is an executable of its own in
the package.
"""

import importlib
import importlib.util
import os
import py_compile
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

# Role to the module whose ``main(argv)`` plays it; nothing is imported before it is asked.
ROLES: Mapping[str, str] = {
    "supervisor": "core.builds.running.supervisor",
    "reset-admin": "core.workspaces.reset_admin",
}

COOKIE = "BUILDBENCH_BUILD"

# Held so that those that ended are asked for their exit codes, and leave no zombies.
_detached: list[subprocess.Popen[bytes]] = []


def run_role(argv: Sequence[str]) -> int:
    """Play the role ``argv[0]`` with the remaining arguments; return the exit code."""
    module = importlib.import_module(ROLES[argv[0]])
    code: int = module.main(list(argv[1:]))
    return code


def supervisor_command(folder: Path) -> list[str]:
    """Return the command line of a supervisor for this folder."""
    if getattr(sys, "frozen", False):
        suffix = ".exe" if os.name == "nt" else ""
        executable = Path(sys.executable).with_name(f"buildbench-supervisor{suffix}")
        return [str(executable), str(folder)]
    script = Path(__file__).parent / "builds" / "running" / "supervisor.py"
    return [sys.executable, "-I", "-S", str(_compiled(script)), str(folder)]


def _compiled(script: Path) -> Path:
    """Return the cached bytecode of a script: Python compiles a script anew at each start.

    Where no cache can be written the script itself is returned.
    """
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
    process = subprocess.Popen(
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


if __name__ == "__main__":
    sys.exit(run_role(sys.argv[1:]))
