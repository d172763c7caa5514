"""A workspace whose rows were written by somebody else: nothing outside it is touched."""

import asyncio
import json
import os
import signal
import uuid
from pathlib import Path

import pytest
from sqlalchemy import text

from core.builds.running import supervision
from core.builds.schemas import BuildRow, BuildState, FailureReason
from core.workspaces.workspace import Workspace
from tests.core.running import Bench
from tests.waiting import until

_GIVEN_UP = r"is given up: |The folder of build "


async def _forge(bench: Bench, build_id: int, **values: object) -> None:
    """Write into the row of a build while nobody leads, and open the workspace again."""
    await bench.core.workspaces.close(bench.workspace)
    bench.workspace = await bench.core.workspaces.open(bench.workspace.info.path)
    await bench.workspace._leader.stop()
    names = ", ".join(f"{name} = :{name}" for name in values)
    async with bench.workspace.database.unit_of_work() as unit:
        await unit.session.execute(
            text(f"UPDATE builds SET {names} WHERE id = :id"), {**values, "id": build_id}
        )
        await unit.commit()
    await bench.workspace._leader.start()


async def _finished(bench: Bench, build_id: int) -> BuildRow:
    async def ended() -> bool:
        return (await bench.get(build_id)).state.finished

    await until(ended, "the end of the build")
    return await bench.get(build_id)


@pytest.mark.expected_log(_GIVEN_UP)
@pytest.mark.parametrize("place", ["{}", "../../victim", ""])
async def test_uid_that_is_a_path(bench: Bench, tmp_path: Path, place: str) -> None:
    """Failed by deleting the folder that the uid named."""
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "thesis.txt").write_text("years of work")
    build = await bench.run("true")
    started = "2020-01-01 00:00:00.000000"
    uid = place.format(victim)
    await _forge(bench, build.id, uid=uid, state="running", started_at=started)
    ended = await _finished(bench, build.id)
    assert ended.reason is FailureReason.LOST
    assert "names no folder" in ended.message
    assert [file.name for file in victim.iterdir()] == ["thesis.txt"]
    assert bench.workspace.folders.builds.is_dir()
    assert (await bench.run("true")).state is BuildState.SUCCESS


@pytest.mark.expected_log(_GIVEN_UP)
@pytest.mark.parametrize(
    "values",
    [
        {"uid": "a" * 300, "state": "cancelling"},
        {"state": "running", "environment": "{"},
        {"state": "running", "spool_offset": -5},
        {"state": "running", "log_lines": "many"},
    ],
)
async def test_damaged_row_keeps_nobody_waiting(
    bench: Bench, values: dict[str, object]
) -> None:
    """Failed by stopping the whole queue, once a second or every two."""
    build = await bench.run("true")
    await _forge(bench, build.id, **values)
    other = await bench.run("true")
    assert other.state is BuildState.SUCCESS

    async def state() -> object:
        async with bench.workspace.database.read() as session:
            query = text("SELECT reason FROM builds WHERE id = :id")
            return await session.scalar(query, {"id": build.id}) == "lost"

    await until(state, "the end of the damaged build")


@pytest.mark.expected_log(r"could not be started|The folder of build ")
@pytest.mark.parametrize(
    "values",
    [{"uid": "../x"}, {"environment": "[1]"}, {"environment": "{"}, {"spool_skip": -1}],
)
async def test_damaged_row_in_the_queue(bench: Bench, values: dict[str, object]) -> None:
    """Failed by trying to start the same build for ever, or by starting it unattended."""
    ran = bench.folder / "ran"
    build = await bench.run("true")
    columns = {"command": f"touch {ran}", "state": "pending", **values}
    await _forge(bench, build.id, **columns)
    assert (await bench.run("true")).state is BuildState.SUCCESS

    async def reason() -> object:
        async with bench.workspace.database.read() as session:
            query = text("SELECT reason FROM builds WHERE id = :id")
            return await session.scalar(query, {"id": build.id}) == "not_started"

    await until(reason, "the end of the damaged build")
    assert not ran.exists()


@pytest.mark.parametrize("hostile", [False, True])
async def test_cancel_writes_nothing_for_an_untrusted_workspace(
    bench: Bench, tmp_path: Path, hostile: bool
) -> None:
    """Failed by making a file ``cancel`` in any folder that the uid named."""
    victim = tmp_path / "victim"
    victim.mkdir()
    running, waiting = await bench.run("true"), await bench.run("true")
    workspace: Workspace = bench.workspace
    await workspace._leader.stop()
    uid = str(victim) if hostile else running.uid
    folder = Path(uid) if hostile else workspace.folders.build(uid)
    folder.mkdir(exist_ok=True)
    async with workspace.database.unit_of_work() as unit:
        change = text("UPDATE builds SET state = :state, uid = :uid WHERE id = :id")
        values = {"state": "running", "uid": uid, "id": running.id}
        await unit.session.execute(change, values)
        values = {"state": "pending", "uid": str(uuid.uuid4()), "id": waiting.id}
        await unit.session.execute(change, values)
        await unit.commit()

    def refuse() -> None:
        from core.errors import PermissionDeniedError

        raise PermissionDeniedError("This workspace is not trusted.")

    workspace.builds._check_trusted = refuse
    cancel = workspace.builds.cancel
    assert (await cancel(bench.actor, build_id=running.id)).state is BuildState.CANCELLING
    assert (await cancel(bench.actor, build_id=waiting.id)).state is BuildState.CANCELLED
    assert list(folder.iterdir()) == []


@pytest.mark.expected_log(r"was lost; |left a damaged result")
@pytest.mark.parametrize(
    "content", ['{"outcome":"exited","duration_ms":null}', "[" * 9000, None]
)
async def test_result_that_cannot_be_read(bench: Bench, content: str | None) -> None:
    """Failed by following the build for ever, or by waiting at a pipe."""
    build = await bench.queue("echo up; exec sleep 600")
    await bench.printed(build.id, "up")
    folder = bench.workspace.folders.build(build.uid)
    if content is None:
        os.mkfifo(folder / "result.json")
    else:
        (folder / "result.json").write_text(content)
    os.kill(json.loads((folder / "supervisor.json").read_bytes())["pid"], signal.SIGKILL)
    ended = await bench.end(build.id)
    assert ended.reason is FailureReason.LOST
    assert "cannot be read" in ended.message
    assert await bench.texts(build.id) == ["up"]


async def test_folder_of_an_unknown_build_is_removed(bench: Bench) -> None:
    """Failed while only known builds were looked for: the folder stayed for ever."""
    await bench.core.workspaces.close(bench.workspace)
    builds = bench.workspace.folders.builds
    unknown, living, half = (builds / str(uuid.uuid4()) for _i in range(3))
    half = half.with_name(f"{half.name}.00aa11bb.ended")
    for folder in (unknown, living, half):
        folder.mkdir()
        (folder / "spool.000000").write_bytes(b"x")
    ticks = supervision._start_ticks(os.getpid())
    identity = {"pid": os.getpid(), "start_ticks": ticks, "boot_id": supervision._boot_id()}
    (living / "supervisor.json").write_text(json.dumps(identity))
    bench.workspace = await bench.core.workspaces.open(bench.workspace.info.path)
    await until(lambda: not unknown.exists() and not half.exists(), "the removal")
    assert (await asyncio.to_thread(os.listdir, builds)) == [living.name]
