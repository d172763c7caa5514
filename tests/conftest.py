"""What holds for every test: a home of its own, and nothing odd or left over.

A test fails when it logs a line at WARNING or above that it did not announce with
``@pytest.mark.expected_log("pattern")``, when Qt prints a warning (``qt_log_level_fail``),
when Python warns (``filterwarnings``), or when it leaves a thread, a child process or a task
on its loop. What is left is ended, so that the next test starts clean.

Threads and processes belong to fixtures of one test: they are looked for after each.

How long an example of a property may take is no property: another program may have the
processors meanwhile.

Cyclic garbage is collected between tests alone, on the main thread: Python would do it on
whatever thread happens to allocate, and Qt crashes when a widget dies on another one.
"""

import asyncio
import gc
import inspect
import logging
import os
import re
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import hypothesis
import psutil
import pytest

import core  # noqa: F401  # puts the safe SQLite in place before a plugin imports another
from core.paths import HOME_VARIABLE
from tests.schema import schema, schema_made_once

__all__ = ["schema", "schema_made_once"]

hypothesis.settings.register_profile(
    "unhurried",
    hypothesis.settings(),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("unhurried")

_PATIENCE_S = 30.0
_LOOP_TURNS = 10

_before = pytest.StashKey["_Before"]()
_home = pytest.StashKey[Path]()


class _Before:
    """What was there before a test began, and what it logs."""

    def __init__(self) -> None:
        self.threads = set(threading.enumerate())
        self.children = {child.pid for child in psutil.Process().children(recursive=True)}
        self.log = _LogWatch()
        logging.getLogger().addHandler(self.log)

    def leftovers(self, item: pytest.Item) -> list[str]:
        """Return what the test did wrong on its way, a line each."""
        logging.getLogger().removeHandler(self.log)
        return [
            *(f"unexpected log line: {line}" for line in self.log.unexpected(item)),
            *(f"thread left: {thread.name}" for thread in self._threads_left()),
            *(f"process left: {text}" for text in self._processes_left(item)),
        ]

    def _threads_left(self) -> list[threading.Thread]:
        new = [
            thread
            for thread in threading.enumerate()
            if thread not in self.threads and not isinstance(thread, threading._DummyThread)
        ]
        for thread in new:
            thread.join(_PATIENCE_S)
        return [thread for thread in new if thread.is_alive()]

    def _processes_left(self, item: pytest.Item) -> list[str]:
        children = psutil.Process().children(recursive=True)
        new = {child for child in children if child.pid not in self.children}
        new |= _processes_at_home(item.stash.get(_home, None))
        _gone, alive = psutil.wait_procs(new, timeout=_PATIENCE_S)
        texts = [_describe(process) for process in alive]
        for process in alive:
            process.kill()
        psutil.wait_procs(alive, timeout=_PATIENCE_S)
        return texts


class _LogWatch(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def unexpected(self, item: pytest.Item) -> list[str]:
        patterns = [
            re.compile(pattern)
            for mark in item.iter_markers("expected_log")
            for pattern in mark.args
        ]
        lines = [_line(record) for record in self.records]
        return [line for line in lines if not any(p.search(line) for p in patterns)]


def _line(record: logging.LogRecord) -> str:
    text = f"{record.levelname} {record.name}: {record.getMessage()}"
    if record.exc_info:
        text += "\n" + logging.Formatter().formatException(record.exc_info)
    return text


def _processes_at_home(home: Path | None) -> set[psutil.Process]:
    """Return the processes that a test started and that are no children any more."""
    found = set()
    for process in psutil.process_iter():
        try:
            variables = process.environ()
        except (psutil.Error, OSError):
            continue
        if home is not None and variables.get(HOME_VARIABLE) == str(home):
            found.add(process)
    return found - {psutil.Process()}


def _describe(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline())}"
    except psutil.Error:
        return str(process.pid)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Note what is there before the fixtures of a test."""
    gc.disable()
    item.stash[_before] = _Before()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Fail a test that went wrong in silence, once its fixtures are gone."""
    try:
        result = yield
    finally:
        leftovers = item.stash[_before].leftovers(item)
        _collect_due()
    if leftovers:
        pytest.fail("\n".join(leftovers), pytrace=False)
    return result


def _collect_due() -> None:
    """Collect the generations that are due by Python's thresholds."""
    due = [
        generation
        for generation, (count, limit) in enumerate(
            zip(gc.get_count(), gc.get_threshold(), strict=True)
        )
        if count > limit
    ]
    if due:
        gc.collect(due[-1])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Watch the tasks of coroutines from before their first fixture to after their last."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.fixturenames.insert(0, "no_tasks_left")


def pytest_collection_finish() -> None:
    """Spare collections what stays to the end: the modules and the tests themselves."""
    gc.collect()
    gc.freeze()


@pytest.fixture
async def no_tasks_left() -> AsyncIterator[None]:
    """Fail a coroutine that leaves tasks on its loop, and end them."""
    yield
    for _turn in range(_LOOP_TURNS):
        await asyncio.sleep(0)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    assert not left, f"tasks left: {left}"


@pytest.fixture(autouse=True)
def home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Path:
    """Return the folder in which this test keeps settings, keys, data and log."""
    folder = tmp_path / "home"
    monkeypatch.setenv(HOME_VARIABLE, str(folder))
    # The keyring of whoever runs the tests is theirs.
    monkeypatch.setenv("BUILDBENCH_KEY_STORAGE", "file")
    request.node.stash[_home] = folder
    return folder


@pytest.fixture
def fault_count() -> int:
    """Return how often a fault is tried: few in ``make test``, many in ``make faults``."""
    return int(os.environ.get("FAULT_COUNT", "2"))
