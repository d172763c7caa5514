"""Temporary folders go with their process, also with one that was killed."""

import errno
import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.scratch import ScratchFolder, sweep

_OLD = 1_000_000_000
_OWNER = """
import sys
from core.scratch import ScratchFolder
folder = ScratchFolder("buildbench-dead-")
(folder.path / "sealed").write_text("a copy")
(folder.path / "sealed").chmod(0o400)
print(folder.path, flush=True)
sys.stdin.read()
"""


def of_another(place: Path) -> tuple[subprocess.Popen[str], Path]:
    """Return another process, and the folder that it made."""
    owner = subprocess.Popen(
        [sys.executable, "-c", _OWNER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(place)},
    )
    assert owner.stdout is not None
    return owner, Path(owner.stdout.readline().rstrip())


def made_long_ago(folder: Path) -> None:
    (lock,) = folder.glob("*.lock")
    os.utime(lock, (_OLD, _OLD))


def test_what_the_dead_left_is_swept_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing where the lock is not looked at: the folder of a living one went."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    theirs = tmp_path / "buildbench-notes"
    theirs.mkdir()
    owner, dead = of_another(tmp_path)
    mine = ScratchFolder("buildbench-mine-")
    (tmp_path / "buildbench-link").symlink_to(mine.path)
    made_long_ago(mine.path)
    with owner:
        assert (sweep(), dead.exists()) == (0, True)  # it is alive, and new
        made_long_ago(dead)
        assert (sweep(), dead.exists()) == (0, True)
        owner.kill()
    assert (sweep(), dead.exists()) == (1, False)
    assert theirs.exists()
    assert mine.path.stat().st_mode & 0o077 == 0
    path = mine.path
    del mine
    gc.collect()
    assert not path.exists()


def test_a_lock_that_was_only_just_made_is_left_alone(tmp_path: Path) -> None:
    """Its owner may not have taken it yet. Seen failing without the minute."""
    folder = ScratchFolder("buildbench-new-", tmp_path)
    (lock,) = folder.path.glob("*.lock")
    # Nobody holds this one.
    lock.unlink()
    lock.touch()
    assert sweep(parent=tmp_path) == 0
    made_long_ago(folder.path)
    assert sweep(parent=tmp_path) == 1


def test_a_disk_without_locks_has_folders_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one of a network; nobody can tell who is dead there. Seen failing: it raised."""

    def refused(_descriptor: int) -> bool:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("core.file_lock._taken", refused)
    with ScratchFolder("buildbench-far-", tmp_path) as folder:
        assert list(folder.path.iterdir()) == []
        monkeypatch.undo()
        assert sweep(parent=tmp_path) == 0
    assert not folder.path.exists()
