"""Builds of repositories as the application runs them: trees, commits, words for refusals."""

import asyncio
import json
import os
import signal
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.builds.running import sources
from core.builds.running.border import DamagedBorderError
from core.builds.running.supervision import living_supervisor
from core.builds.schemas import BuildState, FailureReason
from core.builds.tables import Build
from core.errors import ValidationError
from core.projects.schemas import Checkout
from core.repositories import RepositoryError, in_words
from tests.core.builds.conftest import carriers
from tests.core.git import Repository
from tests.core.running import Bench
from tests.waiting import until


@pytest.fixture
def origin(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "origin")
    repository.commit("First")
    return repository


async def test_a_build_in_a_clean_tree_of_its_own(bench: Bench, origin: Repository) -> None:
    project = await bench.project(
        "cat told; touch left; test ! -e before; touch before",
        repository_url=origin.url, checkout=Checkout.OWN_TREE, path="",
    )  # fmt: skip
    for number in (1, 2):
        head = origin.commit(f"Change {number}")
        queued = await bench.workspace.builds.queue(bench.actor, project_id=project.id)
        build = await bench.end(queued.id)
        assert (build.state, build.message) == (BuildState.SUCCESS, "")
        assert (build.commit_hash, build.commit_subject) == (head, f"Change {number}")
        assert (build.commit_author, build.branch) == ("Ada Lovelace", "main")
        assert build.dirty is False
        assert build.commit_at is not None
        assert build.commit_at.tzinfo is not None
        assert f"Change {number}" in await bench.texts(build.id)
        assert Path(build.directory) == bench.workspace.folders.tree(project.uid, 0)


async def test_a_retry_builds_the_commit_that_was_built(
    bench: Bench, origin: Repository
) -> None:
    """Seen failing: it built what the branch had become, and told nothing of the failure."""
    project = await bench.project(
        "cat told; false", repository_url=origin.url, checkout=Checkout.OWN_TREE, path=""
    )
    head = origin.commit("The one that fails")
    first = await bench.end(
        (await bench.workspace.builds.queue(bench.actor, project_id=project.id)).id
    )
    origin.commit("Another one")
    again = await bench.end(
        (await bench.workspace.builds.retry(bench.actor, build_id=first.id)).id
    )
    assert (first.commit_hash, again.commit_hash) == (head, head)
    assert (again.branch, again.commit_subject) == ("main", "The one that fails")
    assert await bench.texts(again.id) != []
    assert not any("Another one" in text for text in await bench.texts(again.id))


async def test_builds_side_by_side_have_a_tree_each(bench: Bench, origin: Repository) -> None:
    """Seen failing with the same tree for all: the second one removed what the first left."""
    gate = bench.folder / "gate"
    project = await bench.project(
        f"touch mine; while [ ! -e {gate} ]; do sleep 0.05; done; test -e mine",
        repository_url=origin.url, checkout=Checkout.OWN_TREE, parallel=2,
    )  # fmt: skip
    builds = [
        await bench.workspace.builds.queue(bench.actor, project_id=project.id)
        for _number in range(3)
    ]
    trees = [bench.workspace.folders.tree(project.uid, slot) / "mine" for slot in (0, 1)]
    await until(lambda: all(tree.exists() for tree in trees), "two builds side by side")
    gate.touch()
    ended = [await bench.end(build.id) for build in builds]
    assert [build.state for build in ended] == [BuildState.SUCCESS] * 3
    used = [int(Path(build.directory).name) for build in ended]
    assert sorted(used[:2]) == [0, 1]
    assert used[2] in (0, 1)


async def test_a_folder_that_is_not_there_yet_is_cloned_into(
    bench: Bench, origin: Repository
) -> None:
    folder = bench.folder / "new" / "clone"
    build = await bench.run("cat told", repository_url=origin.url, path=str(folder))
    assert (build.state, build.commit_hash) == (BuildState.SUCCESS, origin.head())
    assert (folder / "told").read_text() == "First"
    (bench.folder / "file").touch()
    for path in (bench.folder / "file" / "below", bench.folder / "file"):
        with pytest.raises(ValidationError) as caught:
            await bench.project(repository_url=origin.url, path=str(path))
        assert set(caught.value.fields) == {"path"}


