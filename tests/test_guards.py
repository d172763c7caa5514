"""The guards of ``conftest.py`` catch what they are for: shown on tests that misbehave."""

import gc
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent

# What is waited for here never comes.
_PATIENCE, _LESS = "_PATIENCE_S = 30.0", "_PATIENCE_S = 0.5"
_MISBEHAVING = """
import asyncio, logging, subprocess, threading, time, warnings
import pytest
from PySide6.QtCore import qWarning

def test_good(): logging.getLogger("probe").info("fine")
@pytest.mark.expected_log("announced")
def test_announced(): logging.getLogger("probe").warning("announced")
def test_log(): logging.getLogger("probe").warning("odd")
def test_qt(): qWarning("odd")
def test_python(): warnings.warn("odd")
async def test_task():
    test_task.kept = asyncio.create_task(asyncio.sleep(600))
def test_leftovers():
    threading.Thread(target=time.sleep, args=(600,), daemon=True, name="lazy").start()
    subprocess.run(["sh", "-c", "setsid sleep 601 & :"])
"""


@pytest.fixture
def report(tmp_path: Path) -> str:
    """Return what pytest prints about the tests that misbehave."""
    folder = tmp_path / "project"
    (folder / "tests").mkdir(parents=True)
    shutil.copy(_ROOT / "pyproject.toml", folder)
    guards = (_ROOT / "tests" / "conftest.py").read_text()
    assert _PATIENCE in guards
    (folder / "tests" / "conftest.py").write_text(guards.replace(_PATIENCE, _LESS))
    shutil.copy(_ROOT / "tests" / "schema.py", folder / "tests")
    (folder / "tests" / "test_probe.py").write_text(_MISBEHAVING)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(_ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="starts sh and setsid")
def test_each_guard_fails_the_test_that_earned_it_and_no_other(report: str) -> None:
    """Shown to fail with each of the guards taken out."""
    verdicts = {
        line.split(" - ")[0].replace("tests/test_probe.py::", "")
        for line in report.splitlines()
        if line.startswith(("FAILED ", "ERROR tests/"))
    }
    assert verdicts == {
        "ERROR test_log",
        "FAILED test_qt",
        "FAILED test_python",
        "ERROR test_task",
        "ERROR test_leftovers",
    }
    assert "thread left: lazy" in report
    assert "sleep 601" in report
    assert "unexpected log line: WARNING probe: odd" in report


def test_garbage_waits_for_the_end_of_a_test() -> None:
    """Fails when any thread of a test may destroy the widgets of another one."""
    assert not gc.isenabled()
