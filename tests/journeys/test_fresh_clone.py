"""The first command of the README, in a clone that nobody has touched."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from core.paths import HOME_VARIABLE
from tests.journeys.program import ROOT

_PATIENCE_S = 600
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
_ODD = (HOME_VARIABLE, "VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "PYTHON")


@pytest.mark.timeout(_PATIENCE_S)
def test_make_run_without_a_screen_gives_the_tour(tmp_path: Path) -> None:
    """Fails when a file is not committed, the lock is wrong, or a step of the tour is."""
    first, *_rest = re.findall(
        r"^    (make \w+)", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    assert first == "make run"
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    kept = {name: one for name, one in os.environ.items() if name not in _SCREENS + _ODD}
    done = subprocess.run(
        first.split(), cwd=clone, env=kept, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=_PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    worked = re.search(r"(\d+) of (\d+) steps worked; (\d+) pictures", done.stdout)
    assert worked is not None
    assert worked[1] == worked[2]
    pictures = list((clone / "build" / "tour").glob("*.png"))
    assert len(pictures) == int(worked[3]) > 20
    changed = subprocess.run(
        ["git", "status", "--porcelain"], cwd=clone, capture_output=True, check=True
    )
    assert changed.stdout == b""
    shutil.rmtree(clone)  # the virtual environment is large
