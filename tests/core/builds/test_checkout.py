"""Checking out commits: what lies in the folder afterwards, what is refused, what is spared.

The script runs as a build's first step does, on real repositories, without a network.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.builds.answering import server
from tests.core.git import Repository

SCRIPT = Path(__file__).parents[3] / "core" / "builds" / "running" / "checkout.py"


class Step:
    """The step, with a border and a folder to check out into."""

    def __init__(self, root: Path, own: bool) -> None:
        self.border = root / "border"
        self.border.mkdir(parents=True)
        self.tree = root / "trees" / "tree"
        self.own = own
        self.printed = ""

    def start(self, url: str, reference: str = "", **variables: str) -> "subprocess.Popen[str]":
        """Start it."""
        plan = {
            "url": url,
            "reference": reference,
            "directory": str(self.tree),
            "own": self.own,
        }
        (self.border / "source.json").unlink(missing_ok=True)
        (self.border / "checkout.json").write_text(json.dumps(plan))
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(SCRIPT), str(self.border)],
            cwd="/",
            env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, url: str, reference: str = "", **variables: str) -> dict[str, Any]:
        """Return what it tells of the folder, or its error, once it has ended."""
        process = self.start(url, reference, **variables)
        self.printed, _nothing = process.communicate(timeout=60)
        told: dict[str, Any] = json.loads((self.border / "source.json").read_bytes())
        assert process.returncode == (1 if "error" in told else 0), self.printed
        return told

    def refused(self, url: str, reference: str = "", **variables: str) -> str:
        """Return the code of the error."""
        return str(self.run(url, reference, **variables)["error"]["code"])

    def git(self, *arguments: str) -> str:
        """Return what git prints in the tree."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.tree, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()


@pytest.fixture
def origin(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "origin")
    repository.commit("First")
    repository.git("tag", "v1")
    repository.git("tag", "-a", "-m", "told", "v1-annotated")
    repository.commit("Second")
    repository.branch("dev/new")
    repository.commit("Third")
    repository.git("checkout", "--quiet", "main")
    return repository


@pytest.fixture(params=["own", "folder"])
def step(tmp_path: Path, request: pytest.FixtureRequest) -> Step:
    return Step(tmp_path / "step", own=request.param == "own")


@pytest.fixture
def own(tmp_path: Path) -> Step:
    return Step(tmp_path / "own", own=True)


@pytest.fixture
def folder(tmp_path: Path) -> Step:
    return Step(tmp_path / "folder", own=False)


def test_branches_tags_and_commits(step: Step, origin: Repository) -> None:
    first, second, third = (origin.head(name) for name in ("v1", "main", "dev/new"))
    wanted = [
        ("", second, "main"), ("dev/new", third, "dev/new"), ("v1", first, ""),
        ("v1-annotated", first, ""), ("main", second, "main"), (third, third, ""),
        (first[:8], first, ""), ("refs/heads/dev/new", third, "dev/new"),
        ("refs/tags/v1", first, ""),
    ]  # fmt: skip
    for reference, commit, branch in wanted:
        told = step.run(origin.url, reference)
        assert (told["commit"], told["branch"], told["dirty"]) == (commit, branch, False)
        assert step.git("rev-parse", "HEAD") == commit
        assert (step.tree / "told").read_text() == told["subject"]
        assert step.git("status", "--porcelain") == ""
    assert told["author"] == "Ada Lovelace"
    assert told["at"] > 1_700_000_000


def test_what_is_new_is_told_except_at_first(own: Step, origin: Repository) -> None:
    """Failed where the first fetch of a tree printed a line for each tag there ever was."""
    own.run(origin.url)
    assert "v1-annotated" not in own.printed
    assert own.printed.endswith(f"At {origin.head()[:12]} Second\n")
    origin.commit("Newer")
    origin.git("tag", "v2")
    own.run(origin.url)
    assert "[new tag]" in own.printed
    assert "v1-annotated" not in own.printed


def test_local_paths_do_as_well_as_addresses(step: Step, origin: Repository) -> None:
    told = step.run(str(origin.folder))
    assert told["commit"] == origin.head()
    origin.commit("More")
    assert step.run(origin.url)["commit"] == origin.head()


def test_a_branch_is_followed_also_where_it_was_forced(step: Step, origin: Repository) -> None:
    for change in (["commit", "--amend", "-m", "Other"], ["reset", "--hard", "v1"]):
        step.run(origin.url)
        origin.git(*change)
        assert step.run(origin.url)["commit"] == origin.head()
        origin.commit("Later")
        assert step.run(origin.url, "main")["commit"] == origin.head()


