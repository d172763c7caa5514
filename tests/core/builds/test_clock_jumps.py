"""Clocks that jump and machines that sleep, while a supervisor looks after a build."""

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.core.builds.conftest import Build

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watches /proc")

# Runs a supervisor for which the clock of the day jumps at each look, further and further.
JUMPING = """
import itertools, runpy, sys, time
real, looks = time.time_ns, itertools.count()
time.time_ns = lambda: real() + (-1 if (n := next(looks)) % 2 else 1) * n * 3_600_000_000_000
time.time = lambda: time.time_ns() / 1e9
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_a_clock_that_jumps_bends_nothing(build: "Build") -> None:
    """Failed against a version that took durations and limits from the clock of the day."""
    command = build.prepare(
        "for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done",
        before_steps=["sleep 0.2"],
        after_steps=["echo $BUILDBENCH_RESULT"],
        timeout_s=60,
        silence_s=30,
    )
    script = build.folder.parent / "jumping.py"
    script.write_text(JUMPING)
    before = time.monotonic()
    build.start_as([*command[:3], str(script), *command[3:]])
    result = build.wait()
    elapsed_ms = (time.monotonic() - before) * 1_000
    assert (result["outcome"], result["exit_code"]) == ("exited", 0)
    assert build.output() == b"1\n2\n3\n4\n5\n6\nsuccess\n"
    assert 1_400 <= result["duration_ms"] <= elapsed_ms


def test_sleep_of_a_supervisor_is_no_silence_of_its_build(build: "Build") -> None:
    """What was printed meanwhile is read before anybody is blamed.

    Failed against a version that looked at the limits first.
    """
    build.start("for i in $(seq 30); do echo $i; sleep 0.1; done", silence_s=1)
    build.eventually(build.output, "output")
    os.kill(build.pid, signal.SIGSTOP)
    stopped = time.monotonic()
    build.eventually(lambda: time.monotonic() > stopped + 1.5, "longer than the limit")
    os.kill(build.pid, signal.SIGCONT)
    result = build.wait()
    assert (result["outcome"], result["exit_code"]) == ("exited", 0)
    assert build.output().endswith(b"30\n")
