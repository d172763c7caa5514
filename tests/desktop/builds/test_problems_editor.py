"""The file that a build complained of is opened in the editor, and nothing else."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from core.errors import AppError, NotFoundError
from desktop.builds.panes.problems_editor import Place, arguments, detected, find, open_place


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "a b.c").write_text("int x;\n")
    (tmp_path / "secret").write_text("s\n")
    return folder


def test_a_relative_path_counts_from_the_folder_of_the_build(folder: Path) -> None:
    place = find(str(folder), "src/a b.c", 12, None)
    assert place == Place(folder.resolve() / "src" / "a b.c", 12, 1, inside=True)
    assert find(str(folder), str(folder / "src" / "a b.c"), None, 3).column == 3


@pytest.mark.parametrize("file", ["../secret", "src/../../secret", "link"])
def test_what_lies_elsewhere_is_told_however_it_is_written(folder: Path, file: str) -> None:
    """Failed by a path that was compared before its links were followed."""
    (folder / "link").symlink_to(folder.parent / "secret")
    place = find(str(folder), file, 1, 1)
    assert place.file == (folder.parent / "secret").resolve()
    assert not place.inside


@pytest.mark.parametrize("file", ["gone.c", "src", "fifo", "a\0b", "loop", "x" * 5_000])
def test_what_is_no_file_is_refused_and_nothing_waits(folder: Path, file: str) -> None:
    os.mkfifo(folder / "fifo")
    (folder / "loop").symlink_to(folder / "loop")
    with pytest.raises(NotFoundError) as caught:
        find(str(folder), file, 1, 1)
    assert "Errno" not in caught.value.as_text()
    assert caught.value.hint


def test_a_folder_that_is_gone_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="folder of this build is gone") as caught:
        find(str(tmp_path / "gone"), "a.c", 1, 1)
    assert caught.value.hint


def test_placeholders_are_filled_after_words_are_parted() -> None:
    place = Place(Path("/w/a; rm -rf {line} $(x) b.c"), 4, 2, inside=True)
    assert arguments('"my editor" --goto {file}:{line}:{column}', place) == [
        "my editor",
        "--goto",
        "/w/a; rm -rf {line} $(x) b.c:4:2",
    ]
    assert arguments("vi +{line}", place)[1:] == ["+4", str(place.file)]
    assert arguments("", place) == []


def test_the_editor_gets_its_words_without_any_shell(folder: Path, tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    os.mkfifo(noted)
    script = tmp_path / "editor.py"
    script.write_text("import sys\nopen(sys.argv[1], 'w').write(repr(sys.argv[2:]))\n")
    place = find(str(folder), "src/a b.c", 7, 3)
    command = f'"{sys.executable}" "{script}" "{noted}" {{file}} {{line}}'
    open_place(arguments(command, place), place)
    assert noted.read_text() == repr([str(place.file), "7"])


def test_an_editor_that_is_not_there_is_told(folder: Path) -> None:
    place = find(str(folder), "src/a b.c", 7, 3)
    with pytest.raises(AppError, match="not found"):
        open_place(arguments("no-such-editor-here {file}", place), place)


def test_the_first_known_editor_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert detected() == ""
    for name in ("gedit", "kate"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    assert detected().startswith("kate ")


def test_without_an_editor_only_texts_are_handed_to_the_desktop(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed by a script, a shortcut and a program that the desktop would have run."""
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "evil.desktop").write_text("[Desktop Entry]\nExec=x\n")
    (folder / "marked.txt").write_text("x\n")
    (folder / "marked.txt").chmod(0o755)
    (folder / "blob").write_bytes(b"\x7fELF\0\0")
    for name in ("run.sh", "evil.desktop", "marked.txt", "blob"):
        with pytest.raises(AppError, match="could run it"):
            open_place([], find(str(folder), name, 1, 1))
    assert opened == []
    open_place([], find(str(folder), "src/a b.c", 1, 1))
    assert opened == [str(folder.resolve() / "src" / "a b.c")]


def test_a_batch_file_gets_no_signs_that_its_shell_would_take(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = tmp_path / "code.cmd"
    batch.write_text("")
    monkeypatch.setattr(shutil, "which", lambda _name: str(batch))
    (folder / "a&calc.c").write_text("x\n")
    place = find(str(folder), "a&calc.c", 1, 1)
    with pytest.raises(AppError, match="batch"):
        open_place(arguments("code {file}", place), place)
