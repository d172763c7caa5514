"""The end of a build is told through the system while nobody looks at the window."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from core.builds.schemas import BuildFinished, BuildState
from desktop.frame.conduct import Conduct
from tests.desktop.builds.samples import a_build
from tests.desktop.running import Runs, conduct, ends
from tests.waiting import until

Told = list[tuple[str, str]]


@pytest.fixture
def run(qapp: QApplication, home: Path) -> Runs:
    return Runs(qapp)


async def _desk(run: Runs, monkeypatch: pytest.MonkeyPatch) -> tuple[Conduct, Told]:
    application = await run()
    desk, told = conduct(application), Told()
    application.window.hide()
    monkeypatch.setattr(
        desk.tray, "tell", lambda title, text, _on_click: told.append((title, text))
    )
    return desk, told


@ends
async def test_ends_are_told_while_nobody_looks(
    run: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, told = await _desk(run, monkeypatch)
    desk.on_event(BuildFinished(a_build(state=BuildState.FAILED)))
    await until(lambda: told)
    assert told == [("api #1", "The build failed.")]


@ends
async def test_successes_are_not_told_where_only_failures_are_wanted(
    run: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, told = await _desk(run, monkeypatch)
    await desk._change(build_news="failures")
    desk.on_event(BuildFinished(a_build()))
    desk.on_event(BuildFinished(a_build(number=2, state=BuildState.FAILED)))
    await until(lambda: told)
    assert [title for title, _text in told] == ["api #2"]
    await desk._change(build_news="never")
    desk.on_event(BuildFinished(a_build(number=3, state=BuildState.FAILED)))
    await desk._services.current_settings()
    assert len(told) == 1
