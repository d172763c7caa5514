"""Errors, events, files, paths, words, and work that a cancellation waits for."""

import asyncio
import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core import paths, translation
from core.completion import to_the_end
from core.errors import AppError, Category, DiskFullError, Severity, ValidationError
from core.events import Changed, Event, EventBus
from core.files import create_atomically, write_atomically
from core.paths import HOME_VARIABLE, UserFolders, WorkspaceFolders

ROOT = str(Path(__file__).parents[2])


def subclasses(kind: type[AppError]) -> set[type[AppError]]:
    """Return a class and all below it that the core defines."""
    below = {kind}
    for direct in kind.__subclasses__():
        below |= subclasses(direct)
    return {found for found in below if found.__module__.startswith("core.")}


def test_every_error_has_a_code_of_its_own() -> None:
    kinds = subclasses(AppError)
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(kinds) > 10
    for kind in kinds:
        assert isinstance(kind.category, Category)
        assert isinstance(kind.severity, Severity)
        assert kind.__doc__


def test_error_as_text() -> None:
    error = DiskFullError("Full.", detail="No room.", hint="Make some.", details={"a": 1})
    assert error.as_text() == "Full.\n\nNo room.\n\nMake some."
    assert str(error) == "Full."
    assert error.severity == logging.ERROR
    assert error.time.tzinfo is not None
    assert AppError("Only this.").as_text() == "Only this."


def test_validation_error_names_its_fields() -> None:
    error = ValidationError("Not saved.", fields={"name": "Taken.", "path": "Gone."})
    assert error.fields == {"name": "Taken.", "path": "Gone."}
    assert error.detail == "Taken.\nGone."


@pytest.mark.expected_log("A subscriber failed on Changed")
def test_failing_subscriber_harms_nobody() -> None:
    bus = EventBus()
    told: list[Event] = []

    def fail(_event: Event) -> None:
        raise RuntimeError

    bus.subscribe(fail)
    unsubscribe = bus.subscribe(told.append)
    bus.publish(Changed(frozenset({"x"})))
    unsubscribe()
    unsubscribe()
    bus.publish(Changed(frozenset({"y"})))
    assert told == [Changed(frozenset({"x"}))]


def test_subscriber_may_leave_while_it_is_told() -> None:
    bus = EventBus()
    told: list[Event] = []

    def once(event: Event) -> None:
        leave()
        told.append(event)

    leave = bus.subscribe(once)
    bus.subscribe(told.append)
    bus.publish(Event())
    bus.publish(Event())
    assert len(told) == 3


def test_written_file_is_private_and_alone(tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "file"
    write_atomically(target, b"one")
    write_atomically(target, b"two")
    assert target.read_bytes() == b"two"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(target.parent.iterdir()) == [target]


def test_created_file_replaces_none(tmp_path: Path) -> None:
    target = tmp_path / "file"
    create_atomically(target, b"one")
    with pytest.raises(FileExistsError):
        create_atomically(target, b"two")
    assert target.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("moment", ["replace", "fsync"])
def test_crash_leaves_the_old_file_whole(tmp_path: Path, moment: str) -> None:
    """Fails when the file itself is opened for writing."""
    target = tmp_path / "file"
    target.write_bytes(b"old")
    script = (
        f"import os, sys; sys.path.insert(0, {ROOT!r})\n"
        "from pathlib import Path\n"
        "from core.files import write_atomically\n"
        "die = lambda *args: os._exit(9)\n"
        f"{'Path.replace' if moment == 'replace' else 'os.fsync'} = die\n"
        f"write_atomically(Path({str(target)!r}), b'new' * 1000)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == 9
    assert target.read_bytes() == b"old"


def test_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")
    script = (
        f"import resource, sys; sys.path.insert(0, {ROOT!r})\n"
        "from pathlib import Path\n"
        "from core.files import write_atomically\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        f"write_atomically(Path({str(target)!r}), bytes(1000))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert b"OSError" in done.stderr
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_folders_below_a_home(home: Path) -> None:
    folders = UserFolders.of_this_user()
    folders.create()
    assert folders.settings_file.parent == home / "config"
    assert folders.log_file.is_relative_to(home)
    for folder in (folders.config, folders.data, folders.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_folders_of_the_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(HOME_VARIABLE)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert UserFolders.of_this_user().config == tmp_path / "buildbench"


def test_folder_beside_a_workspace() -> None:
    folders = WorkspaceFolders(Path("/x/my.builds.db"))
    assert folders.root == Path("/x/my.builds.buildbench")
    assert folders.builds.parent == folders.root


def test_program_folder_when_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (paths.migrations() / "env.py").is_file()
    monkeypatch.setattr(sys, "_MEIPASS", "/bundle", raising=False)
    assert paths.resource("icons") == Path("/bundle/resources/icons")


def test_words_without_a_catalogue_are_english() -> None:
    translation.install(paths.resource("locale"), "xx")
    assert translation._("{name} is taken.") == "{name} is taken."
    forms = [translation.ngettext("{n} line", "{n} lines", n) for n in (0, 1, 2)]
    assert forms == ["{n} lines", "{n} line", "{n} lines"]
    translation.install(paths.resource("locale"))


async def test_cancellation_waits_for_the_end() -> None:
    steps: list[str] = []

    async def work() -> int:
        for step in ("one", "two", "three"):
            await asyncio.sleep(0)
            steps.append(step)
        return 7

    task = asyncio.create_task(to_the_end(work()))
    for _turn in range(2):
        await asyncio.sleep(0)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps == ["one", "two", "three"]
    assert await to_the_end(work()) == 7


async def test_failure_at_the_end() -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        raise OSError(os.strerror(28))

    with pytest.raises(OSError, match="space"):
        await to_the_end(work())
    task = asyncio.create_task(to_the_end(work()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
