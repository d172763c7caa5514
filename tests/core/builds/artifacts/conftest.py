"""A folder that a build left, and the collecting of it."""

import contextlib
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from core.builds.artifacts.collecting import Collection, collect
from core.builds.artifacts.limits import Limits
from core.paths import WorkspaceFolders

# A small reserve: tests may run where there is little room.
LIMITS = Limits(reserve_bytes=0)


class Left:
    """What a build left in its folder ``work``, beside the workspace."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.work = root / "work"
        self.work.mkdir()
        self.folders = WorkspaceFolders(root / "w.db")
        self.folders.create()
        self.uid = str(uuid.uuid4())

    def write(self, path: str, content: bytes = b"made") -> Path:
        """Make a file in the folder of the build."""
        file = self.work / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return file

    def collect(
        self,
        *patterns: str,
        limits: Limits = LIMITS,
        stopped: Callable[[], bool] = lambda: False,
        directory: Path | None = None,
    ) -> Collection:
        """Collect what matches."""
        return collect(
            self.folders,
            build_uid=self.uid,
            directory=directory or self.work,
            patterns=patterns,
            stopped=stopped,
            limits=limits,
        )

    def paths(self, *patterns: str) -> list[str]:
        """Return the paths of what is collected, and throw the copies away."""
        found = self.collect(*patterns)
        paths = [kept.path for kept in found.kept]
        found.discard()
        return paths

    def copies(self) -> list[Path]:
        """Return all files among the artifacts."""
        return [path for path in self.folders.artifacts.rglob("*") if not path.is_dir()]


def open_descriptors() -> set[str]:
    """Return where the descriptors of this process lead."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.add(f"{entry.name} {entry.readlink()}")
    return found


@pytest.fixture
def left(tmp_path: Path) -> Left:
    """Give an empty folder of a build."""
    return Left(tmp_path)
