"""A disk that is soon full."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

MIB = 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of 64 MiB.

    Ask for it before the core, which then closes what it has there before the disk is gone.
    """
    folder = tmp_path / "small disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"needs the right to mount: {error}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def free_bytes(folder: Path) -> int:
    """Return how much room is left for everybody."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


def fill(folder: Path, *, but: int) -> Path:
    """Fill the disk but for some bytes, and return the file that takes the room."""
    filler = folder / "filler"
    with filler.open("wb") as file:
        while (more := free_bytes(folder) - but) > 0:
            file.write(bytes(min(more, MIB)))
            file.flush()
    return filler
