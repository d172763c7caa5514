"""The settings window: every setting is there, explained, and saved only when it changed."""

import asyncio
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from core.settings import Settings, SettingsError
from desktop.settings.fields import groups
from desktop.settings.window import SettingsWindow
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from tests.desktop.builds.dialogs import answer

_PATIENCE_S = 30


@pytest.fixture(autouse=True)
def loop_goes_on(qapp: QApplication) -> Iterator[None]:
    """Let the loop run after the window is closed, as the program does."""
    before = qapp.quitOnLastWindowClosed()
    qapp.setQuitOnLastWindowClosed(False)
    yield
    qapp.setQuitOnLastWindowClosed(before)


class Store:
    """Takes what the window saves, or refuses it."""

    def __init__(self) -> None:
        self.saved: list[dict[str, object]] = []
        self.error: SettingsError | None = None

    async def save(self, values: dict[str, object]) -> None:
        if self.error is not None:
            raise self.error
        Settings.model_validate(values)
        self.saved.append(values)


def make(theme: Theme, tasks: TaskRunner, qtbot: QtBot, store: Store) -> SettingsWindow:
    window = SettingsWindow(theme, Settings(), store.save, tasks, None)
    qtbot.addWidget(window)
    window.show()
    return window


def test_every_setting_has_a_row_that_explains_it() -> None:
    rows = [row for group in groups() for row in group.rows]
    # Where keys lie is changed by moving them: the section of the keys does that.
    assert sorted([*(row.field for row in rows), "key_storage"]) == sorted(
        Settings.model_fields
    )
    assert all(row.title and row.explanation for row in rows)


async def test_every_choice_is_a_valid_value(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    window = make(theme, tasks, qtbot, Store())
    for field, editor in window.editors.items():
        if isinstance(editor, QComboBox):
            for place in range(editor.count()):
                Settings.model_validate({field: editor.itemData(place)})
        if isinstance(editor, QSpinBox):
            for value in (editor.minimum(), editor.maximum()):
                Settings.model_validate({field: value})


async def test_only_what_changed_is_saved(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    store = Store()
    window = make(theme, tasks, qtbot, store)
    assert not window.save_button.isEnabled()
    number, switch = window.editors["log_cap_mib"], window.editors["reopen_last"]
    assert isinstance(number, QSpinBox)
    assert isinstance(switch, QCheckBox)
    number.setValue(5)
    switch.setChecked(False)
    assert window.save_button.isEnabled()
    await window.save()
    assert store.saved == [{"log_cap_mib": 5, "reopen_last": False}]
    assert not window.save_button.isEnabled()


async def test_a_refusal_is_shown_in_place_and_can_be_tried_again(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    store = Store()
    window = make(theme, tasks, qtbot, store)
    number = window.editors["log_cap_mib"]
    assert isinstance(number, QSpinBox)
    number.setValue(5)
    store.error = SettingsError("The settings could not be saved.", hint="Make room.")
    await window.save()
    assert window.error.isVisible()
    assert window.error.title.text() == "The settings could not be saved."
    assert window.error.hint.text() == "Make room."
    store.error = None
    await window.save()
    assert not window.error.isVisible()
    assert store.saved == [{"log_cap_mib": 5}]


async def test_what_the_environment_sets_cannot_be_changed_here(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDBENCH_LOG_CAP_MIB", "3")
    window = make(theme, tasks, qtbot, Store())
    assert not window.editors["log_cap_mib"].isEnabled()
    assert window.editors["reopen_last"].isEnabled()


def change(window: SettingsWindow) -> None:
    number = window.editors["log_cap_mib"]
    assert isinstance(number, QSpinBox)
    number.setValue(5)


async def test_closing_asks_before_changes_are_lost(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    window = make(theme, tasks, qtbot, Store())
    change(window)
    window.close()
    assert "The settings were not saved." in await answer(window, "Go on editing")
    assert window.isVisible()
    closed = asyncio.Event()
    window.finished.connect(closed.set)
    window.close_button.click()
    await answer(window, "Discard")
    await asyncio.wait_for(closed.wait(), _PATIENCE_S)
    assert not window.isVisible()


async def test_closing_while_it_saves_waits_for_the_answer(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    store = Store()
    window = make(theme, tasks, qtbot, store)
    closed = asyncio.Event()
    window.finished.connect(closed.set)
    # As the frame does: the window goes as soon as it is closed.
    window.finished.connect(window.deleteLater)
    change(window)
    window.save_button.click()
    window.close()
    assert window.isVisible()
    await asyncio.wait_for(closed.wait(), _PATIENCE_S)
    assert store.saved == [{"log_cap_mib": 5}]


async def test_a_refusal_keeps_the_window_that_was_to_be_closed(
    theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    store = Store()
    store.error = SettingsError("The settings could not be saved.")
    window = make(theme, tasks, qtbot, store)
    change(window)
    saving = asyncio.create_task(window.save())
    await asyncio.sleep(0)
    window.close()
    await saving
    assert window.isVisible()
    assert window.error.isVisible()
    window.done(0)