@pytest.mark.parametrize(
    ("reference", "code"),
    [("nothing", "no_reference"), ("abcdef12", "no_reference"), ("0" * 40, "no_reference")],
)
def test_what_is_not_there(step: Step, origin: Repository, reference: str, code: str) -> None:
    assert step.refused(origin.url, reference) == code


def test_a_branch_that_was_deleted_is_not_built(step: Step, origin: Repository) -> None:
    """Seen failing for folders that asked their own old copy of the branch."""
    step.run(origin.url, "dev/new")
    origin.git("branch", "-D", "dev/new")
    assert step.refused(origin.url, "dev/new") == "no_reference"


def test_repositories_that_cannot_be_had(step: Step, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    empty = Repository(tmp_path / "empty")
    assert step.refused(str(tmp_path / "missing")) == "not_found"
    assert step.refused(str(tmp_path / "plain")) == "not_found"
    assert step.refused(empty.url) == "empty"
    assert step.refused("ext::sh -c touch% " + str(tmp_path / "touched")) == "protocol"
    assert step.refused(f"--upload-pack=touch {tmp_path / 'touched'}") == "not_found"
    assert not (tmp_path / "touched").exists()
    assert step.refused("https://127.0.0.1:1/x.git") == "network"


@pytest.mark.parametrize("status", [401, 403, 404, 503])
def test_servers_that_say_no(own: Step, status: int) -> None:
    """Nobody is asked for a password, and none is shown: both seen failing."""
    code = {401: "access", 403: "access", 404: "not_found", 503: "network"}[status]
    asked = own.border / "asked"
    program = own.border / "askpass"
    program.write_text(f"#!/bin/sh\ntouch {asked}\necho secret\n")
    program.chmod(0o755)
    with server(f"HTTP/1.0 {status} No\r\nWWW-Authenticate: Basic\r\n\r\n".encode()) as port:
        for name in ("GIT_ASKPASS", "SSH_ASKPASS"):
            variables = {name: str(program), "DISPLAY": ":0"}
            assert own.refused(f"http://127.0.0.1:{port}/x.git", **variables) == code
        assert own.refused(f"http://ada:in-the-address@127.0.0.1:{port}/x.git") == code
    assert not asked.exists()
    told = own.printed + (own.border / "source.json").read_text()
    assert "in-the-address" not in told
    assert "ada:********@" in own.printed


# A clean work tree of our own


def test_an_own_tree_is_clean_whatever_builds_left(own: Step, origin: Repository) -> None:
    origin.commit("Ignore", **{".gitignore": "*.o\n"})
    own.run(origin.url)
    (own.tree / "told").write_text("changed")
    (own.tree / "left.o").touch()
    nested = Repository(own.tree / "nested")
    nested.commit()
    locked = own.tree / "read-only" / "deep"
    locked.mkdir(parents=True)
    (locked / "file").touch()
    own.git("checkout", "-q", "-b", "somewhere")
    own.git("config", "core.bare", "false")
    for path in (locked, locked.parent):
        path.chmod(0o500)
    own.run(origin.url)
    names = sorted(path.name for path in own.tree.iterdir())
    assert names == [".git", ".gitignore", "told"]
    assert own.git("status", "--porcelain", "--ignored") == ""


def _index_lock(tree: Path) -> None:
    (tree / ".git" / "index.lock").touch()


def _no_head(tree: Path) -> None:
    (tree / ".git" / "HEAD").unlink()


def _broken_index(tree: Path) -> None:
    (tree / ".git" / "index").write_bytes(b"nonsense")


def _broken_config(tree: Path) -> None:
    (tree / ".git" / "config").write_text("[[[")


def _empty_objects(tree: Path) -> None:
    for path in (tree / ".git" / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(b"")


def _work_tree_elsewhere(tree: Path) -> None:
    with (tree / ".git" / "config").open("a") as file:
        file.write(f"[core]\n\tworktree = {tree.parents[1] / 'precious'}\n")


def _git_is_a_file(tree: Path) -> None:
    shutil.rmtree(tree / ".git")
    (tree / ".git").write_text(f"gitdir: {tree.parents[1] / 'precious' / '.git'}\n")


def _no_git(tree: Path) -> None:
    shutil.rmtree(tree / ".git")


def _file_in_its_place(tree: Path) -> None:
    shutil.rmtree(tree)
    tree.write_text("a file")


def _link_in_its_place(tree: Path) -> None:
    shutil.rmtree(tree)
    tree.symlink_to(tree.parents[1] / "precious")


@pytest.mark.parametrize(
    "damage",
    [
        _index_lock, _no_head, _broken_index, _broken_config, _empty_objects,
        _work_tree_elsewhere, _git_is_a_file, _no_git, _file_in_its_place, _link_in_its_place,
    ],
)  # fmt: skip
def test_a_damaged_own_tree_is_made_anew(
    own: Step, origin: Repository, damage: Callable[[Path], None]
) -> None:
    """Nothing outside of it is touched, not even by a tree that leads there.

    Seen failing without the look at where the work tree lies: ``clean`` emptied the folder
    that ``core.worktree`` named, and the repository above.
    """
    outer = Repository(own.tree.parents[1])
    precious = Repository(own.tree.parents[1] / "precious")
    precious.commit()
    for repository in (outer, precious):
        (repository.folder / "not-committed").touch()
    own.run(origin.url)
    damage(own.tree)
    told = own.run(origin.url)
    assert told["commit"] == origin.head() == own.git("rev-parse", "HEAD")
    assert own.git("status", "--porcelain", "--ignored") == ""
    assert not own.tree.is_symlink()
    for repository in (outer, precious):
        assert (repository.folder / "not-committed").exists()


def test_a_computer_without_git_leaves_the_tree(own: Step, origin: Repository) -> None:
    """Seen failing: the tree was called damaged, and removed."""
    kept, code = own.run(origin.url)["commit"], own.refused(origin.url, PATH="/nonexistent")
    assert (code, "no git" in own.printed, own.git("rev-parse", "@")) == ("no_git", True, kept)


def test_a_server_that_fails_leaves_the_tree(own: Step, origin: Repository) -> None:
    own.run(origin.url)
    (own.tree / "left").touch()
    assert own.refused(str(origin.folder.parent / "missing")) == "not_found"
    assert (own.tree / "left").exists()


def test_hooks_and_variables_of_others_do_nothing(step: Step, origin: Repository) -> None:
    """Seen failing without ``core.hooksPath``, and with the variables of the caller."""
    step.run(origin.url)
    touched = step.border / "touched"
    for name in ("post-checkout", "post-merge", "reference-transaction"):
        hook = step.tree / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {touched}\n")
        hook.chmod(0o755)
    origin.commit("More")
    other = Repository(step.border / "other")
    told = step.run(
        origin.url,
        GIT_DIR=str(other.folder / ".git"),
        GIT_WORK_TREE=str(other.folder),
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0="core.pager",
        GIT_CONFIG_VALUE_0=f"touch {touched}",
        GIT_SSH_COMMAND=f"touch {touched}",
        GIT_TRACE=str(touched),
        GIT_INDEX_FILE=str(touched),
    )
    assert told["commit"] == origin.head()
    assert not touched.exists()


def test_submodules_are_there_and_follow(step: Step, origin: Repository) -> None:
    part = Repository(origin.folder.parent / "part")
    part.commit("Part one")
    allowed = ("-c", "protocol.file.allow=always")
    origin.git(*allowed, "submodule", "add", "--quiet", "../part", "inside")
    origin.commit("With a part")
    step.run(origin.url)
    assert (step.tree / "inside" / "told").read_text() == "Part one"
    part.commit("Part two")
    origin.git("-C", "inside", "pull", "--quiet")
    origin.git("commit", "--quiet", "-am", "With a newer part")
    if step.own:
        (step.tree / "inside" / "left").touch()
        (step.tree / "inside" / "told").write_text("changed")
    step.run(origin.url)
    assert (step.tree / "inside" / "told").read_text() == "Part two"
    assert not (step.tree / "inside" / "left").exists()


# A folder of somebody else


def test_an_empty_folder_becomes_a_clone(folder: Step, origin: Repository) -> None:
    Repository(folder.tree.parent)
    folder.tree.mkdir(parents=True)
    folder.run(origin.url, "dev/new")
    assert folder.git("status", "-sb").startswith("## dev/new...origin/dev/new")
    assert not list((folder.tree / ".git").glob("buildbench*"))
    origin.git("checkout", "--quiet", "dev/new")
    origin.commit("Fourth")
    folder.run(origin.url, "dev/new")
    # As ``git pull --ff-only`` would: who works there stays on the branch.
    assert folder.git("symbolic-ref", "--short", "HEAD") == "dev/new"
    assert folder.git("rev-parse", "HEAD") == origin.head()


def test_changes_in_a_folder_are_left_alone(folder: Step, origin: Repository) -> None:
    """Seen failing without the look before: a checkout takes changes along."""
    folder.run(origin.url)
    (folder.tree / "told").write_text("changed")
    told = folder.run(origin.url, "v1")
    assert told["error"] == {"code": "dirty", "about": "told"}
    assert (folder.tree / "told").read_text() == "changed"
    folder.git("checkout", "told")
    (folder.tree / "later").write_text("mine")
    origin.commit("With a file", later="theirs")
    assert folder.refused(origin.url) == "dirty"
    assert (folder.tree / "later").read_text() == "mine"


def test_commits_in_a_folder_are_left_alone(folder: Step, origin: Repository) -> None:
    folder.run(origin.url)
    clone = Repository(folder.tree)
    mine = clone.commit("Mine")
    assert folder.run(origin.url)["commit"] == origin.head()
    assert clone.head("main") == mine
    stray = clone.commit("On no branch")
    assert folder.refused(origin.url) == "stray_commits"
    assert clone.head() == stray


def test_folders_that_are_no_clones_of_it(folder: Step, origin: Repository) -> None:
    folder.tree.mkdir(parents=True)
    (folder.tree / "file").touch()
    assert folder.refused(origin.url) == "not_a_repository"
    other = Repository(folder.tree)
    other.git("remote", "add", "origin", "https://example.org/other.git")
    assert folder.refused(origin.url) == "other_repository"
    assert not list((folder.tree / ".git" / "refs" / "heads").iterdir())
    shutil.rmtree(folder.tree)
    folder.tree.write_text("a file")
    assert folder.refused(origin.url) == "folder"


def test_a_folder_inside_of_a_clone(folder: Step, origin: Repository) -> None:
    origin.commit("Deep", deep__file="1")
    folder.run(origin.url)
    folder.tree /= "deep"
    origin.commit("Deeper", deep__file="2")
    assert folder.run(origin.url)["commit"] == origin.head()
    assert (folder.tree / "file").read_text() == "2"


# A folder that is left as it stands


def test_a_folder_as_it_stands(folder: Step, origin: Repository) -> None:
    folder.tree = origin.folder
    told = folder.run("")
    assert (told["commit"], told["branch"], told["dirty"]) == (origin.head(), "main", False)
    (origin.folder / "told").write_text("changed")
    origin.git("checkout", "--quiet", "--detach")
    told = folder.run("")
    assert (told["commit"], told["branch"], told["dirty"]) == (origin.head(), "", True)


def test_folders_of_which_no_state_is_kept(folder: Step, origin: Repository) -> None:
    (origin.folder / "aside").mkdir()
    (origin.folder / "aside" / "file").touch()
    empty = Repository(folder.border / "empty")
    for tree in (origin.folder / "aside", empty.folder, folder.border):
        folder.tree = tree
        process = folder.start("")
        process.communicate(timeout=60)
        assert process.returncode == 0
        assert not (folder.border / "source.json").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_repository_of_somebody_else_above_runs_nothing(folder: Step) -> None:
    """Seen failing with ``safe.directory=*``: the filter of another's configuration ran."""
    touched = folder.border / "touched"
    trap = Repository(folder.tree.parent)
    folder.tree.mkdir()
    (trap.folder / ".gitattributes").write_text("* filter=trap\n")
    trap.commit(tree__file="1")
    trap.git("config", "filter.trap.clean", f"touch {touched}; cat")
    (folder.tree / "file").write_text("2")
    for path in (trap.folder / ".git", *(trap.folder / ".git").rglob("*")):
        os.chown(path, 65_534, 65_534)
    folder.start("").communicate(timeout=60)
    assert not touched.exists()
    assert not (folder.border / "source.json").exists()
    assert folder.refused(trap.url) in ("not_a_repository", "ownership")
    assert not touched.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_clone_of_somebody_else_that_was_chosen(folder: Step, origin: Repository) -> None:
    folder.run(origin.url)
    for path in (folder.tree, *folder.tree.rglob("*")):
        os.chown(path, 65_534, 65_534, follow_symlinks=False)
    head = origin.commit("Later")
    assert folder.run(origin.url)["commit"] == head
    for path in (origin.folder, *origin.folder.rglob("*")):
        os.chown(path, 65_534, 65_534)
    assert folder.refused(origin.url) in ("ownership", "not_found")


# The end of a build that is cancelled


@pytest.fixture
def silent() -> Iterator[int]:
    """Give the port of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_cancel_ends_a_fetch(step: Step, silent: int) -> None:
    process = step.start(f"git://127.0.0.1:{silent}/x")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Fetching")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 143
    assert not (step.border / "source.json").exists()


def test_a_clone_that_was_cancelled_is_gone_on_with(
    step: Step, origin: Repository, silent: int
) -> None:
    process = step.start(f"git://127.0.0.1:{silent}/x")
    assert process.stdout is not None
    process.stdout.readline()
    process.terminate()
    process.communicate(timeout=30)
    assert step.run(origin.url)["commit"] == origin.head()
