"""What is written for one person alone: whole, and read by nobody else."""

import os
import stat
from pathlib import Path

import pytest

from core.errors import AppError
from desktop.sign_in.own_file import write_for_oneself


def _names(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


@pytest.mark.skipif(os.name == "nt", reason="permissions are those of POSIX")
@pytest.mark.parametrize("before", [None, 0o644])
async def test_only_the_owner_reads_it(tmp_path: Path, before: int | None) -> None:
    """Mutant that fails: the permissions not set, so that those of the umask or file stay."""
    path = tmp_path / "codes.txt"
    if before is not None:
        path.write_text("earlier codes, longer than the new ones")
        path.chmod(before)
    umask = os.umask(0o022)
    try:
        await write_for_oneself(path, "ABCD é\n")
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == "ABCD é\n".encode()
    assert _names(tmp_path) == ["codes.txt"]


async def test_where_it_cannot_be_written_that_is_told(tmp_path: Path) -> None:
    """A folder stands in its place, or its folder is missing. Mutant: the answer not heeded."""
    (tmp_path / "codes.txt").mkdir()
    for path in (tmp_path / "codes.txt", tmp_path / "missing" / "codes.txt"):
        with pytest.raises(AppError) as told:
            await write_for_oneself(path, "ABCD")
        assert told.value.detail
    assert _names(tmp_path) == ["codes.txt"]
