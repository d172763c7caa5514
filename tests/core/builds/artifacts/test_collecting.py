"""Collecting what a build left: only its own regular files, whole, and told honestly."""

import errno
import hashlib
import os
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from core.builds.artifacts import collecting, copying, places
from core.builds.artifacts.collecting import Halt, Skip
from core.builds.artifacts.limits import Limits
from core.builds.artifacts.words import log_lines, size
from tests.core.builds.artifacts.conftest import LIMITS, Left, open_descriptors


def test_files_are_copied_under_generated_names_for_their_owner_alone(left: Left) -> None:
    content = os.urandom(3_000_000)
    left.write("dist/app.bin", content)
    left.write("dist/notes.txt", b"")
    left.write("src/app.c")
    found = left.collect("dist/**")
    assert [(kept.path, kept.size) for kept in found.kept] == [
        ("dist/app.bin", 3_000_000),
        ("dist/notes.txt", 0),
    ]
    assert found.kept[0].sha256 == hashlib.sha256(content).hexdigest()
    copy = left.folders.artifact(left.uid, found.kept[0].uid)
    assert copy.read_bytes() == content
    assert copy.stat().st_mode & 0o777 == 0o600
    assert copy.parent.stat().st_mode & 0o777 == 0o700
    assert found.bytes == 3_000_000
    assert log_lines(found) == ["2 artifacts were kept (3.0 MB)."]


def test_links_pipes_sockets_and_git_are_not_kept(left: Left, tmp_path: Path) -> None:
    """Fails when links are followed (mutant: ``look`` follows them)."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"outside")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "inner").write_bytes(b"outside")
    left.write("out/real")
    os.link(left.work / "out/real", left.work / "out/hard")
    (left.work / "out/link").symlink_to(secret)
    (left.work / "out/folder").symlink_to(outside)
    (left.work / "out/loop").symlink_to("..")
    (left.work / "out/dangling").symlink_to("nowhere")
    os.mkfifo(left.work / "out/pipe")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(left.work / "out")
        try:
            server.bind("socket")
        finally:
            os.chdir(here)
        left.write("out/.git/config")
        left.write("out/sub/.GIT", b"gitdir: elsewhere")
        found = left.collect("**")
    assert [kept.path for kept in found.kept] == ["out/hard", "out/real"]
    assert found.skipped == {Skip.LINK: 4, Skip.SPECIAL: 2}
    assert log_lines(found)[1:] == [
        "4 symbolic links were skipped.",
        "2 pipes, sockets or devices were skipped.",
    ]


def test_a_folder_swapped_for_a_link_leads_nowhere(
    left: Left, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails when folders are entered by path or without O_NOFOLLOW (both seen)."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"outside")
    left.write("out/file")
    left.write("out2/file")
    real = places.DescriptorPlace.enter

    def swap(self: places.DescriptorPlace, name: str) -> places.DescriptorPlace:
        folder = left.work / name
        folder.rename(folder.with_name(f"{name}.moved"))
        folder.symlink_to(outside)
        return real(self, name)

    monkeypatch.setattr(places.DescriptorPlace, "enter", swap)
    found = left.collect("out/**", "out2/*")
    assert not found.kept
    assert found.skipped == {Skip.UNREADABLE: 2}


def test_a_file_swapped_for_a_link_or_a_pipe_is_not_read(
    left: Left, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails when files are opened without O_NOFOLLOW; hangs without O_NONBLOCK."""
    (tmp_path / "secret").write_bytes(b"outside")
    left.write("link")
    left.write("pipe")
    real = places.DescriptorPlace.open

    def swap(self: places.DescriptorPlace, name: str) -> int:
        (left.work / name).unlink()
        if name == "link":
            (left.work / name).symlink_to(tmp_path / "secret")
        else:
            os.mkfifo(left.work / name)
        return real(self, name)

    monkeypatch.setattr(places.DescriptorPlace, "open", swap)
    found = left.collect("*")
    assert not found.kept
    assert found.skipped == {Skip.UNREADABLE: 1, Skip.SPECIAL: 1}
    assert not left.copies()


