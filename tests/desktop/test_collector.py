"""Garbage of the window dies on its own thread, never on that of the core."""

import gc
import threading
from collections.abc import Iterator
from typing import ClassVar

import pytest
from PySide6.QtWidgets import QApplication

from desktop.collector import Collector


class Cycle:
    """Notes on which thread it dies."""

    died_on: ClassVar[list[str]] = []

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        self.died_on.append(threading.current_thread().name)


@pytest.fixture
def collector(qapp: QApplication) -> Iterator[Collector]:
    before = gc.get_threshold()
    gc.set_threshold(50, 10, 10)
    made = Collector()
    made.start()
    yield made
    made.stop()
    gc.set_threshold(*before)


def test_garbage_dies_on_the_thread_of_the_window(collector: Collector) -> None:
    """Fails without ``gc.disable``: the other thread collects while it allocates."""
    Cycle.died_on.clear()
    Cycle()

    def allocate() -> None:
        kept = [[number] for number in range(10_000)]
        assert kept

    thread = threading.Thread(target=allocate, name="core")
    thread.start()
    thread.join()
    assert Cycle.died_on == []
    while not collector.collect_due():
        kept = [[number] for number in range(1_000)]
        assert kept
    assert set(Cycle.died_on) <= {"MainThread"}


def test_python_collects_again_afterwards(collector: Collector) -> None:
    assert not gc.isenabled()
    Cycle.died_on.clear()
    Cycle()
    collector.stop()
    assert gc.isenabled()
    assert Cycle.died_on == ["MainThread"]
