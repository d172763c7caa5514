"""A file that is moved, deleted or replaced while it is open: SQLite alone goes on with it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.database.presence import Presence
from core.errors import FileGoneError
from core.workspaces.service import WorkspaceService
from tests.core.running import Bench

pytestmark = pytest.mark.expected_log("is gone", "was replaced", "Cannot lead")


def _replace(path: Path) -> None:
    copy = path.with_name("copy.db")
    shutil.copyfile(path, copy)
    copy.replace(path)


_WAYS: dict[str, Callable[[Path], object]] = {
    "moved": lambda path: path.rename(path.with_name("elsewhere.db")),
    "deleted": Path.unlink,
    "with its folder": lambda path: path.parent.rename(path.parent.with_name("other")),
    "replaced": _replace,
}


@pytest.mark.parametrize("way", _WAYS)
async def test_nothing_is_saved_into_a_file_that_is_gone(
    bench: Bench, tmp_path: Path, way: str
) -> None:
    """Without the check the project was there, and lost once the workspace was closed."""
    folder = tmp_path / "disk"
    folder.mkdir()
    service: WorkspaceService = bench.core.workspaces
    workspace = await service.create(folder / "w.db", open_here=True)
    bench.workspace = workspace
    _WAYS[way](workspace.info.path)
    for call in (bench.project(), bench.workspace.projects.list_all(bench.actor)):
        with pytest.raises(FileGoneError) as caught:
            await call
        assert caught.value.hint
        assert str(workspace.info.path) in caught.value.as_text()
    with pytest.raises(FileGoneError):
        await workspace.status()
    await service.close(workspace)


async def test_a_file_that_is_put_back_is_as_it_was(bench: Bench) -> None:
    await bench.project()
    path = bench.workspace.info.path
    path.rename(path.with_name("elsewhere.db"))
    with pytest.raises(FileGoneError):
        await bench.project()
    path.with_name("elsewhere.db").rename(path)
    await bench.project()
    assert len(await bench.workspace.projects.list_all(bench.actor)) == 2
    assert (await bench.workspace.status()).database_bytes


def test_a_disk_that_numbers_its_files_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT does; when a file was made tells then. What cannot be asked counts as there."""
    path = tmp_path / "x"
    path.touch()
    presence = Presence(path)
    presence.check()
    copy = tmp_path / "y"
    copy.touch()
    copy.replace(path)
    for born in (presence._born + 1, 0):  # later, and where nobody knows
        monkeypatch.setattr("core.database.presence.born_ns", lambda _path, born=born: born)
        with pytest.raises(FileGoneError, match="replaced"):
            presence.check()
    monkeypatch.setattr("core.database.presence.born_ns", lambda _path: presence._born)
    presence.check()
    monkeypatch.setattr(os, "stat", _refusing)
    presence.check()


def _refusing(*_args: object, **_kwargs: object) -> os.stat_result:
    raise PermissionError(13, "no")
