"""Builds from the queue to their stored ends, by real supervisors."""

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from core.builds.schemas import BuildState, FailureReason, LogSource
from core.database.database import Database
from core.errors import ConflictError, ExternalError, NotFoundError, PermissionDeniedError
from core.progress import Progress
from core.projects.service import ProjectService
from core.security.actors import Actor, Origin, Role
from core.workspaces.workspace import Workspace
from tests.core.running import Bench
from tests.waiting import until


async def test_success_keeps_every_byte(bench: Bench) -> None:
    build = await bench.run("printf 'one\\ntwo\\n\\nno newline at the end'")
    assert (build.state, build.exit_code, build.reason) == (BuildState.SUCCESS, 0, None)
    assert build.log_lines == 4
    assert await bench.texts(build.id) == ["one", "two", "", "no newline at the end"]
    assert await bench.log(build.id) == b"one\ntwo\n\nno newline at the end"
    assert build.log_bytes == 30
    assert build.started_at is not None
    assert build.finished_at is not None
    assert build.queued_at <= build.started_at <= build.finished_at


async def test_silent_build(bench: Bench) -> None:
    build = await bench.run("true")
    assert (build.state, build.log_lines) == (BuildState.SUCCESS, 0)
    assert await bench.lines(build.id) == []
    assert await bench.log(build.id) == b""


@pytest.mark.parametrize(
    ("command", "reason", "exit_code", "signal"),
    [
        ("exit 3", FailureReason.EXIT_CODE, 3, None),
        ("kill -SEGV $$", FailureReason.SIGNAL, None, 11),
        ("no-such-command-at-all", FailureReason.EXIT_CODE, 127, None),
    ],
)
async def test_failures_have_their_reason(
    bench: Bench, command: str, reason: FailureReason, exit_code: int | None, signal: int | None
) -> None:
    build = await bench.run(command)
    assert build.state is BuildState.FAILED
    assert (build.reason, build.exit_code, build.signal) == (reason, exit_code, signal)


async def test_command_not_found_says_so(bench: Bench) -> None:
    build = await bench.run("no-such-command-at-all")
    assert "not found" in build.message
    assert "no-such-command-at-all" in (await bench.texts(build.id))[0]


async def test_timeout_is_told_in_the_log_by_a_system_line(bench: Bench) -> None:
    build = await bench.run("echo before; exec sleep 600", timeout_s=1)
    assert (build.state, build.reason) == (BuildState.FAILED, FailureReason.TIMEOUT)
    lines = await bench.lines(build.id)
    assert [line.source for line in lines] == [LogSource.OUTPUT, LogSource.SYSTEM]
    assert "time limit of 1 second" in lines[1].message


async def test_silence_is_told_after_an_open_line(bench: Bench) -> None:
    build = await bench.run("printf open; exec sleep 600", silence_timeout_s=1)
    assert (build.state, build.reason) == (BuildState.FAILED, FailureReason.NO_OUTPUT)
    lines = await bench.lines(build.id)
    assert (lines[0].message, lines[0].source) == ("open", LogSource.OUTPUT)
    assert "Nothing was printed" in lines[1].message
    assert lines[1].source is LogSource.SYSTEM