@pytest.mark.parametrize("has_descriptors", [True, False])
def test_nothing_stays_open(
    left: Left, monkeypatch: pytest.MonkeyPatch, has_descriptors: bool
) -> None:
    """Also where the system has no descriptors of folders; fails when one is not closed."""
    monkeypatch.setattr(places, "HAS_DESCRIPTORS", has_descriptors)
    left.write("a/b/c/file")
    left.write("a/other")
    (left.work / "a/link").symlink_to("other")
    (left.work / "a/out").symlink_to(left.root)
    before = open_descriptors()
    assert left.paths("**") == ["a/b/c/file", "a/other"]
    assert left.collect("**", limits=Limits(files=1, reserve_bytes=0)).halt is Halt.FILES
    assert open_descriptors() == before


def test_hostile_names_are_told_apart_and_shown_honestly(left: Left) -> None:
    """Fails when two names are stored as one, or a mark that reorders text is shown as such."""
    raw = os.fsencode(left.work)
    names = [b"new\nline", b"\xff\xfe", b"\\xff\\xfe", b"a\xe2\x80\xaegpj.exe", b"x" * 255,
             "ünïcödé 👩‍👩‍👧".encode(), b"-rf", b"  ", b"'; --", b"tab\there"]  # fmt: skip
    for name in names:
        with open(raw + b"/" + name, "wb") as file:  # noqa: PTH123  # bytes, no text
            file.write(name)
    found = left.collect("*")
    stored = {kept.path: kept for kept in found.kept}
    assert len(stored) == len(names)
    assert {"\\xff\\xfe", "\\\\xff\\\\xfe", "new\nline", "ünïcödé 👩‍👩‍👧"} <= set(stored)
    by_hash = {hashlib.sha256(name).hexdigest() for name in names}
    assert {kept.sha256 for kept in found.kept} == by_hash
    assert all(path.encode("utf-8") for path in stored)


