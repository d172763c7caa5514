"""Recent and trusted workspaces, out of files that anybody may have written."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from core.app import Core
from core.errors import PermissionDeniedError
from core.security.actors import Actor
from core.workspaces.memory import MOST_RECENT, ChosenWorkspaces, RecentWorkspaces
from core.workspaces.schemas import WorkspaceKind
from tests.core.running import Bench

HOSTILE = [
    "", "{", "null", "5", "{}", '["x", 5, null, []]', "[" * 100_000, "\0",
    json.dumps([{"path": 5, "opened": 0, "kind": "managed"}]),
    json.dumps([{"path": "/x\0y", "opened": "nan", "kind": "managed"}]),
    json.dumps([{"path": "/x", "opened": 1e300, "kind": "managed"}]),
    json.dumps([{"path": "/x", "opened": 0, "kind": "other"}]),
    json.dumps([{"path": "/" + "x" * 5_000, "opened": 0, "kind": "plain"}]),
    json.dumps([{"path": "/x", "opened": [], "kind": {}}]),
]  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE)
def test_hostile_files_count_as_empty(tmp_path: Path, content: str) -> None:
    file = tmp_path / "file.json"
    file.write_text(content)
    assert RecentWorkspaces(file).all() == ()
    assert not ChosenWorkspaces(file).holds(Path("/x"), "uid")
    RecentWorkspaces(file).add(tmp_path, WorkspaceKind.PLAIN)
    (entry,) = RecentWorkspaces(file).all()
    assert (entry.path, entry.exists) == (tmp_path, True)
    file.write_text(content)
    ChosenWorkspaces(file).add(Path("/x"), "uid")
    assert ChosenWorkspaces(file).holds(Path("/x"), "uid")


def test_recent_are_newest_first_and_few(tmp_path: Path) -> None:
    recent = RecentWorkspaces(tmp_path / "file.json")
    for number in [*range(30), 25]:
        recent.add(tmp_path / str(number), WorkspaceKind.MANAGED)
    names = [entry.path.name for entry in recent.all()]
    assert names[:4] == ["25", "29", "28", "27"]
    assert len(names) == len(set(names)) == MOST_RECENT
    recent.forget(tmp_path / "29")
    assert [entry.path.name for entry in recent.all()][:2] == ["25", "28"]
    assert not recent.all()[0].exists


def test_trust_is_of_path_and_uid_together(tmp_path: Path) -> None:
    trusted = ChosenWorkspaces(tmp_path / "file.json")
    trusted.add(Path("/a"), "one")
    assert trusted.holds(Path("/a"), "one")
    assert not trusted.holds(Path("/b"), "one")
    assert not trusted.holds(Path("/a"), "two")
    assert not trusted.holds(Path("/a"), "")
    trusted.add(Path("/a"), "two")
    assert not trusted.holds(Path("/a"), "one")


@pytest.mark.expected_log("was lost; 0 processes")
async def test_workspace_from_elsewhere_runs_nothing_until_trusted(
    bench: Bench, core: Core, actor: Actor, tmp_path: Path
) -> None:
    """Fails when trust is not asked by the queue, or by whoever leads.

    Also when the copy of a build that runs takes the processes of the original with it.
    """
    ran = tmp_path / "ran"
    gate = tmp_path / "gate"
    running = await bench.queue(f"echo up; until [ -e {gate} ]; do sleep 0.02; done")
    await bench.printed(running.id, "up")
    await bench.rules(parallel=1)
    waiting = await bench.queue(f"touch {ran}")
    assert waiting.state.value == "pending"
    await core.workspaces.close(bench.workspace)
    copied = tmp_path / "copied.db"
    await asyncio.to_thread(shutil.copy, bench.workspace.info.path, copied)
    ChosenWorkspaces(core.settings.folders.open_file).add(copied, bench.workspace.info.uid)
    copy = await core.workspaces.open(copied)
    assert not copy.info.trusted
    assert not (await copy.status()).leading
    with pytest.raises(PermissionDeniedError) as caught:
        await copy.builds.queue(actor, project_id=waiting.project_id)
    assert caught.value.hint
    assert len(await copy.projects.list_all(actor)) == 2
    assert not copy.folders.root.exists()
    await core.workspaces.trust(copy)
    await core.workspaces.trust(copy)
    mine = Bench(core, copy, actor, bench.folder)
    assert not ran.exists()
    assert (await mine.end(waiting.id)).state.value == "success"
    assert ran.exists()
    assert (await mine.end(running.id)).state.value == "failed"
    await core.workspaces.close(copy)
    assert (await core.workspaces.open(copied)).info.trusted
    bench.workspace = await core.workspaces.open(bench.workspace.info.path)
    gate.touch()
    assert (await bench.end(running.id)).state.value == "success"
    assert (await bench.end(waiting.id)).state.value == "success"
