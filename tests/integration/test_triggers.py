"""Triggers as the leader runs them: real repositories, real builds, one after another."""

import asyncio
import socket
from pathlib import Path

import pytest
from sqlalchemy import text

from core.builds.schemas import BuildRow, BuildState, TriggerKind
from core.projects.schemas import Checkout, ProjectRow
from core.repositories import RepositoryError, newest_commit
from core.triggers.schemas import TriggerCreate
from tests.core.git import Repository
from tests.core.running import Bench
from tests.waiting import until


async def builds(bench: Bench, project: ProjectRow) -> tuple[BuildRow, ...]:
    page = await bench.workspace.builds.list_page(bench.actor, project_id=project.id)
    return page.rows


async def test_new_commits_are_built_and_what_comes_after(bench: Bench, tmp_path: Path) -> None:
    """Commit, checkout, build, and the build of the project behind it."""
    origin = Repository(tmp_path / "origin")
    first = origin.commit("First")
    project = await bench.project(
        "cat told", repository_url=origin.url, checkout=Checkout.OWN_TREE, path=""
    )
    behind = await bench.project("echo behind")
    service = bench.workspace.triggers
    seen = await service.create(
        bench.actor,
        project_id=project.id,
        data=TriggerCreate.model_validate({"kind": "commits", "interval_s": 10}),
    )
    await service.create(
        bench.actor,
        project_id=behind.id,
        data=TriggerCreate.model_validate(
            {"kind": "after_project", "source_project_id": project.id}
        ),
    )

    async def remembered() -> bool:
        (trigger,) = await service.list_of(bench.actor, project_id=project.id)
        return trigger.seen == first

    await until(remembered, "the first commit")
    assert await builds(bench, project) == ()
    second = origin.commit("Second")
    data = TriggerCreate.model_validate({"kind": "commits", "interval_s": 11})
    await service.update(bench.actor, trigger_id=seen.id, version=seen.version, data=data)

    async def built() -> bool:
        rows = await builds(bench, behind)
        return bool(rows) and rows[0].state is BuildState.SUCCESS

    await until(built, "the build of the project behind")
    (build,) = await builds(bench, project)
    assert (build.trigger, build.commit_hash) == (TriggerKind.COMMITS, second)
    assert "Second" in await bench.texts(build.id)
    (after,) = await builds(bench, behind)
    assert (after.trigger, after.caused_by) == (TriggerKind.AFTER_PROJECT, build.id)
    await bench.end(after.id)


async def test_a_workspace_that_is_not_trusted_fires_nothing(bench: Bench, home: Path) -> None:
    """What was missed meanwhile fires once the person trusts it, and not before."""
    project = await bench.project()
    await bench.workspace.triggers.create(
        bench.actor,
        project_id=project.id,
        data=TriggerCreate.model_validate({"kind": "schedule", "expression": "0 0 1 1 *"}),
    )
    async with bench.workspace.database.unit_of_work() as unit:
        await unit.session.execute(
            text("UPDATE build_triggers SET next_at = '2020-01-01 00:00:00.000000'")
        )
        await unit.commit()
    path = bench.workspace.info.path
    await bench.core.workspaces.close(bench.workspace)
    (home / "config" / "trust.json").unlink()
    bench.workspace = await bench.core.workspaces.open(path)
    assert not (await bench.workspace.status()).leading
    assert await builds(bench, project) == ()
    await bench.core.workspaces.trust(bench.workspace)

    async def fired() -> bool:
        return bool(await builds(bench, project))

    await until(fired, "the schedule that was missed")
    (build,) = await builds(bench, project)
    assert build.trigger is TriggerKind.SCHEDULE
    await bench.end(build.id)


async def test_which_commit_a_repository_has(tmp_path: Path) -> None:
    origin = Repository(tmp_path / "origin")
    first = origin.commit("First")
    origin.git("tag", "-a", "-m", "told", "v1")
    origin.branch("dev")
    second = origin.commit("Second")
    for name, commit, branch in (
        ("", second, "dev"), ("main", first, "main"), ("v1", first, ""), ("dev", second, "dev"),
    ):  # fmt: skip
        tip = await newest_commit(origin.url, name)
        assert (tip.commit, tip.branch) == (commit, branch)
    with pytest.raises(RepositoryError, match="named “missing”"):
        await newest_commit(str(origin.folder), "missing")
    with pytest.raises(RepositoryError, match="no repository at this address"):
        await newest_commit(str(tmp_path / "nothing"), "")


async def test_a_server_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(RepositoryError, match="cannot be reached"):
            await newest_commit(f"git://127.0.0.1:{port}/x", "", limit_s=0.5)
        silent.accept()[0].close()
        asking = asyncio.create_task(newest_commit(f"git://127.0.0.1:{port}/x", ""))
        connection = (await asyncio.to_thread(silent.accept))[0]
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        connection.close()
