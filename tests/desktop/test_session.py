"""An open workspace in the window: what it shows keeps up however much changes."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from core.events import Changed
from desktop.app import TABS
from desktop.arguments import Arguments
from tests.desktop.running import Runs, conduct, ends, made, until


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
