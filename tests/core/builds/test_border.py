"""What a hostile or broken folder of a build can hold, read without harm."""

import json
import os
import uuid
from pathlib import Path

import psutil
import pytest

from core.builds.running import results, supervision
from core.builds.running.border import DamagedBorderError

GOOD = {"outcome": "exited", "exit_code": 0, "signal": None, "error": "", "duration_ms": 5}

NOT_JSON = ["", "nonsense", "[]", "[" * 60_000, '"x"', " " * 70_000, "\xff"]
WRONG: list[dict[str, object]] = [
    {"duration_ms": None}, {"duration_ms": "1"}, {"duration_ms": -1}, {"duration_ms": 1e300},
    {"duration_ms": 2**63}, {"exit_code": []}, {"exit_code": True}, {"exit_code": 2**70},
    {"signal": "9"}, {"outcome": "won"}, {"outcome": ["exited"]}, {"error": {}},
]  # fmt: skip


@pytest.mark.parametrize(
    "content", [*NOT_JSON, *(json.dumps({**GOOD, **wrong}) for wrong in WRONG)]
)
def test_malformed_result_is_told_apart(tmp_path: Path, content: str) -> None:
    """Failed with TypeError and RecursionError: the build was then running for ever."""
    (tmp_path / "result.json").write_text(content)
    with pytest.raises(DamagedBorderError):
        results.read_result(tmp_path)


def test_good_result_and_none(tmp_path: Path) -> None:
    assert results.read_result(tmp_path) is None
    (tmp_path / "result.json").write_text(json.dumps(GOOD))
    assert results.read_result(tmp_path) == results.Result("exited", 0, None, "", 5)


@pytest.mark.parametrize("kind", ["fifo", "folder", "link", "dead link"])
def test_result_that_is_no_file(tmp_path: Path, kind: str) -> None:
    """Failed by waiting for ever at the FIFO, and by reading what a link points to."""
    path = tmp_path / "result.json"
    (tmp_path / "good").write_text(json.dumps(GOOD))
    match kind:
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(tmp_path / "good")
        case _:
            path.symlink_to(tmp_path / "gone")
    with pytest.raises(DamagedBorderError):
        results.read_result(tmp_path)


@pytest.mark.parametrize(
    "content",
    [*NOT_JSON, *(json.dumps({"pid": pid}) for pid in ("1", None, 2**80, -1, 0, [1], True))],
)
def test_nobody_lives_behind_a_malformed_identity(tmp_path: Path, content: str) -> None:
    """Failed with ValueError and OverflowError."""
    (tmp_path / "supervisor.json").write_text(content)
    assert supervision.living_supervisor(tmp_path) is None


def test_identity_that_is_a_pipe(tmp_path: Path) -> None:
    """Failed by waiting for ever, on the loop of the core."""
    os.mkfifo(tmp_path / "supervisor.json")
    assert supervision.living_supervisor(tmp_path) is None


def test_recycled_pid_without_ticks(tmp_path: Path) -> None:
    """Failed while the pid alone counted: where there is no /proc, anybody could have it."""
    mine = os.getpid()
    started = int(psutil.Process().create_time() * 1000)
    for started_ms, expected in ((started + 500, mine), (started - 9_000, None), (None, None)):
        identity = {"pid": mine, "start_ticks": None, "boot_id": None, "started_ms": started_ms}
        (tmp_path / "supervisor.json").write_text(json.dumps(identity))
        assert supervision.living_supervisor(tmp_path) == expected


def test_removed_folder_cannot_be_started_in(tmp_path: Path) -> None:
    """Failed while the start made the folder: a late one ran what had been given up."""
    folder = tmp_path / str(uuid.uuid4())
    supervision.make_folder(folder)
    (folder / "spool.000000").write_bytes(b"x")
    supervision.remove_folder(folder)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        supervision.mark_abandoned(folder)
    assert list(tmp_path.iterdir()) == []


def test_folder_of_a_start_that_was_not_committed_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / str(uuid.uuid4())
    folder.mkdir()
    (folder / "result.json").write_text(json.dumps(GOOD))
    supervision.make_folder(folder)
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.expected_log("could not be asked to end")
def test_cancel_that_cannot_be_written_is_logged(tmp_path: Path) -> None:
    """Failed with NotADirectoryError, after the cancelling had been stored."""
    (tmp_path / "file").touch()
    supervision.request_cancel(tmp_path / "gone")
    supervision.request_cancel(tmp_path / "file")
