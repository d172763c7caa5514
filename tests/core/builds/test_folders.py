"""The folder of a build: named by a UUID and nothing else, and never behind a link."""

import uuid
from pathlib import Path

import pytest

from core.paths import UnsafeFolderError, WorkspaceFolders

_UID = "b43dea01-c4cc-42fa-94f0-acb55a1e74ba"


@pytest.fixture
def folders(tmp_path: Path) -> WorkspaceFolders:
    found = WorkspaceFolders(tmp_path / "x.db")
    found.create()
    return found


def test_canonical_uuid(folders: WorkspaceFolders) -> None:
    uid = str(uuid.uuid4())
    assert folders.build(uid) == folders.builds / uid


@pytest.mark.parametrize(
    "uid",
    [
        "", ".", "..", "/", "/etc", "../../x", "a" * 300, "a\0b",
        _UID.upper(), _UID.replace("-", ""), f"{{{_UID}}}", f"{_UID}\n", f"{_UID}/..",
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_words(folders: WorkspaceFolders, uid: str) -> None:
    """Failed while a uid of the database was a path: absolute and ``..`` led anywhere."""
    with pytest.raises(UnsafeFolderError, match="no folder") as caught:
        folders.build(uid)
    assert caught.value.hint


@pytest.mark.parametrize("level", [0, 1, 2])
def test_links_are_refused(folders: WorkspaceFolders, tmp_path: Path, level: int) -> None:
    """Failed while links were followed: the folder of the supervisor was then anywhere."""
    folder = folders.build(str(uuid.uuid4()))
    folder.mkdir()
    linked = (folder, *folder.parents)[level]
    linked.rename(tmp_path / "elsewhere")
    linked.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafeFolderError, match="link"):
        folders.build(folder.name)
    if level:
        with pytest.raises(UnsafeFolderError, match="link"):
            folders.create()
