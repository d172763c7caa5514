"""Widgets without a screen, on the loop that the application itself uses."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from core.settings import load_settings
from desktop.core_thread import CoreClient
from desktop.tasks import TaskRunner
from desktop.theme import Theme

_HERE = Path(__file__).parent


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Any]:
    """Give coroutines of this folder the loop of Qt."""
    return {"qasync": _qt_loop}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the platform without a screen say that it cannot move windows."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.qt_log_ignore("^This plugin does not support"))


def _qt_loop() -> asyncio.AbstractEventLoop:
    application = QApplication.instance() or QApplication([])
    loop: asyncio.AbstractEventLoop = qasync.QEventLoop(application)
    return loop


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """Return the theme in light colours; it goes with the test."""
    theme = Theme(qapp, "light")
    yield theme
    theme.deleteLater()


@pytest.fixture
def failures() -> list[BaseException]:
    """Return the list of what tasks raised."""
    return []


@pytest.fixture
async def tasks(failures: list[BaseException]) -> Any:
    """Return a task runner; a failure that the test did not take out fails it."""
    runner = TaskRunner(failures.append)
    yield runner
    await runner.close()
    assert not failures


@pytest.fixture
async def core(home: Path) -> AsyncIterator[CoreClient]:
    """Return a core, open on its thread."""
    client = CoreClient()
    await client.start(load_settings)
    yield client
    await client.close()
