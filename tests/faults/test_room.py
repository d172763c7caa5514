"""A disk that is full, and output that is huge."""

import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from core.app import Core
from core.builds.schemas import BuildState
from core.database.query.schemas import ListQuery
from core.errors import AppError, ExternalError
from core.events import Event, NoticeRaised
from core.progress import Progress
from core.security.actors import Actor
from core.users.schemas import UserCreate
from core.users.transfer.fields import EXPORTED
from core.users.transfer.schemas import FileFormat
from tests.core.running import Bench
from tests.faults.disks import MIB, fill, free_bytes
from tests.faults.hosts import host
from tests.waiting import until

_FEW = 10


def _names(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


@pytest.mark.expected_log("full", "Leading was interrupted", "taken up again", "queue waits",
                          "could not be read or written", "Cannot watch")  # fmt: skip
async def test_full_disk_while_a_log_is_stored(
    small_disk: Path, core: Core, actor: Actor, tmp_path: Path
) -> None:
    """Fails when a batch that found no room is thrown away instead of tried again."""
    told: list[Event] = []
    core.events.subscribe(told.append)
    source = tmp_path / "source"
    source.mkdir()
    data = b"".join(os.urandom(60).hex().encode() + b"\n" for _i in range(100_000))
    (source / "data").write_bytes(data)
    workspace = await core.workspaces.create(small_disk / "w.db", open_here=True)
    bench = Bench(core, workspace, actor, source)
    filler = fill(small_disk, but=6 * MIB)
    build = await bench.queue("cat data")
    await until(lambda: free_bytes(small_disk) < 64 * 1024, "a full disk")
    await until(lambda: any(isinstance(event, NoticeRaised) for event in told), "a notice")
    notice = next(event for event in told if isinstance(event, NoticeRaised))
    assert "full" in notice.title
    assert notice.hint
    assert (await bench.get(build.id)).state is BuildState.RUNNING
    filler.unlink()
    ended = await bench.end(build.id)
    assert ended.state is BuildState.SUCCESS
    assert ended.log_bytes >= len(data)
    saved = await bench.log(build.id)
    # Our own line may stand in the middle of one of the build, which it ends.
    kept = b"".join(line for line in saved.split(b"\n") if b"disk was full" not in line)
    expected = data.replace(b"\n", b"")
    assert hashlib.sha256(kept).digest() == hashlib.sha256(expected).digest()


async def test_full_disk_when_a_workspace_is_made(small_disk: Path, core: Core) -> None:
    """Fails when the partial file is not removed."""
    fill(small_disk, but=20 * 1024)
    before = _names(small_disk)
    with pytest.raises(AppError) as caught:
        await core.workspaces.create(small_disk / "w.db", open_here=True)
    assert caught.value.hint
    assert "full" in caught.value.as_text()
    assert _names(small_disk) == before


async def test_full_disk_when_a_log_or_people_are_saved(small_disk: Path, bench: Bench) -> None:
    """Fails when the old file is written over, and when the partial file is not removed."""
    build = await bench.run("head -c 200000 /dev/zero | tr '\\0' x")
    targets = {name: small_disk / name for name in ("a.log", "people.json")}
    for target in targets.values():
        target.write_text("old")
    fill(small_disk, but=4096)
    before = _names(small_disk)

    async def save_log(target: Path) -> object:
        return await bench.workspace.logs.save(
            bench.actor, build_id=build.id, target=target, progress=Progress(lambda: None)
        )

    async def export(target: Path) -> object:
        names = [f"user{number}" for number in range(300)]
        many = [UserCreate(username=name, display_name=name) for name in names]
        await bench.workspace.users.create_many(bench.actor, data=many)
        return await bench.workspace.exports.run(
            bench.actor, selection=ListQuery(), fields=EXPORTED, format=FileFormat.JSON,
            target=target, progress=Progress(lambda: None),
        )  # fmt: skip

    for save, target in zip((save_log, export), targets.values(), strict=True):
        with pytest.raises(ExternalError) as caught:
            await save(target)
        assert "disk is full" in caught.value.detail
        assert "room on the disk" in caught.value.hint
        assert await asyncio.to_thread(target.read_text) == "old"
        assert _names(small_disk) == before


@pytest.mark.timeout(180)
async def test_a_huge_line_needs_little_memory(bench: Bench, fault_count: int) -> None:
    """Fails when the cutter keeps a line until its newline: the process would grow by it.

    It has 256 MiB, and a gibibyte in ``make faults``; a journey has one of a gigabyte.
    """
    length = (1024 if fault_count >= _FEW else 256) * MIB
    command = f"head -c {length} /dev/zero | tr '\\0' x; echo; echo after"
    project = await bench.project(command)
    await bench.core.workspaces.close(bench.workspace)
    path = bench.workspace.info.path
    async with host(path) as process:
        idle_kib = int((await process.told("open"))[1])
        build_id = await process.queue(project.id)
        _id, state, peak_kib = await process.told("finished", 150)
        await process.leave()
    assert state == "success"
    assert int(peak_kib) - idle_kib < 150 * 1024
    bench.workspace = await bench.core.workspaces.open(path)
    build = await bench.get(build_id)
    assert (build.log_lines, build.log_bytes) == (2, length + 7)
    long, after = await bench.lines(build_id)
    assert (long.cut, after.message) == (True, "after")
