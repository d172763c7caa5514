"""Builds of the window are as important as the window itself, though its core steps back."""

import os
import sys

import pytest

from tests.desktop.builds.conftest import Bench


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priorities")
async def test_nice_level_counts_from_that_of_the_program(bench: Bench) -> None:
    """Failed with the 10 of the core's thread on top."""
    usual = os.getpriority(os.PRIO_PROCESS, os.getpid())
    await bench.choose(await bench.add("api", "exit $((100 + $(nice)))", nice=3))
    assert (await bench.run_to_end()).exit_code == 100 + min(usual + 3, 19)
