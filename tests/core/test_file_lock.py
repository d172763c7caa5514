"""Locks on files: in a folder that somebody else made."""

import os
from pathlib import Path

import pytest

from core.file_lock import FileLockedError, locked


@pytest.mark.skipif(os.name != "posix", reason="a folder can be sent with links elsewhere")
def test_a_link_in_the_place_of_a_lock_is_not_followed(tmp_path: Path) -> None:
    """Failed by making, or opening for writing, whatever file the link named."""
    for target in (tmp_path / "autostart", tmp_path / "there"):
        lock = tmp_path / "locks" / f"{target.name}.lock"
        lock.parent.mkdir(exist_ok=True)
        lock.symlink_to(target)
        if target.name == "there":
            target.write_text("kept")
        with pytest.raises(OSError, match=r"symbolic|loop"), locked(lock, wait_s=0):
            pass
    assert not (tmp_path / "autostart").exists()


def test_a_lock_keeps_out_the_own_thread_and_is_free_afterwards(tmp_path: Path) -> None:
    lock = tmp_path / "locks" / "one.lock"
    for _time in range(2):
        with locked(lock, wait_s=0):  # noqa: SIM117
            with pytest.raises(FileLockedError), locked(lock, wait_s=0):
                pass
