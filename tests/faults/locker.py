"""Another process that keeps a database locked."""

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_LOCK = """
import sys
sys.path.insert(0, {root!r})
import core, sqlite3
connection = sqlite3.connect({path!r}, isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


class Locker:
    """Another process that keeps a database locked until it is told to end."""

    def __init__(self, path: Path) -> None:
        script = _LOCK.format(root=str(_ROOT), path=str(path))
        self.process = subprocess.Popen(
            [sys.executable, "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "locked\n"

    @property
    def locks(self) -> bool:
        """Whether it still has the lock."""
        return self.process.poll() is None

    def end(self) -> None:
        """Let it go, and wait until it has."""
        self.process.communicate()
