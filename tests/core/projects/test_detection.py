"""What a folder tells: types with their commands, where it comes from, and hostile folders."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.errors import ValidationError
from core.projects.detection import git
from core.projects.detection.detecting import detect
from core.projects.detection.schemas import Detected
from core.projects.schemas import ProjectCreate, ProjectType
from tests.core.running import Bench

_REQUIREMENTS = (
    "python3 -m venv .venv && .venv/bin/python -m pip install -r requirements.txt"
    " && .venv/bin/python -m unittest discover -v"
)
_WHEEL = "python3 -m pip wheel --no-deps --wheel-dir dist ."


def lay(folder: Path, files: dict[str, str]) -> Path:
    """Make files in a folder; names that end in ``*`` may be executed."""
    for name, text in files.items():
        path = folder / name.removesuffix("*")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if name.endswith("*") else 0o644)
    return folder


def package(**scripts: str) -> str:
    """Return a ``package.json`` with these scripts."""
    return json.dumps({"scripts": scripts})


_PRESETS = json.dumps(
    {
        "configurePresets": [{"name": "base", "hidden": True}, {"name": "ninja"}],
        "buildPresets": [{"name": "other", "configurePreset": "x"},
                         {"name": "fast", "configurePreset": "ninja"}],
    }
)  # fmt: skip
_HOSTILE_PRESETS = json.dumps(
    {"configurePresets": [{"name": "x; rm -rf ~"}], "buildPresets": [{"name": "$(id)"}]}
)
_PLAIN_CMAKE = "cmake -S . -B build && cmake --build build"


@pytest.mark.parametrize(
    ("files", "kind", "command"),
    [
        ({}, "generic", ""),
        ({"build.gradle": "", "gradlew*": ""}, "gradle", "./gradlew build"),
        ({"build.gradle.kts": "", "gradlew": ""}, "gradle", "sh gradlew build"),
        ({"settings.gradle": ""}, "gradle", "gradle build"),
        ({"build.gradle": "", "app/build.gradle": "id 'com.android.application'",
          "gradlew*": ""}, "android", "./gradlew assembleDebug"),
        ({"settings.gradle.kts": "", "app/src/main/AndroidManifest.xml": "<manifest/>"},
         "android", "gradle assembleDebug"),
        ({"pom.xml": ""}, "maven", "mvn -B verify"),
        ({"pom.xml": "", "mvnw*": ""}, "maven", "./mvnw -B verify"),
        ({"pyproject.toml": "[build-system]\n", "Makefile": ""}, "python", _WHEEL),
        ({"setup.py": ""}, "python", _WHEEL),
        ({"pyproject.toml": "[build-system]\nbuild-backend = 'maturin'", "Cargo.toml": ""},
         "python", _WHEEL),
        ({"pyproject.toml": "[tool.ruff]\n", "Makefile": ""}, "make", "make"),
        ({"pyproject.toml": "= broken", "Makefile": ""}, "make", "make"),
        ({"requirements.txt": ""}, "python", _REQUIREMENTS),
        ({"test_it.py": ""}, "python", "python3 -m unittest discover -v"),
        ({"package.json": package(build="x", test="y"), "package-lock.json": "{}"}, "node",
         "npm ci && npm run build"),
        ({"package.json": package(test="y")}, "node", "npm install && npm test"),
        ({"package.json": package(test='echo "Error: no test specified" && exit 1')}, "node",
         "npm install"),
        ({"package.json": package(build="x"), "yarn.lock": ""}, "node",
         "yarn install --frozen-lockfile && yarn run build"),
        ({"package.json": package(), "yarn.lock": "", ".yarnrc.yml": ""}, "node",
         "yarn install --immutable"),
        ({"package.json": package(test="x"), "pnpm-lock.yaml": ""}, "node",
         "pnpm install --frozen-lockfile && pnpm test"),
        ({"package.json": '{"packageManager": "pnpm@9"}'}, "node", "pnpm install"),
        ({"package.json": "[" * 100_000}, "node", "npm install"),
        ({"package.json": '{"scripts": 3, "packageManager": ["rm"]}'}, "node", "npm install"),
        ({"Makefile": ""}, "make", "make"),
        ({"GNUmakefile": ""}, "make", "make"),
        ({"configure*": "", "Makefile.in": ""}, "make", "./configure && make"),
        ({"configure.ac": "", "autogen.sh": ""}, "make",
         "sh autogen.sh && ./configure && make"),
        ({"configure.ac": ""}, "make", "autoreconf -fi && ./configure && make"),
        ({"CMakeLists.txt": "", "Makefile": "", "setup.py": ""}, "cmake", _PLAIN_CMAKE),
        ({"CMakeLists.txt": "", "CMakePresets.json": _PRESETS}, "cmake",
         "cmake --preset ninja && cmake --build --preset fast"),
        ({"CMakeLists.txt": "", "CMakePresets.json": _HOSTILE_PRESETS}, "cmake", _PLAIN_CMAKE),
        ({"meson.build": ""}, "meson",
         "(test -d build || meson setup build) && meson compile -C build"),
        ({"meson.build": "", "Cargo.toml": "", "Makefile": ""}, "meson",
         "(test -d build || meson setup build) && meson compile -C build"),
        ({"Cargo.toml": "", "Makefile": ""}, "cargo", "cargo build --release"),
        ({"Cargo.toml": ""}, "cargo", "cargo build --release"),
        ({"go.mod": ""}, "go", "go build ./... && go test ./..."),
    ],
)  # fmt: skip
def test_types_and_commands(
    tmp_path: Path, files: dict[str, str], kind: str, command: str
) -> None:
    found = detect(str(lay(tmp_path, files)))
    assert (found.type, found.command) == (ProjectType(kind), command)
    if command:
        ProjectCreate(
            name="x", path=str(tmp_path), command=command, type=found.type,
            artifact_patterns=found.artifact_patterns,
        )  # fmt: skip


async def test_work_trees_of_git(bench: Bench) -> None:
    """Where a real clone, and a linked work tree of it, come from; git made both."""
    first, clone, linked = (bench.folder / name for name in ("first", "clone", "linked"))
    lay(first, {"Makefile": "all:\n"})
    for command in (
        ["init", "-q", "-b", "main", str(first)],
        ["-C", str(first), "add", "."],
        ["-C", str(first), *_AUTHOR, "commit", "-q", "-m", "first"],
        ["clone", "-q", str(first), str(clone)],
        ["-C", str(clone), "worktree", "add", "-q", "-b", "feature/x", str(linked)],
    ):
        await asyncio.to_thread(subprocess.run, ["git", *command], check=True)
    projects = bench.workspace.projects
    found = await projects.detect(bench.actor, path=str(clone))
    assert (found.repository_url, found.branch) == (str(first), "main")
    assert found.type is ProjectType.MAKE
    there = await projects.detect(bench.actor, path=str(linked))
    assert (there.repository_url, there.branch) == (str(first), "feature/x")


_AUTHOR = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]


@pytest.mark.parametrize(
    ("config", "url"),
    [
        ('[remote "origin"]\n\turl = git@example.org:a/b.git\n', "git@example.org:a/b.git"),
        ('[remote "origin"]\nurl = "https://example.org/a b" ; why', "https://example.org/a b"),
        (
            '[remote "origin"]\nurl = https://ada:secret@example.org/a',
            "https://example.org/a",
        ),
        ('[remote "origin"]\nurl = https://token@example.org/a', "https://example.org/a"),
        ('[remote "origin"]\nurl = ssh://git:pw@example.org/a', "ssh://git@example.org/a"),
        ('[remote "other"] url = https://example.org/o', "https://example.org/o"),
        ('[remote "upstream"]\nurl = u\n[remote "a"]\nurl = a', "u"),
        ('[include]\npath = /etc/passwd\n[core]\nfsmonitor = "touch /tmp/ran"', ""),
        ('[remote "origin"]\nurl = --upload-pack=touch x', ""),
        ('[remote "origin"]\nurl = ' + "x" * 3_000, ""),
        ("\0\x01" * 50, ""),
    ],
)
def test_addresses_of_remotes(tmp_path: Path, config: str, url: str) -> None:
    lay(tmp_path, {".git/config": config, ".git/HEAD": "ref: refs/heads/main\n"})
    assert git.origin(tmp_path) == (url, "main")


def test_a_detached_head_is_no_branch(tmp_path: Path) -> None:
    lay(tmp_path, {".git/config": "", ".git/HEAD": "a" * 40})
    assert git.origin(tmp_path) == ("", "")


def test_hostile_folders(tmp_path: Path) -> None:
    """Pipes, links, folders and endless files in the places of files.

    Seen failing with links followed and folders taken for files.
    """
    folder = tmp_path / "folder"
    folder.mkdir()
    outside = lay(tmp_path / "outside", {"package.json": package(build="x")})
    os.mkfifo(folder / "pyproject.toml")
    (folder / "package.json").symlink_to(outside / "package.json")
    (folder / "pom.xml").mkdir()
    (folder / ".git").symlink_to(outside)
    with (folder / "CMakePresets.json").open("wb") as file:
        file.truncate(1 << 40)
    lay(folder, {"CMakeLists.txt": ""})
    assert detect(str(folder)) == Detected(ProjectType.CMAKE, _PLAIN_CMAKE, (), "", "")


def test_git_files_that_are_pipes(tmp_path: Path) -> None:
    """Seen waiting for ever without ``O_NONBLOCK``."""
    (tmp_path / ".git").mkdir()
    os.mkfifo(tmp_path / ".git" / "config")
    os.mkfifo(tmp_path / ".git" / "HEAD")
    os.mkfifo(tmp_path / ".git" / "commondir")
    assert git.origin(tmp_path) == ("", "")


@pytest.mark.parametrize("path", ["", "relative", "/there/is/no/such", "/etc/hostname"])
async def test_paths_that_are_refused(bench: Bench, path: str) -> None:
    with pytest.raises(ValidationError) as caught:
        await bench.workspace.projects.detect(bench.actor, path=path)
    assert "path" in caught.value.fields


@given(some.text(max_size=300), some.text(max_size=100))
def test_no_text_of_git_is_stumbled_over(config: str, head: str) -> None:
    url, branch = git._checked_url(git._remotes(config).get("origin", "")), git._branch(head)
    ProjectCreate(name="x", path="/", command="y", repository_url=url, branch=branch)


HOSTILE = [
    (".git/config", "[a" + " " * 250_000 + "x"),
    (".git/config", '[remote "origin"]\nurl = ' + "a" * 250_000),
    ("pyproject.toml", "a." * 125_000 + "a=1"),
]


@pytest.mark.parametrize(("name", "text"), HOSTILE, ids=["section", "address", "toml"])
def test_a_line_without_end_is_passed_over(tmp_path: Path, name: str, text: str) -> None:
    """Seen to take minutes each: a child that is ended tells that from a second."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    program = (
        "import sys; from core.projects.detection.detecting import detect;"
        " print(detect(sys.argv[1]).repository_url)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == "\n"
