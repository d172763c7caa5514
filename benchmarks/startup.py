"""From the start of the process to the first painted window, and to readiness."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.figures import RUNS, Figure, at_most, ratio_at_most
from benchmarks.references import bare_window
from benchmarks.workload import scratch_home

_MILESTONE = re.compile(r"(Painted|Ready) .*, at ([\d.]+) of the system's clock")


def run() -> list[Figure]:
    """Measure both windows in turns, offscreen; one start of each warms the disk cache."""
    with scratch_home() as folder:
        bare, painted, ready = [], [], []
        for turn in range(RUNS + 1):
            bare_s, (painted_s, ready_s) = _bare(), _application(folder)
            if turn:
                bare.append(bare_s)
                painted.append(painted_s)
                ready.append(ready_s)
    return [
        ratio_at_most(
            "start to the first painted window", median(painted), "s",
            reference=median(bare), most=2.0,
        ),
        at_most("start to ready", median(ready), "s", 2.0),
    ]  # fmt: skip


def _environment() -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen"}


def _bare() -> float:
    started = time.monotonic_ns()
    script = [sys.executable, bare_window.__file__]
    done = subprocess.run(script, check=True, capture_output=True, env=_environment())
    return (int(done.stdout) - started) / 1e9


def _application(folder: Path) -> tuple[float, float]:
    """Start the application, end it when it is ready, and read what it says of itself."""
    log = folder / "home" / "logs" / "buildbench.log"
    log.unlink(missing_ok=True)
    started = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "desktop"], env=_environment())
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            found = dict(_MILESTONE.findall(log.read_text("utf-8"))) if log.exists() else {}
            if len(found) == 2:
                return float(found["Painted"]) - started, float(found["Ready"]) - started
            time.sleep(0.02)
        raise RuntimeError("The application was not ready within 30 s.")
    finally:
        process.terminate()
        process.wait(30)
