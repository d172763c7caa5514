"""An open workspace in the window: what it shows keeps up however much changes."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.builds.schemas import BuildRow
from core.events import Changed
from core.projects.schemas import ProjectCreate
from core.security.actors import Actor, Origin
from desktop.app import TABS
from desktop.arguments import Arguments
from desktop.builds.tab import BuildsTab
from desktop.core_thread import WorkspaceClient
from tests.desktop.running import Runs, conduct, ends, made
from tests.waiting import until


@pytest.fixture
def run(qapp: QApplication, home: Path) -> Runs:
    return Runs(qapp)


@ends
async def test_changes_that_come_faster_than_answers_starve_nothing(
    run: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = await run(Arguments(database=await made(tmp_path / "nightly.db")))
    session = conduct(application).workspaces.session
    assert session is not None
    answer, ask = asyncio.Event(), session.client.run
    told: list[str] = []

    async def slow(call: Any) -> Any:
        told.append("asked")
        try:
            await answer.wait()
        except asyncio.CancelledError:
            told.append("given up")
            raise
        result = await ask(call)
        told.append("answered")
        return result

    monkeypatch.setattr(session.client, "run", slow)
    for _change in range(5):
        session.on_event(Changed(topics=frozenset({"builds"})))
        await until(lambda: told)
        await asyncio.sleep(0)
    assert "given up" not in told
    first = told.count("asked")
    answer.set()
    await until(lambda: told.count("answered") > first)


@ends
async def test_only_the_keys_of_the_tab_in_sight_answer(run: Runs, tmp_path: Path) -> None:
    """Seen failing with all tabs listening: Del would mean two things."""
    database = await made(tmp_path / "nightly.db")
    application = await run(Arguments(database=database), tabs=TABS)
    window, bar = application.window, application.window.tab_bar

    def keys(action_id: str) -> list[str]:
        action = next(one for one in window.actions() if one.objectName() == action_id)
        return [key.toString() for key in action.shortcuts()]

    await until(lambda: window.chosen_tab == "builds")
    assert (keys("user.new"), keys("project.delete")) == ([], ["Del"])
    bar.setCurrentIndex(0)
    assert (keys("user.new"), keys("project.delete")) == (["Ctrl+Shift+U"], [])


async def _queue(client: WorkspaceClient, name: str, folder: Path, command: str) -> BuildRow:
    actor = Actor.of_this_computer(Origin.DESKTOP)
    data = ProjectCreate(name=name, path=str(folder), command=command, grace_s=0)
    project = await client.run(lambda w: w.projects.create(actor, data=data))
    return await client.run(lambda w: w.builds.queue(actor, project_id=project.id))


@ends
async def test_the_line_of_what_runs_and_a_card_lead_to_their_builds(
    run: Runs, tmp_path: Path
) -> None:
    """By a click, by Enter and by the button of the card, each from another tab.

    Mutants that fail: the tab not brought forward; Enter left to Qt, which heeds it only on
    some systems.
    """
    database = await made(tmp_path / "nightly.db")
    application = await run(Arguments(database=database), tabs=TABS)
    session = conduct(application).workspaces.session
    assert session is not None
    builds, window = session.tabs["builds"], application.window
    assert isinstance(builds, BuildsTab)
    line, cards = window.status.builds, window.toasts.cards
    window.tab_bar.setCurrentIndex(0)  # a build that is looked at makes no card
    ended = await _queue(session.client, "broken & gone", tmp_path, "exit 127")
    await until(cards)
    slow = await _queue(session.client, "slow & <b>", tmp_path, "exec sleep 600")
    await until(lambda: line.accessibleName() == "Show the build slow & <b> #1")
    assert line.isVisible()
    assert line.text().startswith("slow && <b> #1")

    async def leads(go: Any, wanted: BuildRow) -> None:
        window.tab_bar.setCurrentIndex(0)
        assert window.chosen_tab == "users"
        go()
        assert window.chosen_tab == "builds"
        await until(lambda: builds.presenter.build_id == wanted.id)

    await leads(cards()[0].notification.choices[0].handler, ended)
    await leads(line.click, slow)
    await leads(cards()[0].notification.choices[0].handler, ended)
    await leads(lambda: QTest.keyClick(line, Qt.Key.Key_Return), slow)
    await builds.presenter.cancel_build(slow.id)
    await until(lambda: not line.isVisible())


@ends
async def test_no_key_is_wanted_twice_in_any_tab(run: Runs, tmp_path: Path) -> None:
    """Of two actions with the same key Qt lets neither answer.

    Seen to fail when the next error in a log wanted the key of the list of jobs.
    """
    database = await made(tmp_path / "nightly.db")
    window = (await run(Arguments(database=database), tabs=TABS)).window
    await until(lambda: window.chosen_tab == "builds")
    for tab in TABS:
        window.choose_tab(tab.key)
        wanted = Counter(
            shortcut.toString(QKeySequence.SequenceFormat.PortableText)
            for action in window.findChildren(QAction)
            if action.shortcutContext() == Qt.ShortcutContext.WindowShortcut
            for shortcut in action.shortcuts()
        )
        assert "Ctrl+Q" in wanted
        assert [keys for keys, times in wanted.items() if times > 1] == []


@pytest.mark.expected_log("is gone")
@ends
async def test_a_file_that_is_gone_is_told_until_it_is_back(run: Runs, tmp_path: Path) -> None:
    """The status bar said that it does not answer, and no page said what to do."""
    path = await made(tmp_path / "w.db")
    application = await run(Arguments(database=path))
    session = conduct(application).workspaces.session
    assert session is not None
    health, banners = application.window.status.health.words, application.window.banners
    path.rename(tmp_path / "elsewhere")
    session._status_refresh.ask()
    await until(lambda: health.text() == "File gone")
    (line,) = banners.lines
    assert str(path) in line.banner.text
    assert "put it back" in line.words.text()
    application.window.status.show_alert("Something else")
    assert health.text() == "File gone"
    application.window.status.show_alert("")
    (tmp_path / "elsewhere").rename(path)
    session._status_refresh.ask()
    await until(lambda: health.text() == "Healthy")
    assert not banners.lines
