"""The rules for builds in the settings window, on a real core."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.builds.rules.schemas import BuildRules
from core.errors import AppError
from core.security.actors import Actor, Origin, Role
from core.settings import Settings, load_settings
from desktop.core_thread import CoreClient, WorkspaceClient
from desktop.notifications import Notifications
from desktop.settings.rules_calls import RulesCalls
from desktop.settings.rules_section import RulesSection, rules
from desktop.settings.window import SettingsWindow
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from tests.desktop.builds.dialogs import answer


@pytest.fixture(autouse=True)
def loop_goes_on(qapp: QApplication) -> Iterator[None]:
    """Let the loop run after the window is closed, as the program does."""
    before = qapp.quitOnLastWindowClosed()
    qapp.setQuitOnLastWindowClosed(False)
    yield
    qapp.setQuitOnLastWindowClosed(before)


@pytest.fixture
async def client(home: Path, tmp_path: Path) -> AsyncIterator[WorkspaceClient]:
    """Return an open workspace."""
    core = CoreClient()
    await core.start(load_settings)
    path = tmp_path / "nightly.db"
    workspace = await core.run(lambda c: c.workspaces.create(path, open_here=True))
    yield WorkspaceClient(core, workspace)
    await core.close()


class Shown:
    """A settings window with the rules."""

    def __init__(
        self, client: WorkspaceClient, theme: Theme, tasks: TaskRunner, role: Role
    ) -> None:
        self.client = client
        self.actor = Actor("somebody", role, Origin.DESKTOP)
        self.section = RulesSection(theme, RulesCalls((client, self.actor)), Notifications())
        self.parent = QWidget()
        self.window = SettingsWindow(
            theme, Settings(), self._save, tasks, self.parent, sections=(self.section,)
        )
        self.saved: list[dict[str, object]] = []

    async def _save(self, values: dict[str, object]) -> None:
        self.saved.append(values)

    async def rules(self) -> BuildRules:
        """Return the rules in force."""
        here = Actor.of_this_computer(Origin.SCRIPT)
        return await self.client.run(lambda w: w.build_rules.read(here))

    async def change(self, **values: int) -> None:
        """Put rules in force as another window does."""
        here, new = Actor.of_this_computer(Origin.SCRIPT), BuildRules.model_validate(values)
        await self.client.run(lambda w: w.build_rules.change(here, rules=new))


@pytest.fixture
async def shown(
    client: WorkspaceClient, theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> Shown:
    """Return the window as an administrator sees it."""
    made = Shown(client, theme, tasks, Role.ADMINISTRATOR)
    qtbot.addWidget(made.parent)
    made.window.show()
    await made.section.load()
    return made


def test_every_rule_can_be_chosen_within_its_limits() -> None:
    limits = [limit for rule in rules() for limit in rule.limits]
    assert [limit.field for limit in limits] == list(BuildRules.model_fields)
    for limit in limits:
        for value in (1, limit.most):
            BuildRules.model_validate({limit.field: value})
        with pytest.raises(ValueError, match="1 validation error"):
            BuildRules.model_validate({limit.field: limit.most + 1})


async def test_rules_are_shown_and_saved_with_the_settings(shown: Shown) -> None:
    boxes, window = shown.section.boxes, shown.window
    assert boxes["parallel"].value() == 2
    assert boxes["logs_days"].text() == "Of any age"
    assert boxes["logs_builds"].text() == "Of any number of builds"
    assert boxes["artifacts_builds"].text() == "50 builds of each project"
    assert boxes["artifacts_mib"].text() == "20,480 MiB in all"
    assert not window.save_button.isEnabled()
    boxes["logs_days"].setValue(1)
    assert boxes["logs_days"].text() == "1 day"
    boxes["artifacts_mib"].setValue(0)
    assert window.save_button.isEnabled()
    await shown.change(parallel=7)
    await window.save()
    assert shown.saved == []
    assert await shown.rules() == BuildRules(parallel=7, logs_days=1, artifacts_mib=None)
    assert boxes["parallel"].value() == 7
    assert not window.save_button.isEnabled()


async def test_closing_asks_before_changed_rules_are_lost(shown: Shown) -> None:
    shown.section.boxes["parallel"].setValue(9)
    closed = asyncio.Event()
    shown.window.finished.connect(closed.set)
    shown.window.close()
    await answer(shown.window, "Discard")
    await asyncio.wait_for(closed.wait(), 10)
    assert (await shown.rules()).parallel == 2


async def test_a_refusal_is_shown_and_can_be_tried_again(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_args: object) -> None:
        raise AppError("Not now.")

    shown.section.boxes["parallel"].setValue(9)
    with monkeypatch.context() as patched:
        patched.setattr(RulesCalls, "change", refused)
        await shown.window.save()
    assert shown.window.error.title.text() == "Not now."
    await shown.window.save()
    assert (await shown.rules()).parallel == 9


async def test_who_may_not_change_them_sees_them(
    client: WorkspaceClient, theme: Theme, tasks: TaskRunner, qtbot: QtBot
) -> None:
    shown = Shown(client, theme, tasks, Role.OPERATOR)
    qtbot.addWidget(shown.parent)
    shown.window.show()
    await shown.section.load()
    assert shown.section.boxes["parallel"].value() == 2
    assert not any(box.isEnabled() for box in shown.section.boxes.values())
    assert shown.section.refusal.text() == "Only administrators may change this."
