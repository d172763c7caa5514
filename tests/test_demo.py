"""The demo projects build, or fail, as their manifest says: with the compilers at hand."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from core.paths import resource
from core.projects.schemas import ProjectCreate

_PROJECTS: list[dict[str, Any]] = json.loads(resource("demo", "demo.json").read_text("utf-8"))


def _built(project: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    missing = [name for name in project["needs"] if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not on this machine: {', '.join(missing)}")
    copy = folder / project["folder"]
    shutil.copytree(resource("demo", project["folder"]), copy)
    return subprocess.run(
        ["/bin/sh", "-c", project["command"]],
        cwd=copy,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C", "FORCE_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("project", _PROJECTS, ids=lambda project: project["name"])
def test_a_demo_ends_as_its_manifest_says(project: dict[str, Any], tmp_path: Path) -> None:
    built = _built(project, tmp_path)
    assert (built.returncode == 0) is project["succeeds"], built.stdout + built.stderr


@pytest.mark.parametrize("project", _PROJECTS, ids=lambda project: project["name"])
def test_a_demo_is_a_project_that_can_be_created(project: dict[str, Any]) -> None:
    created = ProjectCreate(
        path=str(resource("demo", project["folder"])),
        **{name: project[name] for name in ("name", "type", "description", "command")},
    )
    assert Path(created.path, ".").is_dir()


def test_the_demos_show_a_warning_an_error_and_colour(tmp_path: Path) -> None:
    outputs = {
        project["name"]: built.stdout + built.stderr
        for project in _PROJECTS
        for built in [_built(project, tmp_path)]
    }
    assert "warning: variable 'moved' set but not used" in outputs["wordcount"]
    assert "\033[32mok" in outputs["wordcount"]
    assert "\033[32m" in outputs["textkit"]
    assert "error: implicit declaration of function 'kelvin'" in outputs["thermometer"]
