"""Open on this computer without sign-in: taken back, it is taken back in every window."""

import threading
from pathlib import Path

import pytest

from core.app import Core, open_core
from core.security.actors import Actor, Origin
from core.security.permissions import SignInNeededError
from core.settings import KeyStorage, SettingsStore, load_settings
from core.workspaces import memory
from core.workspaces.memory import ChosenWorkspaces
from core.workspaces.reset_admin import _opened
from tests.waiting import until

HERE = Actor.of_this_computer(Origin.DESKTOP)


async def test_who_is_in_without_sign_in_elsewhere_is_asked_at_once(
    core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed by staying an administrator in every other window until it was closed."""
    monkeypatch.setattr("core.workspaces.workspace._LOOK_EVERY_S", 3600.0)
    workspace = await core.workspaces.create(tmp_path / "open.db", open_here=True)
    async with open_core(load_settings()) as other:
        there = await other.workspaces.open(workspace.info.path)
        await there.projects.list_all(HERE)
        await core.workspaces.set_open_here(HERE, workspace, on=False)

        async def closed() -> bool:
            return not there.gate.open_here

        await until(closed, "the end of the openness")
        with pytest.raises(SignInNeededError):
            await there.projects.list_all(HERE)
        await other.workspaces.close(there)


def test_windows_do_not_write_anew_what_another_takes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing without the lock: one reads, the other removes, the first writes."""
    file, read = tmp_path / "open.json", memory._read_list
    ChosenWorkspaces(file).add(Path("/a"), "a")
    has_read, removing = threading.Event(), threading.Event()

    def slow(path: Path) -> list[dict[str, object]]:
        found = read(path)
        if threading.current_thread() is adding:
            has_read.set()
            removing.wait(0.2)
        return found

    monkeypatch.setattr(memory, "_read_list", slow)
    adding = threading.Thread(target=ChosenWorkspaces(file).add, args=(Path("/b"), "b"))
    adding.start()
    assert has_read.wait(30)
    ChosenWorkspaces(file).remove(Path("/a"))
    removing.set()
    adding.join()
    assert not ChosenWorkspaces(file).holds(Path("/a"), "a")
    assert ChosenWorkspaces(file).holds(Path("/b"), "b")


async def test_resetting_an_administrator_has_no_key_file_in_mind(
    core: Core, settings_of_home: SettingsStore, tmp_path: Path
) -> None:
    """Failed by a store that would have made keys in a file, whatever the person wants."""
    workspace = await core.workspaces.create(tmp_path / "asking.db")
    async with _opened(settings_of_home, workspace.info.path) as service:
        assert service._around.sealer.keys.wish is KeyStorage.ASK
        await service.make_administrator(HERE, username="ada", password=None)
    assert not settings_of_home.folders.key_file.exists()


@pytest.fixture
def settings_of_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> SettingsStore:
    """Return the settings as a process finds them before anybody was asked about keys."""
    monkeypatch.setenv("BUILDBENCH_KEY_STORAGE", "ask")
    return load_settings()
