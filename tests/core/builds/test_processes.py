"""How the supervisor's script is turned into bytecode that is surely its own."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from core import processes


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "deep" / "cache"))
    path = tmp_path / "tool.py"
    path.write_text("print(1)\n")
    return path


def test_cache_is_made_where_there_was_none(script: Path) -> None:
    """Failed with FileNotFoundError: only the last folder was made."""
    cached = processes._compiled(script)
    assert cached == Path(importlib.util.cache_from_source(str(script)))
    assert cached.is_file()


def test_no_cache_can_be_written(script: Path, tmp_path: Path) -> None:
    """Failed with FileExistsError, which no build could be started by."""
    (tmp_path / "deep").write_text("a file in the way")
    assert processes._compiled(script) == script


def test_older_source_with_a_newer_cache_is_compiled(script: Path) -> None:
    """Failed while the times of both files were compared: an older release ran the newer."""
    cached = processes._compiled(script)
    before = cached.read_bytes()
    script.write_text("print(22)\n")
    os.utime(script, (1, 1))
    assert processes._compiled(script).read_bytes() != before
    compiled = cached.stat().st_mtime_ns
    assert processes._compiled(script).stat().st_mtime_ns == compiled