async def test_a_cancel_ends_a_fetch_and_leaves_nothing(bench: Bench) -> None:
    """Git runs in a session of its own, and ends with the build all the same."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"git://127.0.0.1:{silent.getsockname()[1]}/x"
        queued = await bench.queue("touch built", repository_url=url, path=str(bench.folder))
        await bench.printed(queued.id, "Fetching")
        connection = (await asyncio.to_thread(silent.accept))[0]
        await bench.workspace.builds.cancel(bench.actor, build_id=queued.id)
        build = await bench.end(queued.id)
        connection.close()
    assert (build.state, build.reason) == (BuildState.CANCELLED, None)
    assert not (bench.folder / "built").exists()
    assert carriers(build.uid) == set()


@pytest.mark.expected_log("was lost")
async def test_a_supervisor_killed_during_a_fetch_leaves_nothing(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"git://127.0.0.1:{silent.getsockname()[1]}/x"
        queued = await bench.queue("true", repository_url=url, checkout=Checkout.OWN_TREE)
        connection = (await asyncio.to_thread(silent.accept))[0]
        pid = living_supervisor(bench.workspace.folders.build(queued.uid))
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        build = await bench.end(queued.id)
        connection.close()
    assert (build.state, build.reason) == (BuildState.FAILED, FailureReason.LOST)
    assert carriers(build.uid) == set()


async def test_the_commit_is_known_while_the_build_runs(
    bench: Bench, origin: Repository
) -> None:
    build = await bench.queue("sleep 600", repository_url=origin.url, path=str(bench.folder))

    async def known() -> bool:
        return (await bench.get(build.id)).commit_hash == origin.head()

    await until(known, "the commit")
    assert (await bench.get(build.id)).state is BuildState.RUNNING
    await bench.workspace.builds.cancel(bench.actor, build_id=build.id)
    assert (await bench.end(build.id)).state is BuildState.CANCELLED


async def test_a_commit_that_cannot_be_had(bench: Bench, origin: Repository) -> None:
    project = await bench.project(
        "touch built", repository_url=origin.url, branch="missing", after_steps=("touch after",)
    )
    queued = await bench.workspace.builds.queue(bench.actor, project_id=project.id)
    build = await bench.end(queued.id)
    assert (build.state, build.reason) == (BuildState.FAILED, FailureReason.CHECKOUT)
    assert "no branch, tag or commit named “missing”" in build.message
    assert "Check the name" in build.message
    assert build.commit_hash == ""
    assert any("missing" in line for line in await bench.texts(build.id))
    assert not {"built", "after"} & {path.name for path in bench.folder.iterdir()}


async def test_a_folder_in_a_repository_tells_its_commit(
    bench: Bench, origin: Repository
) -> None:
    origin.branch("topic")
    head = origin.commit("Deep", deep__file="1")
    (origin.folder / "told").write_text("changed")
    build = await bench.run("true", path=str(origin.folder / "deep"))
    assert (build.state, build.commit_hash) == (BuildState.SUCCESS, head)
    assert (build.branch, build.dirty, build.repository_url) == ("topic", True, "")


async def test_a_folder_in_no_repository_costs_no_step(bench: Bench) -> None:
    build = await bench.run("true")
    assert (build.state, build.commit_hash, build.dirty) == (BuildState.SUCCESS, "", None)
    stored = Build(uid="x", repository_url="", checkout="folder", directory=str(bench.folder))  # type: ignore[call-arg]
    found = await asyncio.to_thread(sources.steps, bench.folder, stored)
    assert found == []
    assert not list(bench.folder.iterdir())


@pytest.mark.expected_log("could not be started")
async def test_trees_that_lead_elsewhere_are_not_used(
    bench: Bench, origin: Repository, tmp_path: Path
) -> None:
    project = await bench.project("true", repository_url=origin.url, checkout=Checkout.OWN_TREE)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    bench.workspace.folders.trees.symlink_to(elsewhere)
    queued = await bench.workspace.builds.queue(bench.actor, project_id=project.id)
    build = await bench.end(queued.id)
    assert (build.state, build.reason) == (BuildState.FAILED, FailureReason.NOT_STARTED)
    assert "link" in build.message
    assert not list(elsewhere.iterdir())


# What stands in the border comes from a folder into which a build may write


GOOD: dict[str, Any] = {
    "commit": "a" * 40, "author": "Ada", "subject": "First", "at": 1_700_000_000,
    "branch": "main", "dirty": False,
}  # fmt: skip


def told(tmp_path: Path, **changes: object) -> sources.Source | None:
    (tmp_path / sources.SOURCE).write_text(json.dumps({**GOOD, **changes}))
    return sources.read(tmp_path)


def test_a_commit_is_read(tmp_path: Path) -> None:
    assert sources.read(tmp_path) is None
    found = told(tmp_path, subject="a\x1b[31m\u202eb\n" + "x" * 1_000, author="\0")
    assert found is not None
    assert found.subject.startswith("a [31m b x")
    assert len(found.subject) == sources.LONGEST
    assert found.author == ""
    assert found.at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "changes",
    [
        {"commit": "HEAD"}, {"commit": "A" * 40}, {"commit": ""}, {"commit": None},
        {"at": None},
        {"at": -1}, {"at": 10**15}, {"at": "1"}, {"dirty": "no"}, {"author": 1},
        {"subject": []}, {"branch": {}}, {"error": {"code": 1}},
    ],
)  # fmt: skip
def test_a_commit_that_nobody_wrote_like_that(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    with pytest.raises(DamagedBorderError):
        told(tmp_path, **changes)


def test_every_reason_has_words(tmp_path: Path) -> None:
    script = Path(sources.__file__).with_name("checkout.py").read_text("utf-8")
    codes = {
        code
        for code in (
            "no_room", "ownership", "host_key", "certificate", "protocol", "no_reference",
            "not_found", "access", "network", "dirty", "locked", "failed", "no_git", "folder",
            "empty", "other_repository", "not_a_repository", "stray_commits",
        )
        if f'"{code}"' in script
    }  # fmt: skip
    assert len(codes) == 18
    titles = set()
    for code in codes:
        with pytest.raises(RepositoryError) as caught:
            told(tmp_path, error={"code": code, "about": "a\x1bb"})
        assert caught.value.hint
        assert "\x1b" not in in_words(caught.value)
        titles.add(caught.value.title)
    assert len(titles) == len(codes)
    with pytest.raises(RepositoryError, match="could not get the commit"):
        told(tmp_path, error={"code": "something new"})