async def test_folder_that_vanished(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "short-lived"
    folder.mkdir()
    project = await bench.project("true", path=str(folder))
    folder.rmdir()
    build = await bench.workspace.builds.queue(bench.actor, project_id=project.id)
    ended = await bench.end(build.id)
    assert (ended.state, ended.reason) == (BuildState.FAILED, FailureReason.NOT_STARTED)
    assert str(folder) in ended.message


async def test_environment(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOT_ALLOWED", "leaks")
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", "/etc/ssl/ours.pem")
    build = await bench.run(
        'echo "$PLAIN|$QUOTED|${NOT_ALLOWED:-no}|$BUILDBENCH_NUMBER|$PYTHONUNBUFFERED|$PWD|'
        '$NODE_EXTRA_CA_CERTS"',
        environment={"PLAIN": "value", "QUOTED": "a 'b' \"c\" $d\nü"},
    )
    text = (await bench.log(build.id)).decode()
    assert text == f"value|a 'b' \"c\" $d\nü|no|1|1|{bench.folder}|/etc/ssl/ours.pem\n"


async def test_secrets_are_in_no_file(bench: Bench, home: Path, tmp_path: Path) -> None:
    secret = "hunter2-is-not-enough"
    build = await bench.run(
        'echo "token $TOKEN"; echo $TOKEN >&2; test "$TOKEN" = hunter2-is-"not"-enough',
        secrets={"TOKEN": secret},
    )
    assert build.state is BuildState.SUCCESS
    assert await bench.texts(build.id) == ["token ********", "********"]
    running = await bench.queue("echo $TOKEN; exec sleep 600", secrets={"TOKEN": secret})
    await bench.printed(running.id, "*****")
    files = [p for root in (tmp_path, home) for p in root.rglob("*") if p.is_file()]
    names = {file.name for file in files}
    assert {"a workspace.db", "a workspace.db-wal", "spool.000000", "spec.json"} <= names
    for file in files:
        if file.suffix not in (".db", ".db-wal", ".db-shm"):
            assert secret.encode() not in file.read_bytes(), file
    await bench.workspace.builds.cancel(bench.actor, build_id=running.id)
    await bench.end(running.id)
    await bench.core.workspaces.close(bench.workspace)
    assert secret.encode() not in (tmp_path / "a workspace.db").read_bytes()


async def test_secrets_are_not_in_the_write_ahead_log(bench: Bench, tmp_path: Path) -> None:
    secret = "hunter2-is-not-enough"
    await bench.run("echo $TOKEN", secrets={"TOKEN": secret})
    # By another process: a plain open and close here would drop SQLite's locks.
    process = await asyncio.create_subprocess_exec(
        "grep", "-c", "-a", "-F", secret, "a workspace.db", "a workspace.db-wal",
        cwd=tmp_path, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _err = await process.communicate()
    assert out.decode().split() == ["a", "workspace.db:0", "a", "workspace.db-wal:0"]


async def test_cancel_of_a_waiting_build_never_starts_it(bench: Bench, tmp_path: Path) -> None:
    project = await bench.project(f"echo ran >> {tmp_path}/ran; exec sleep 600")
    queue = bench.workspace.builds.queue
    first = await queue(bench.actor, project_id=project.id)
    second = await queue(bench.actor, project_id=project.id)
    await until((tmp_path / "ran").exists, "the first build")
    cancelled = await bench.workspace.builds.cancel(bench.actor, build_id=second.id)
    assert cancelled.state is BuildState.CANCELLED
    assert cancelled.started_at is None
    await bench.workspace.builds.cancel(bench.actor, build_id=first.id)
    assert (await bench.end(first.id)).state is BuildState.CANCELLED
    assert (tmp_path / "ran").read_text() == "ran\n"


async def test_cancel_of_a_running_build(bench: Bench) -> None:
    build = await bench.queue("echo here; exec sleep 600")
    await bench.printed(build.id, "here")
    told = await bench.workspace.builds.cancel(bench.actor, build_id=build.id)
    assert told.state is BuildState.CANCELLING
    again = await bench.workspace.builds.cancel(bench.actor, build_id=build.id)
    assert again.state in (BuildState.CANCELLING, BuildState.CANCELLED)
    ended = await bench.end(build.id)
    assert (ended.state, ended.reason) == (BuildState.CANCELLED, None)
    with pytest.raises(ConflictError, match="ended already"):
        await bench.workspace.builds.cancel(bench.actor, build_id=build.id)
    lines = await bench.lines(build.id)
    assert [line.message for line in lines if line.source is LogSource.OUTPUT] == ["here"]
    assert any("was cancelled" in x.message for x in lines if x.source is LogSource.SYSTEM)


async def test_cancel_of_what_never_was(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        await bench.workspace.builds.cancel(bench.actor, build_id=4711)


async def test_one_build_of_a_project_at_a_time_in_order(bench: Bench, tmp_path: Path) -> None:
    project = await bench.project(
        f"echo begin $BUILDBENCH_NUMBER >> {tmp_path}/order; echo x;"
        f" echo end $BUILDBENCH_NUMBER >> {tmp_path}/order"
    )
    queue = bench.workspace.builds.queue
    builds = [await queue(bench.actor, project_id=project.id) for _i in range(4)]
    assert [build.number for build in builds] == [1, 2, 3, 4]
    for build in builds:
        assert (await bench.end(build.id)).state is BuildState.SUCCESS
    expected = [f"{word} {n}" for n in range(1, 5) for word in ("begin", "end")]
    assert (tmp_path / "order").read_text().split("\n")[:-1] == expected


async def test_workspace_limit(bench: Bench, tmp_path: Path) -> None:
    await bench.rules(parallel=2)
    gate = tmp_path / "gate"
    folders = [tmp_path / f"tree {number}" for number in range(3)]
    for folder in folders:
        folder.mkdir()
    command = f"echo up; until [ -e {gate} ]; do sleep 0.02; done"
    builds = [await bench.queue(command, path=str(folder)) for folder in folders]
    await bench.printed(builds[0].id, "up")
    await bench.printed(builds[1].id, "up")
    assert (await bench.get(builds[2].id)).state is BuildState.PENDING
    gate.touch()
    first, second, third = [await bench.end(build.id) for build in builds]
    assert third.state is BuildState.SUCCESS
    assert third.started_at is not None
    assert first.finished_at is not None
    assert second.finished_at is not None
    assert third.started_at >= min(first.finished_at, second.finished_at)


async def test_a_paused_queue_starts_nothing(bench: Bench) -> None:
    """Fails when a pause ends what runs, or when the end of it is not noticed."""
    project = await bench.project("echo up; until [ -e gate ]; do sleep 0.02; done", parallel=2)
    queue = bench.workspace.builds.queue
    running = await queue(bench.actor, project_id=project.id)
    await bench.printed(running.id, "up")
    await bench.workspace.queue.pause(bench.actor)
    waiting = await queue(bench.actor, project_id=project.id)
    (bench.folder / "gate").touch()
    assert (await bench.end(running.id)).state is BuildState.SUCCESS
    assert (await bench.get(waiting.id)).state is BuildState.PENDING
    await bench.workspace.queue.resume(bench.actor)
    assert (await bench.end(waiting.id)).state is BuildState.SUCCESS


async def test_numbers_are_never_given_again(bench: Bench) -> None:
    project = await bench.project()
    other = await bench.project()
    queue = bench.workspace.builds.queue
    numbers = await asyncio.gather(
        *(queue(bench.actor, project_id=project.id) for _i in range(10)),
        queue(bench.actor, project_id=other.id),
    )
    assert sorted(build.number for build in numbers[:10]) == list(range(1, 11))
    assert numbers[10].number == 1
    for build in numbers:
        await bench.end(build.id)


async def test_million_lines(bench: Bench) -> None:
    script = bench.folder / "print.py"
    script.write_text(
        "import sys\n"
        "for start in range(0, 1_000_000, 1000):\n"
        "    sys.stdout.write(''.join(f'{i:09d} {\"y\" * 89}\\n'"
        " for i in range(start, start + 1000)))\n"
    )
    build = await bench.run("python3 print.py", seconds=90)
    assert (build.state, build.log_lines) == (BuildState.SUCCESS, 1_000_000)
    assert build.log_bytes == 100_000_000
    digest = hashlib.sha256()
    for start in range(0, 1_000_000, 10_000):
        rows = (f"{i:09d} {'y' * 89}\n" for i in range(start, start + 10_000))
        digest.update("".join(rows).encode())
    assert await bench.log_hash(build.id) == digest.hexdigest()
    lines = await bench.lines(build.id, first=654_321, count=3)
    assert [line.message[:9] for line in lines] == ["000654321", "000654322", "000654323"]


async def test_log_beyond_its_cap_keeps_head_and_tail(bench: Bench) -> None:
    bench.core.settings.change(log_cap_mib=1)
    build = await bench.run("seq 1 1000000", seconds=60)
    assert build.log_lines == 1_000_000
    summary = await bench.workspace.logs.summary(bench.actor, build_id=build.id)
    assert 0 < summary.dropped_first < summary.dropped_first + summary.dropped_lines < 1_000_000
    saved = await bench.log(build.id)
    assert len(saved) <= 1024 * 1024 + 256
    after = summary.dropped_first + summary.dropped_lines
    texts = [line.message for line in await bench.lines(build.id, first=after, count=2)]
    assert texts == [str(after + 1), str(after + 2)]
    before = await bench.lines(build.id, first=summary.dropped_first - 1, count=5)
    assert [line.message for line in before] == [str(summary.dropped_first)]
    assert saved.startswith(b"1\n2\n3\n")
    assert saved.endswith(b"999999\n1000000\n")
    assert f"{summary.dropped_lines} lines" in saved.replace(b",", b"").decode()


async def test_long_line_is_cut_in_view_and_whole_in_the_store(bench: Bench) -> None:
    build = await bench.run("head -c 700000 /dev/zero | tr '\\0' x; echo; echo next")
    assert build.log_lines == 2
    long, following = await bench.lines(build.id)
    assert long.cut
    assert long.message == "x" * 4096
    assert (following.message, following.sequence_number, following.cut) == ("next", 1, False)
    assert await bench.log(build.id) == b"x" * 700_000 + b"\nnext\n"


async def test_hostile_bytes_are_kept_as_they_are(bench: Bench) -> None:
    data = (
        bytes(range(256)) * 40 + b"\0\0\n\x1b]0;title\x07\x1b]8;;http://x\x1b\\link\r\xff\xfe\n"
    )
    (bench.folder / "data").write_bytes(data)
    build = await bench.run("cat data")
    assert await bench.log(build.id) == data
    assert build.log_lines == data.count(b"\n")
    assert len(await bench.lines(build.id)) == build.log_lines


async def test_errors_and_warnings_are_counted(bench: Bench) -> None:
    build = await bench.run("echo 'a.c:1:2: error: no'; echo 'b.c:3: warning: hm'; echo fine")
    assert (build.errors, build.warnings) == (1, 1)


async def test_saving_a_log_while_it_grows_loses_no_line(bench: Bench) -> None:
    build = await bench.queue("for i in 1 2 3 4 5 6; do seq 1 2000; sleep 0.3; done")
    whole = "".join(f"{i}\n" for i in range(1, 2001)).encode() * 6
    while not (await bench.get(build.id)).state.finished:
        assert whole.startswith(await bench.log(build.id))
    assert await bench.log(build.id) == whole
    await bench.end(build.id)
    assert await bench.log(build.id) == whole


async def test_leaving_while_a_build_is_being_started_loses_no_build(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails when a close interrupts the start of a claimed build: it would end as lost."""
    entered, go = asyncio.Event(), asyncio.Event()
    secrets = ProjectService.secrets

    async def slow_secrets(
        service: ProjectService, actor: Actor, *, project_id: int
    ) -> dict[str, str]:
        entered.set()
        await go.wait()
        return await secrets(service, actor, project_id=project_id)

    monkeypatch.setattr(ProjectService, "secrets", slow_secrets)
    build = await bench.queue("true", secrets={"TOKEN": "secret words"})
    await entered.wait()
    closing = asyncio.create_task(bench.core.workspaces.close(bench.workspace))
    for _turn in range(20):
        await asyncio.sleep(0)
    go.set()
    await closing
    bench.workspace = await bench.core.workspaces.open(bench.workspace.info.path)
    assert (await bench.end(build.id)).state is BuildState.SUCCESS


async def test_viewer_may_look_and_not_run(bench: Bench) -> None:
    viewer = Actor("guest", Role.VIEWER, Origin.SCRIPT)
    project = await bench.project()
    with pytest.raises(PermissionDeniedError):
        await bench.workspace.builds.queue(viewer, project_id=project.id)
    build = await bench.workspace.builds.queue(bench.actor, project_id=project.id)
    with pytest.raises(PermissionDeniedError):
        await bench.workspace.builds.cancel(viewer, build_id=build.id)
    assert (await bench.workspace.builds.get(viewer, build_id=build.id)).id == build.id
    await bench.end(build.id)


async def test_pages_of_builds(bench: Bench) -> None:
    project = await bench.project()
    queue = bench.workspace.builds.queue
    builds = [await queue(bench.actor, project_id=project.id) for _i in range(5)]
    list_page = bench.workspace.builds.list_page
    page = await list_page(bench.actor, project_id=project.id, limit=3)
    assert ([row.number for row in page.rows], page.more) == ([5, 4, 3], True)
    page = await list_page(bench.actor, project_id=project.id, limit=3, before=3)
    assert ([row.number for row in page.rows], page.more) == ([2, 1], False)
    for build in builds:
        await bench.end(build.id)


async def test_second_window_sees_what_the_first_does(bench: Bench) -> None:
    other = await bench.core.workspaces.open(bench.workspace.info.path)
    assert isinstance(other, Workspace)
    assert isinstance(other.database, Database)
    assert not (await other.status()).leading
    project = await bench.project("echo by the leader")
    build = await other.builds.queue(bench.actor, project_id=project.id)
    ended = await bench.end(build.id)
    assert ended.state is BuildState.SUCCESS
    lines = await other.logs.lines(bench.actor, build_id=build.id, first=0, count=5)
    assert [line.message for line in lines] == ["by the leader"]


async def test_the_log_of_a_running_build_is_saved_as_far_as_it_goes(bench: Bench) -> None:
    """Fails when only what is stored is saved: a young build would give an empty file."""
    go = bench.folder / "go"
    build = await bench.queue(f"echo one; echo two; until [ -e {go} ]; do sleep 0.05; done")

    async def both_seen() -> bool:
        return len(await bench.lines(build.id)) == 2

    await until(both_seen, "two lines")
    target = bench.folder / "saved.log"
    await bench.core.jobs.run(
        "save",
        lambda progress: bench.workspace.logs.save(
            bench.actor, build_id=build.id, target=target, progress=progress
        ),
    )
    go.touch()
    await bench.end(build.id)
    assert target.read_bytes() == b"one\ntwo\n"


async def test_a_log_is_saved_whole_or_not_at_all(bench: Bench) -> None:
    """Shown to fail where the file is written in place, and where the partial stays."""
    build = await bench.run("seq 1 1000")
    folder = bench.folder / "saved"
    folder.mkdir()
    target = folder / "a.log"
    target.write_text("old")

    def save(target: Path, then: Callable[[], None]) -> asyncio.Task[int]:
        return asyncio.create_task(
            bench.workspace.logs.save(
                bench.actor, build_id=build.id, target=target, progress=Progress(then)
            )
        )

    def cancel() -> None:
        saving.cancel()

    saving = save(target, cancel)
    with pytest.raises(asyncio.CancelledError):
        await saving
    with pytest.raises(ExternalError) as caught:
        await save(folder / "missing" / "a.log", lambda: None)
    assert caught.value.title == "The log could not be saved."
    assert caught.value.hint
    assert await asyncio.to_thread(target.read_text) == "old"
    assert list(folder.iterdir()) == [target]
    assert await save(target, lambda: None) == build.log_bytes
    assert list(folder.iterdir()) == [target]
