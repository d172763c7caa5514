"""Child processes: their roles and command lines, also in the frozen application.

A child is the program itself with a role as first argument, ``python -m core.processes
ROLE …`` in development. The supervisor of a build, and what checks its sources out, are the
exceptions: they must start within some forty milliseconds, so they are run as bare scripts,
and are executables of their own in the package.
"""

import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

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


def run_role(argv: Sequence[str]) -> int:
    """Play the role ``argv[0]`` with the remaining arguments; return the exit code."""
    module = importlib.import_module(ROLES[argv[0]])
    code: int = module.main(list(argv[1:]))
    return code


def role_command(role: str) -> list[str]:
    """Return the command line of this program in the role of a child."""
    if getattr(sys, "frozen", False):
        return [sys.executable, role]
    # Not from the current folder, which may be anybody's: see ``starting.start_talking``.
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


if __name__ == "__main__":
    sys.exit(run_role(sys.argv[1:]))
