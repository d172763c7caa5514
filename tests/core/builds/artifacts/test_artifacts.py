"""Artifacts of real builds: gathered at whatever end, listed, handed out, swept."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core.builds.artifacts import gathering
from core.builds.artifacts.collecting import collect
from core.builds.artifacts.gathering import ArtifactGatherer
from core.builds.artifacts.sweeping import ArtifactSweep
from core.builds.running.results import Result
from core.builds.schemas import ArtifactRow, BuildRow, BuildState, FailureReason
from core.database.database import Database
from core.database.unit_of_work import UnitOfWork
from core.errors import AppError, ExternalError, NotFoundError
from core.progress import Progress
from tests.core.running import Bench

NO_PROGRESS = Progress(lambda: None)


async def _artifacts(bench: Bench, build: BuildRow) -> dict[str, ArtifactRow]:
    found = await bench.workspace.artifacts.list_of(bench.actor, build_id=build.id)
    return {row.path: row for row in found}


async def _path(bench: Bench, row: ArtifactRow) -> Path:
    return await bench.workspace.artifacts.path_of(bench.actor, artifact_id=row.id)


def _files(bench: Bench) -> list[Path]:
    root = bench.workspace.folders.artifacts
    return [path for path in root.rglob("*") if path.is_file()]


def _partial(folder: Path) -> list[Path]:
    return list(folder.glob(".*partial"))


async def _execute(bench: Bench, statement: str, **values: object) -> None:
    async with bench.workspace.database.unit_of_work() as unit:
        await unit.session.execute(text(statement), values)
        await unit.commit()


async def test_what_a_build_made_is_listed_and_compared_with_the_build_before(
    bench: Bench,
) -> None:
    """Fails when the size before is of a failed build, or of one that came later."""
    project = await bench.project(
        'head -c "$(cat size)" /dev/zero > out.bin; echo new > "new.$(cat size)";'
        ' test "$(cat size)" != 7',
        artifact_patterns=("*.bin", "new.*"),
    )
    builds = []
    for size in (100, 7, 150, 150):
        (bench.folder / "size").write_text(str(size))
        queued = await bench.workspace.builds.queue(bench.actor, project_id=project.id)
        builds.append(await bench.end(queued.id))
    first, failed, third, _fourth = builds
    assert (first.artifact_count, first.artifact_bytes) == (2, 104)
    rows = await _artifacts(bench, first)
    assert [(r.size, r.size_before) for r in rows.values()] == [(4, None), (100, None)]
    assert rows["out.bin"].sha256 == hashlib.sha256(bytes(100)).hexdigest()
    assert failed.state is BuildState.FAILED
    assert (await _artifacts(bench, failed))["out.bin"].size_before == 100
    rows = await _artifacts(bench, third)
    assert (rows["out.bin"].size, rows["out.bin"].size_before) == (150, 100)
    assert rows["new.150"].size_before is None
    assert "4 artifacts were kept (112 B)." not in await bench.texts(first.id)
    assert (await bench.texts(first.id))[-1] == "2 artifacts were kept (104 B)."


async def test_steps_after_the_command_make_artifacts_too(bench: Bench) -> None:
    build = await bench.run(
        "echo bad; exit 3", after_steps=("echo report > report.txt",),
        artifact_patterns=("*.txt", "nothing/**"),
    )  # fmt: skip
    assert (build.state, build.artifact_count) == (BuildState.FAILED, 1)
    assert list(await _artifacts(bench, build)) == ["report.txt"]


async def test_artifacts_of_builds_that_were_ended_are_kept(bench: Bench) -> None:
    """A limit, and a cancel; fails when only an exit of the command gathers."""
    late = await bench.run(
        "echo x > made; sleep 60", timeout_s=1, grace_s=1, artifact_patterns=("made",)
    )
    assert (late.reason, late.artifact_count) == (FailureReason.TIMEOUT, 1)
    build = await bench.queue(
        "echo x > made; echo there; sleep 60", grace_s=1, artifact_patterns=("made",)
    )
    await bench.printed(build.id, "there")
    await bench.workspace.builds.cancel(bench.actor, build_id=build.id)
    build = await bench.end(build.id)
    assert (build.state, build.artifact_count) == (BuildState.CANCELLED, 1)


async def test_nothing_is_gathered_where_the_command_did_not_run(bench: Bench) -> None:
    """What lies there is of builds before; fails when it is listed as made by this one."""
    (bench.folder / "old").write_text("of a build before")
    build = await bench.run("true", before_steps=("false",), artifact_patterns=("*",))
    assert (build.reason, build.artifact_count) == (FailureReason.BEFORE_STEP, 0)
    assert (await bench.texts(build.id))[-1].endswith("because the command did not run.")
    assert not _files(bench)


@pytest.mark.parametrize("name", ["cancel", "cancel.again"])
async def test_a_cancel_ends_the_gathering(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Fails (never ends) when nobody looks for the request while files are copied."""
    began = asyncio.Event()
    loop = asyncio.get_running_loop()
    real = collect

    def slow(folders: object, **values: object) -> object:
        loop.call_soon_threadsafe(began.set)
        stopped = values["stopped"]
        assert callable(stopped)
        while not stopped():
            os.sched_yield()
        return real(folders, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(gathering, "collect", slow)
    command = "echo x > made; echo there" + ("; sleep 60" if name == "cancel.again" else "")
    build = await bench.queue(command, grace_s=1, artifact_patterns=("made",))
    await bench.printed(build.id, "there")
    if name == "cancel.again":
        await bench.workspace.builds.cancel(bench.actor, build_id=build.id)
    await began.wait()
    await bench.workspace.builds.cancel(bench.actor, build_id=build.id)
    build = await bench.end(build.id)
    assert (build.state, build.artifact_count) == (BuildState.CANCELLED, 0)
    assert "stopped on request" in "\n".join(await bench.texts(build.id))


async def test_a_window_that_closes_meanwhile_leaves_no_copies(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next leader gathers anew, once; fails when the copies of the first time stay."""
    began = asyncio.Event()
    loop = asyncio.get_running_loop()
    real = collect

    def slow(folders: object, **values: object) -> object:
        found = real(folders, **values)  # type: ignore[arg-type]
        loop.call_soon_threadsafe(began.set)
        stopped = values["stopped"]
        assert callable(stopped)
        while not stopped():
            os.sched_yield()
        return found

    monkeypatch.setattr(gathering, "collect", slow)
    build = await bench.queue("echo x > made", artifact_patterns=("made",))
    await began.wait()
    path = bench.workspace.info.path
    stray = bench.workspace.folders.artifacts_of(build.uid) / "stray"
    await bench.core.workspaces.close(bench.workspace)
    assert not _files(bench)
    # As a kill in the middle would leave it.
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"half")
    monkeypatch.setattr(gathering, "collect", real)
    bench.workspace = await bench.core.workspaces.open(path)
    build = await bench.end(build.id)
    assert build.artifact_count == 1
    assert [file.name == "stray" for file in _files(bench)] == [False]


async def test_copies_of_a_crash_are_not_deleted_under_the_write_lock(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may be ten thousand. Seen with the unit of work open, and deleting what came since.

    What comes once the fence was looked at may be of another leader.
    """
    await bench.workspace._leader.stop()
    database, folders = bench.workspace.database, bench.workspace.folders
    fence = await bench.workspace._leader._acquire()
    assert fence is not None
    (bench.folder / "made").write_text("x")
    build = await bench.queue("true", artifact_patterns=("made",))
    folder = folders.artifacts_of(build.uid)
    folder.mkdir(parents=True)
    (folder / "stray").write_bytes(b"half")
    open_units, real, clear = 0, Database.unit_of_work, gathering._clear

    @asynccontextmanager
    async def counted(self: Database, **values: Any) -> AsyncIterator[UnitOfWork]:
        nonlocal open_units
        async with real(self, **values) as unit:
            open_units += 1
            try:
                yield unit
            finally:
                open_units -= 1

    def cleared(*args: Any) -> None:
        assert not open_units
        (folder / "newer").write_bytes(b"of another leader")
        clear(*args)

    monkeypatch.setattr(Database, "unit_of_work", counted)
    monkeypatch.setattr(gathering, "_clear", cleared)
    result = Result("exited", 0, None, "", 1)
    found = await ArtifactGatherer(database, folders).gather(
        build.id, fence, result=result, stop_files=()
    )
    assert found.values["artifact_count"] == 1
    assert len(_files(bench)) == 2
    assert not (folder / "stray").exists()
    assert (folder / "newer").exists()


async def test_files_are_handed_out_only_as_they_were_made(
    bench: Bench, tmp_path: Path
) -> None:
    """Fails when a file that was changed, swapped or removed is given out as the artifact."""
    content = os.urandom(2_500_000)
    (bench.folder / "big").write_bytes(content)
    build = await bench.run("true", artifact_patterns=("big",))
    row = (await _artifacts(bench, build))["big"]
    path = await _path(bench, row)
    assert path.read_bytes() == content
    service, target = bench.workspace.artifacts, tmp_path / "saved"
    saved = await service.save_as(
        bench.actor, artifact_id=row.id, target=target, progress=NO_PROGRESS
    )
    assert (saved, target.read_bytes()) == (2_500_000, content)
    target.write_bytes(b"old")

    async def refused(kind: type[AppError]) -> str:
        with pytest.raises(kind) as told:
            await _path(bench, row)
        with pytest.raises(kind):
            await service.save_as(
                bench.actor, artifact_id=row.id, target=target, progress=NO_PROGRESS
            )
        assert told.value.hint
        return told.value.title

    with path.open("r+b") as file:
        file.write(b"?")
    assert "is not what the build made" in await refused(ExternalError)
    path.unlink()
    path.symlink_to(bench.folder / "big")
    await refused(AppError)
    path.unlink()
    os.mkfifo(path)
    assert "cannot be read" in await refused(ExternalError)
    path.unlink()
    assert "is gone" in await refused(NotFoundError)
    await _execute(bench, "UPDATE artifacts SET removed_at = created_at")
    assert "was not kept" in await refused(NotFoundError)
    await _execute(bench, "DELETE FROM artifacts")
    assert "is gone" in await refused(NotFoundError)
    assert target.read_bytes() == b"old"
    assert not _partial(tmp_path)


async def test_programs_can_be_run_once_they_are_saved(bench: Bench, tmp_path: Path) -> None:
    """Seen saved like any text; the copy that is kept cannot be run."""
    command = "touch text; echo 'echo hello' > program; chmod 755 program"
    build = await bench.run(command, artifact_patterns=("*",))
    modes = {}
    umask = os.umask(0o022)
    try:
        for path, row in (await _artifacts(bench, build)).items():
            target = tmp_path / path
            await bench.workspace.artifacts.save_as(
                bench.actor, artifact_id=row.id, target=target, progress=NO_PROGRESS
            )
            modes[path] = target.stat().st_mode & 0o777
    finally:
        os.umask(umask)
    assert modes == {"text": 0o644, "program": 0o755}
    assert {file.stat().st_mode & 0o777 for file in _files(bench)} == {0o600}


async def test_a_sweep_removes_only_what_nobody_knows(bench: Bench) -> None:
    """Fails when it removes files of a build that runs, or of rows (both mutants seen)."""
    (bench.folder / "made").write_text("x")
    build = await bench.run("true", artifact_patterns=("made",))
    gone = await bench.run("true", artifact_patterns=("made",))
    running = await bench.queue("echo there; sleep 60", artifact_patterns=("made",))
    await bench.printed(running.id, "there")
    folders = bench.workspace.folders
    kept = _files(bench)
    (folders.artifacts_of(build.uid) / "orphan").write_text("x")
    current = folders.artifacts_of(running.uid)
    current.mkdir()
    (current / "being copied").write_text("x")
    (folders.artifacts / "not ours").mkdir()
    (folders.artifacts / "not ours" / "file").write_text("x")
    await bench.workspace.projects.delete(bench.actor, project_id=gone.project_id)
    sweep = ArtifactSweep(bench.workspace.database, folders)
    other = folders.database.with_suffix(".sqlite")
    other.write_bytes(b"another database with the same folder")
    assert await sweep.sweep() == 1
    other.unlink()
    assert await sweep.sweep() == 1
    names = {file.name for file in _files(bench)}
    assert names == {"being copied", "file"} | {
        file.name for file in kept if file.parent.name == build.uid
    }
    assert not folders.artifacts_of(gone.uid).exists()
    await bench.workspace.builds.cancel(bench.actor, build_id=running.id)
    await bench.end(running.id)


async def test_rows_that_lie_about_names_lead_nowhere(bench: Bench) -> None:
    """A database may come from anybody; fails when a ``uid`` is taken for a path."""
    (bench.folder / "made").write_text("x")
    build = await bench.run("true", artifact_patterns=("made",))
    row = (await _artifacts(bench, build))["made"]
    await _execute(bench, "UPDATE artifacts SET uid = '../../../source/made'")
    with pytest.raises(AppError):
        await _path(bench, row)
