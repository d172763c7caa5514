"""Keys in the window: the consent to a key file, and the section of the settings."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from core.errors import KeyConsentNeededError
from core.projects.schemas import ProjectCreate, ProjectRow
from core.security import system_keyring
from core.security.actors import Actor, Origin
from core.settings import KeyStorage, Settings, load_settings
from desktop.core_thread import CoreClient, WorkspaceClient
from desktop.frame.key_consent import KeyConsent, KeyConsentDialog
from desktop.notifications import Notifications
from desktop.settings.keys_calls import KeyCalls
from desktop.settings.keys_section import KeysSection
from desktop.settings.passphrase import PassphraseDialog
from desktop.settings.window import SettingsWindow
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from tests.core.security.keyrings import FakeKeyring
from tests.desktop.builds.dialogs import answer, opened
from tests.waiting import until

PASSPHRASE = "correct horse battery"


class Machine:
    """A core without keyring until it is given one, a workspace, and a window."""

    def __init__(self, home: Path, core: CoreClient, tasks: TaskRunner, theme: Theme) -> None:
        self.home, self.core, self.tasks, self.theme = home, core, tasks, theme
        self.keyring: FakeKeyring | None = None
        self.window = QWidget()
        self.actor = Actor.of_this_computer(Origin.DESKTOP)
        self.client: WorkspaceClient | None = None
        self.notifications = Notifications()

    @property
    def key_file(self) -> Path:
        return self.home / "config" / "keys.json"

    async def open(self, path: Path) -> None:
        workspace = await self.core.run(lambda c: c.workspaces.create(path, open_here=True))
        self.client = WorkspaceClient(self.core, workspace)

    async def project(self, name: str) -> ProjectRow:
        assert self.client is not None
        data = ProjectCreate(
            name=name,
            path=str(self.home),
            command="true",
            secrets={"TOKEN": f"token of {name}"},
        )
        return await self.client.run(lambda w: w.projects.create(self.actor, data=data))

    async def names(self) -> list[str]:
        assert self.client is not None
        rows = await self.client.run(lambda w: w.projects.list_all(self.actor))
        return [row.name for row in rows]

    async def settings(self) -> Settings:
        async def current(core: Any) -> Settings:
            found: Settings = core.settings.current
            return found

        return await self.core.run(current)

    async def section(self) -> KeysSection:
        calls = KeyCalls(self.core, lambda: (self.client, self.actor) if self.client else None)
        section = KeysSection(self.theme, calls, self.tasks, self.notifications)
        settings = await self.settings()
        window = SettingsWindow(
            self.theme, settings, self._save, self.tasks, self.window, sections=(section,)
        )
        window.show()
        await section.load()
        return section

    async def _save(self, _values: dict[str, object]) -> None:
        raise AssertionError("nothing is saved by the section")


@pytest.fixture(autouse=True)
def loop_goes_on(qapp: QApplication) -> Iterator[None]:
    """Let the loop run after the last window is closed, as the program does."""
    before = qapp.quitOnLastWindowClosed()
    qapp.setQuitOnLastWindowClosed(False)
    yield
    qapp.setQuitOnLastWindowClosed(before)


@pytest.fixture
async def machine(
    home: Path, tmp_path: Path, theme: Theme, tasks: TaskRunner, qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Machine]:  # fmt: skip
    """Return a machine where nothing was agreed to yet."""
    monkeypatch.delenv("BUILDBENCH_KEY_STORAGE")
    core = CoreClient()
    made = Machine(home, core, tasks, theme)
    monkeypatch.setattr(system_keyring, "_backend_of_the_system", lambda: made.keyring)
    await core.start(load_settings)
    qtbot.addWidget(made.window)
    made.window.show()
    core.ask_for_consent = KeyConsent(core, tasks, theme, made.window).ask
    await made.open(tmp_path / "nightly.db")
    yield made
    await core.close()


async def test_a_save_that_needs_a_key_asks_and_goes_on(machine: Machine) -> None:
    """Fails when the call is not made again, or each of several saves asks by itself.

    Also (it waits for ever, at times) when a refusal that arrives after the answer asks anew.
    """
    saves = asyncio.gather(*(machine.project(f"project {i}") for i in range(3)))
    dialog = await opened(machine.window, KeyConsentDialog)
    assert str(machine.key_file) in dialog.file.text()
    assert "This computer has no keyring." in dialog.why.text()
    assert not machine.key_file.exists()
    assert len(machine.window.findChildren(KeyConsentDialog)) == 1
    dialog.file_button.click()
    rows = await saves
    assert [row.secret_names for row in rows] == [("TOKEN",)] * 3
    assert await machine.names() == ["project 0", "project 1", "project 2"]
    assert stat.S_IMODE(machine.key_file.stat().st_mode) == 0o600
    assert (await machine.settings()).key_storage is KeyStorage.FILE
    stored = json.loads((machine.home / "config" / "settings.json").read_text())
    assert stored["key_storage"] == "file"
    await machine.project("another one")


async def test_without_consent_nothing_is_saved_and_it_is_asked_again(
    machine: Machine,
) -> None:
    for _try in range(2):
        save = asyncio.create_task(machine.project("not saved"))
        dialog = await opened(machine.window, KeyConsentDialog)
        dialog.leave_button.click()
        with pytest.raises(KeyConsentNeededError):
            await save
        await until(lambda: not machine.window.findChildren(KeyConsentDialog))
    assert await machine.names() == []
    assert not machine.key_file.exists()
    assert (await machine.settings()).key_storage is KeyStorage.ASK


async def test_a_keyring_that_was_unlocked_meanwhile_is_taken(machine: Machine) -> None:
    save = asyncio.create_task(machine.project("saved"))
    dialog = await opened(machine.window, KeyConsentDialog)
    machine.keyring = FakeKeyring()
    dialog.again_button.click()
    await save
    assert machine.keyring.entries
    assert not machine.key_file.exists()
    assert (await machine.settings()).key_storage is KeyStorage.KEYRING


async def test_a_keyring_that_hangs_stops_nothing_else(machine: Machine) -> None:
    """Fails when the core asks the keyring on its own thread: all calls would wait."""
    machine.keyring = FakeKeyring()
    machine.keyring.gate.clear()
    save = asyncio.create_task(machine.project("waits"))
    await until(lambda: machine.keyring is not None and machine.keyring.calls)
    assert await machine.names() == []
    assert not save.done()
    machine.keyring.gate.set()
    await save
    assert await machine.names() == ["waits"]


async def test_the_section_tells_what_there_is(machine: Machine) -> None:
    machine.keyring = FakeKeyring()
    await machine.project("one")
    section = await machine.section()
    assert section.place.text() == "In the system's keyring"
    assert section.keys.text().endswith("in use")
    assert section.sealed.text() == "nightly.db: 1 sealed value, all under the present key."
    assert not section.reseal_button.isVisible()
    assert section.rotate_button.isEnabled()
    machine.client = None
    await section.load()
    assert section.sealed.text() == "Open a workspace to seal it anew."
    assert not section.rotate_button.isEnabled()
    assert section.export_button.isEnabled()


async def test_keys_move_from_the_keyring_to_a_file_and_back(machine: Machine) -> None:
    machine.keyring = FakeKeyring()
    await machine.project("one")
    section = await machine.section()
    section.move_button.click()
    question = await answer(section.window(), "Use a file")
    assert str(machine.key_file) in question
    await until(lambda: section.place.text() == "In a file of your configuration folder")
    assert machine.key_file.exists()
    assert not machine.keyring.entries
    section.move_button.click()
    await answer(section.window(), "Use the keyring")
    await until(lambda: section.place.text() == "In the system's keyring")
    assert not machine.key_file.exists()
    assert (await machine.settings()).key_storage is KeyStorage.KEYRING
    section.move_button.click()
    await answer(section.window(), "Leave it")
    await until(lambda: not section._busy)
    assert machine.keyring.entries


async def test_a_new_key_is_made_after_a_question(machine: Machine) -> None:
    machine.keyring = FakeKeyring()
    await machine.project("one")
    section = await machine.section()
    section.rotate_button.click()
    assert "Older keys stay" in await answer(section.window(), "Make a new key")
    await until(lambda: len(section.keys.text().splitlines()) == 2)
    first, second = section.keys.text().splitlines()
    assert first.endswith("in use")
    assert second.endswith("older")
    assert machine.notifications.shown[-1].title == "1 value is sealed anew."


async def test_export_and_import(machine: Machine, tmp_path: Path) -> None:
    machine.keyring = FakeKeyring()
    await machine.project("one")
    section = await machine.section()
    target = tmp_path / "stick" / "keys.json"
    target.parent.mkdir()
    section.export_button.click()
    dialog = await opened(section.window(), PassphraseDialog)
    dialog.first.setText("short")
    dialog.go.click()
    assert "12" in dialog.message.text()
    dialog.first.setText(PASSPHRASE)
    dialog.go.click()
    assert "not the same" in dialog.message.text()
    dialog.second.setText(PASSPHRASE)
    dialog.go.click()
    await choose(section.window(), target)
    await until(lambda: target.exists() and not section._busy)

    machine.keyring.entries.clear()
    await until_loaded(section)
    for passphrase, wrong in ((PASSPHRASE + "!", True), (PASSPHRASE, False)):
        await until(section.import_button.isEnabled)
        section.import_button.click()
        await choose(section.window(), target)
        dialog = await opened(section.window(), PassphraseDialog)
        assert not dialog.second.isVisible()
        dialog.first.setText(passphrase)
        dialog.go.click()
        await until(lambda: not section._busy)
        await until(lambda wrong=wrong: section.error.isVisible() == wrong)  # type: ignore[misc]
    await until(lambda: section.keys.text().endswith("in use"))
    assert machine.notifications.shown[-1].title == "1 key was added."


async def until_loaded(section: KeysSection) -> None:
    await section.load()
    assert section.keys.text() == "The first secret makes one."


async def choose(parent: QWidget, path: Path) -> None:
    """Choose a file in the dialog that is open."""
    dialog = await opened(parent, QFileDialog)
    dialog.selectFile(str(path))
    dialog.done(QDialog.DialogCode.Accepted.value)
    await asyncio.sleep(0)


async def test_what_the_environment_says_cannot_be_moved(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDBENCH_KEY_STORAGE", "file")
    section = await machine.section()
    assert not section.move_button.isEnabled()
    assert "BUILDBENCH_KEY_STORAGE" in section.move_button.toolTip()
