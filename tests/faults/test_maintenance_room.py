"""A disk that is full in VACUUM: clear words, nothing left behind, and it goes on with room."""

import shutil
from pathlib import Path

import pytest

from core.app import Core
from core.errors import DiskFullError
from core.performance.child.client import run_child
from core.performance.maintenance.schemas import RunState, Task
from core.progress import Progress
from core.security.actors import Actor
from tests.core.performance.files import content, make_plain
from tests.faults.disks import MIB, fill


def _names(folder: Path) -> set[str]:
    names = {file.name for file in folder.iterdir()}
    return {name for name in names if not name.endswith(("-shm", "-wal"))}


@pytest.mark.parametrize("journal", ["wal", "delete"])
@pytest.mark.parametrize("beside", [False, True])
async def test_vacuum_on_a_full_disk(
    small_disk: Path, tmp_path: Path, journal: str, beside: bool
) -> None:
    """Seen failing when it is told as any other error of SQLite.

    The room ends while the copy is built, or while it is copied back.
    """
    path = make_plain(small_disk / "theirs.db", rows=10_000, journal=journal)
    before, names = content(path), _names(small_disk)
    temporary = tmp_path if beside else small_disk
    filler = fill(small_disk, but=2 * MIB)
    with pytest.raises(DiskFullError) as caught:
        await run_child("vacuum", path=path, temporary=str(temporary))
    assert "room" in caught.value.title
    assert str(small_disk) in caught.value.hint
    assert _names(small_disk) == names | {"filler"}
    assert content(path) == before
    filler.unlink()
    await run_child("vacuum", path=path, temporary=str(temporary))
    assert _names(small_disk) == names
    assert content(path) == before


async def test_a_full_disk_is_recorded_and_maintenance_goes_on(
    small_disk: Path, core: Core, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing with a lock that stays after the failure."""
    path = make_plain(small_disk / "theirs.db", rows=10_000)
    before = content(path)
    workspace = await core.workspaces.open(path)
    service = workspace.performance.maintenance
    filler = fill(small_disk, but=2 * MIB)
    # The room that the forecast saw was taken by somebody else meanwhile.
    room = shutil.disk_usage(small_disk)._replace(free=10**12)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(shutil, "disk_usage", lambda _folder: room)
        with pytest.raises(DiskFullError):
            await service.run(actor, task=Task.VACUUM, progress=Progress(lambda: None))
    (row,) = await service.runs(actor)
    assert row.state is RunState.FAILED
    assert "room" in row.message
    filler.unlink()
    row = await service.run(actor, task=Task.VACUUM, progress=Progress(lambda: None))
    assert row.state is RunState.SUCCEEDED
    await core.workspaces.close(workspace)
    assert content(path) == before


@pytest.mark.parametrize("journal", ["wal", "delete"])
async def test_what_the_forecast_asks_for_is_enough(
    small_disk: Path, core: Core, actor: Actor, monkeypatch: pytest.MonkeyPatch, journal: str
) -> None:
    """Seen failing with a forecast of the copy alone: the disk was full while copying back."""
    monkeypatch.setenv("SQLITE_TMPDIR", str(small_disk))
    path = make_plain(small_disk / "theirs.db", rows=20_000, journal=journal)
    before = content(path)
    workspace = await core.workspaces.open(path)
    service = workspace.performance.maintenance
    forecast = await service.forecast(actor)
    filler = fill(small_disk, but=forecast.needed_bytes + 64 * 1024)
    row = await service.run(actor, task=Task.VACUUM, progress=Progress(lambda: None))
    assert row.state is RunState.SUCCEEDED
    assert row.before is not None
    assert row.after is not None
    # What is free inside pages comes on top.
    assert row.before.file_bytes - row.after.file_bytes >= forecast.gain_bytes
    # Nor does it ask for much more than both copies.
    assert forecast.needed_bytes < 2.2 * row.before.file_bytes + 4 * MIB
    await core.workspaces.close(workspace)
    filler.unlink()
    assert content(path) == before