def test_very_deep_folders_and_long_paths_are_skipped_and_told(left: Left) -> None:
    """Fails with a RecursionError, or by too many open folders, without its limit."""
    folder = os.open(left.work, os.O_RDONLY)
    for _level in range(200):
        os.mkdir("d" * 100, dir_fd=folder)
        inner = os.open("d" * 100, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
    left.write("top")
    found = left.collect("**")
    assert [kept.path for kept in found.kept] == ["top"]
    assert found.skipped == {Skip.DEEP: 1}
    found = left.collect("**", limits=Limits(path=2, reserve_bytes=0))
    assert found.skipped == {Skip.LONG_PATH: 1, Skip.DEEP: 1}


def test_the_artifacts_themselves_and_the_database_are_never_collected(left: Left) -> None:
    """Fails when the database is opened: closing it would drop its locks (mutant: no own)."""
    left.folders.database.write_bytes(b"live")
    Path(f"{left.folders.database}-wal").write_bytes(b"live")
    os.link(left.folders.database, left.work / "innocent")
    left.write("made")
    first = left.collect("made")
    assert len(first.kept) == 1
    with (left.work / "held").open("wb") as held:
        found = left.collect("**", directory=left.root)
        assert held
    assert [kept.path for kept in found.kept] == ["work/made"]
    assert found.skipped == {Skip.OWN: 4}


def test_limits_end_the_collecting_and_are_told(left: Left) -> None:
    for name in "abcde":
        left.write(name, b"12345678")
    found = left.collect("*", limits=Limits(files=3, reserve_bytes=0))
    assert [kept.path for kept in found.kept] == ["a", "b", "c"]
    assert log_lines(found) == [
        "Collecting artifacts ended at the limit of 3 files.",
        "3 artifacts were kept (24 B).",
    ]
    found = left.collect("*", limits=Limits(bytes=20, reserve_bytes=0))
    assert (len(found.kept), found.halt) == (2, Halt.BYTES)
    found = left.collect("*", limits=Limits(file_bytes=7, reserve_bytes=0))
    assert not found.kept
    assert log_lines(found) == [
        "No artifact was kept.",
        "5 files of more than 7 B were skipped.",
    ]
    found = left.collect("*", limits=Limits(looked_at=4, reserve_bytes=0))
    assert found.halt is Halt.LOOKED_AT


def test_nothing_that_matches_is_told_too(left: Left, tmp_path: Path) -> None:
    left.write("other")
    assert "No file matches" in log_lines(left.collect("dist/**"))[0]
    gone = left.collect("*", directory=tmp_path / "gone")
    assert gone.halt is Halt.NO_FOLDER
    assert "No such file or directory" in log_lines(gone)[0]


def test_a_full_disk_leaves_nothing(left: Left, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when the copies before, or the part of the last one, stay (both seen)."""
    left.write("a", b"1" * 100)
    left.write("b", b"2" * 100)
    real = os.write

    def full(descriptor: int, data: Any) -> int:
        if bytes(data[:1]) == b"2":
            if len(data) < 100:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(descriptor, data[:50])
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    found = left.collect("*")
    assert found.halt is Halt.NO_ROOM
    assert not found.kept
    assert not left.copies()
    assert log_lines(found) == [
        "The disk has no room for the artifacts; none of them was kept."
    ]


def test_room_stays_for_the_database(left: Left) -> None:
    left.write("a", b"1" * 100)
    found = left.collect("*", limits=Limits(reserve_bytes=1 << 60))
    assert found.halt is Halt.NO_ROOM
    assert not left.copies()


def test_a_stop_keeps_what_is_whole(left: Left) -> None:
    """Fails when a part of the file at the stop stays (mutant: no unlink)."""
    left.write("a")
    left.write("b", b"2" * 3_000_000)
    asked = iter([False, False, False, True])
    found = left.collect("*", stopped=lambda: next(asked, True))
    assert found.halt is Halt.STOPPED
    assert [kept.path for kept in found.kept] == ["a"]
    assert len(left.copies()) == 1
    assert log_lines(found)[0] == "Collecting artifacts was stopped on request."


def test_a_file_that_is_being_written_is_not_kept_torn(
    left: Left, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails when the size before and after is not compared."""
    file = left.write("growing", b"1" * 10)
    real = copying._copy

    def grow(*arguments: Any) -> Any:
        with file.open("ab") as more:
            more.write(b"2")
        return real(*arguments)

    monkeypatch.setattr(copying, "_copy", grow)
    found = left.collect("*")
    assert found.skipped == {Skip.CHANGED: 1}
    assert not left.copies()


@pytest.mark.parametrize(
    ("seconds", "year"), [(1e20, 9999), (-1e20, 1970), (float(2**40), 9999), (0.5, 1970)]
)
def test_impossible_times_are_stored_as_possible_ones(seconds: float, year: int) -> None:
    """Fails with an OverflowError where a build dates a file thousands of years ahead."""
    info = os.stat_result((0o100600, 1, 1, 1, 0, 0, 4, 0, seconds, 0))
    assert collecting._modified(info).year == year


def test_links_of_the_workspace_are_refused(left: Left, tmp_path: Path) -> None:
    """Fails when copies are written through a link into somebody else's folder."""
    other = tmp_path / "other"
    other.mkdir()
    left.folders.artifacts.symlink_to(other)
    left.write("a")
    found = left.collect("*")
    assert found.halt is Halt.FAILED
    assert "link to somewhere else" in log_lines(found)[0]
    assert not list(other.iterdir())


def test_a_race_of_swaps_never_leads_outside(left: Left, tmp_path: Path) -> None:
    """Folder and link change places all the time; fails where a path is walked."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"outside")
    left.write("out/file", b"inside")
    (left.work / "link").symlink_to(outside)
    done = threading.Event()

    def swap() -> None:
        while not done.is_set():
            (left.work / "out").rename(left.work / "kept")
            (left.work / "link").rename(left.work / "out")
            (left.work / "out").rename(left.work / "link")
            (left.work / "kept").rename(left.work / "out")

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        outsider = hashlib.sha256(b"outside").hexdigest()
        for _turn in range(150):
            found = left.collect("out/**", limits=LIMITS)
            assert outsider not in {kept.sha256 for kept in found.kept}
            found.discard()
    finally:
        done.set()
        thread.join()


def test_sizes_in_words() -> None:
    assert [size(n) for n in (0, 999, 1000, 12_400_000, 5 * 10**15)] == [
        "0 B", "999 B", "1.0 kB", "12.4 MB", "5000.0 TB",
    ]  # fmt: skip


def test_what_is_kept_at_a_limit_outlasts_a_power_cut(
    left: Left, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen to sync nothing where a limit had ended the collecting."""
    synced: list[Path] = []
    monkeypatch.setattr(collecting, "sync", synced.append)
    left.write("a")
    left.write("b")
    found = left.collect("*", limits=Limits(files=1, reserve_bytes=0))
    assert found.halt is Halt.FILES
    assert synced == [found.folder / kept.uid for kept in found.kept]
    assert len(synced) == 1
