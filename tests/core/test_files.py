"""Files that take their name once they are whole, whatever happens meanwhile."""

import asyncio
import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from core.errors import ExternalError
from core.files import write_atomically
from core.saving import replacing

ROOT = str(Path(__file__).parents[2])
REFUSAL = "It could not be saved."


async def _write(target: Path, data: bytes = b"new", mode: int = 0o600) -> int:
    async with replacing(target, refusal=REFUSAL, mode=mode) as file:
        await file.write(data)
        await file.write(data)
    return file.bytes


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Give a file that holds something old, alone in its folder."""
    target = tmp_path / "people.csv"
    target.write_bytes(b"old")
    return target


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _content(path: Path) -> bytes:
    return path.read_bytes()


def _is_old_and_alone(target: Path) -> bool:
    return target.read_bytes() == b"old" and list(target.parent.iterdir()) == [target]


async def test_what_is_written_takes_the_place_of_the_old(target: Path) -> None:
    assert await _write(target) == 6
    assert _content(target) == b"newnew"
    assert _mode(target) == 0o600
    usual = target.with_name("usual")
    usual.touch()
    await _write(target, mode=0o666)
    assert _mode(target) == _mode(usual)
    assert sorted(path.name for path in target.parent.iterdir()) == ["people.csv", "usual"]


async def test_all_is_on_the_disk_before_the_name_is_given(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown to fail without flushing, and without ``fsync`` before the renaming."""
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def told_fsync(descriptor: int) -> None:
        status = os.fstat(descriptor)
        what = "folder" if stat.S_ISDIR(status.st_mode) else f"{status.st_size} bytes"
        steps.append(what)
        fsync(descriptor)

    def told_replace(path: Path, new: Path) -> Path:
        steps.append("replace")
        return replace(path, new)

    monkeypatch.setattr(os, "fsync", told_fsync)
    monkeypatch.setattr(Path, "replace", told_replace)
    await _write(target)
    assert steps == ["6 bytes", "replace", "folder"]


async def test_a_cancellation_leaves_the_old_file_and_nothing_else(target: Path) -> None:
    """Shown to fail where only an ``Exception``, and no cancellation, removes the partial."""
    begun = asyncio.Event()

    async def write() -> None:
        async with replacing(target, refusal=REFUSAL) as file:
            await file.write(b"new")
            begun.set()
            await asyncio.Event().wait()

    writing = asyncio.create_task(write())
    await begun.wait()
    assert len(list(target.parent.iterdir())) == 2
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert _is_old_and_alone(target)


@pytest.mark.parametrize("call", ["open", "fsync"])
async def test_a_cancellation_waits_for_what_a_thread_has_begun(
    target: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Shown to fail with ``to_thread`` alone: the thread makes the file after its removal.

    Cancelled at its last step, it is whole, or not there; here it is whole.
    """
    begun, go_on = threading.Event(), threading.Event()
    real = getattr(os, call)

    def slow(*args: Any) -> Any:
        begun.set()
        assert go_on.wait(30)
        return real(*args)

    monkeypatch.setattr(os, call, slow)
    writing = asyncio.create_task(_write(target))
    await asyncio.to_thread(begun.wait, 10)
    writing.cancel()
    asyncio.get_running_loop().call_soon(go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert _content(target) == (b"old" if call == "open" else b"newnew")


@pytest.mark.parametrize("moment", ["write", "end"])
def test_a_full_disk_is_told_and_leaves_the_old_file(target: Path, moment: str) -> None:
    """Shown to fail where the partial stays, and where closing it anew hides the words.

    What a buffer holds meets the full disk at the end only.
    """
    size = 100_000 if moment == "write" else 1_000
    script = (
        f"import asyncio, resource, sys; sys.path.insert(0, {ROOT!r})\n"
        "from pathlib import Path\n"
        "from core.errors import ExternalError\n"
        "from core.saving import replacing\n"
        "async def main():\n"
        "    try:\n"
        f"        async with replacing(Path({str(target)!r}), refusal='Not saved.') as file:\n"
        f"            await file.write(bytes({size}))\n"
        "    except ExternalError as error:\n"
        "        print(error.as_text())\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    title, detail, hint = done.stdout.strip().split("\n\n")
    assert title == "Not saved."
    assert "File too large" in detail
    assert "room on the disk" in hint
    assert _is_old_and_alone(target)


async def test_no_permission_is_told(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shown to fail where the error of the system comes through."""

    def refuse(path: Path, *_args: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    with monkeypatch.context() as refusing:
        refusing.setattr(os, "open", refuse)
        with pytest.raises(ExternalError, match=REFUSAL) as caught:
            await _write(target)
    assert str(target.parent) in caught.value.detail
    assert "permissions do not allow" in caught.value.detail
    assert _is_old_and_alone(target)
    with pytest.raises(ExternalError, match=REFUSAL) as caught:
        await _write(target.parent / "missing" / "file")
    assert caught.value.detail == f"There is no {target.parent / 'missing'} (any more)."
    with pytest.raises(ExternalError, match=REFUSAL):
        await _write(target / "below a file")
    assert _is_old_and_alone(target)


async def test_what_fails_meanwhile_comes_through(target: Path) -> None:
    """Shown to fail where the partial is removed after an error of the system only."""
    with pytest.raises(ZeroDivisionError):
        async with replacing(target, refusal=REFUSAL) as file:
            await file.write(bytes(1 // (file.bytes or 0)))
    assert _is_old_and_alone(target)


@pytest.mark.expected_log("is left over")
def test_a_partial_that_cannot_be_removed_does_not_hide_why(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown to fail where the error of the removal is raised."""

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PermissionError(errno.EROFS, os.strerror(errno.EROFS))

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(target, b"new")
    assert _content(target) == b"old"
