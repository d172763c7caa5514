"""Fixtures of the real core, and time for as many faults as are asked for."""

import os

import pytest

from tests.core.running import actor, bench, core, workspace
from tests.faults.disks import small_disk

__all__ = ["actor", "bench", "core", "small_disk", "workspace"]

_LEAST_S, _EACH_S = 120, 20


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a test that tries a fault many times take as long as that takes."""
    seconds = max(_LEAST_S, _EACH_S * int(os.environ.get("FAULT_COUNT", "2")))
    for item in items:
        repeats = "fault_count" in getattr(item, "fixturenames", ())
        if repeats and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(seconds))
