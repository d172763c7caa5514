"""The queue: what a build is once it waits, in which order builds start, and which may.

Nothing runs here: the queue is paused, and builds are claimed by hand.
"""

import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core.builds.queue import claiming
from core.builds.rules.schemas import BuildRules
from core.builds.rules.stored import set_paused
from core.builds.schemas import BuildRequest, BuildRow, BuildState, Cause, TriggerKind
from core.errors import ConflictError, NotFoundError, ValidationError
from core.projects.schemas import BuildType, Priority, ProjectCreate, ProjectRow
from tests.core.running import Bench


@pytest.fixture
async def paused(bench: Bench) -> Bench:
    """Return the bench with a queue of which nothing starts, nor is followed."""
    await bench.workspace._leader.stop()
    await bench.workspace.queue.pause(bench.actor)
    return bench


async def queue(bench: Bench, project: ProjectRow, **request: object) -> BuildRow:
    """Queue a build of a project."""
    return await bench.workspace.builds.queue(
        bench.actor, project_id=project.id, request=BuildRequest.model_validate(request)
    )


async def claim(bench: Bench) -> int | None:
    """Take the next build as the leader does, and leave the queue paused."""
    async with bench.workspace.database.unit_of_work() as unit:
        await set_paused(unit.session, paused=False)
        expected = await claiming.may_claim(unit.session)
        claimed = await claiming.claim_next(unit.session)
        assert expected is (claimed is not None)
        await set_paused(unit.session, paused=True)
        await unit.commit()
    return claimed


async def execute(bench: Bench, statement: str, **values: Any) -> list[Any]:
    """Write by hand, and return the rows of what was asked."""
    async with bench.workspace.database.unit_of_work() as unit:
        result = await unit.session.execute(text(statement), values)
        rows = list(result.all()) if result.returns_rows else []  # type: ignore[attr-defined]
        await unit.commit()
    return rows


async def end(bench: Bench, build_id: int) -> None:
    """Let a claimed build be over."""
    await execute(bench, "UPDATE builds SET state = 'success' WHERE id = :id", id=build_id)


async def waiting(bench: Bench) -> list[int]:
    """Return the ids of what waits, in the order of the queue."""
    overview = await bench.workspace.queue.overview(bench.actor)
    assert overview.waiting_count == len(overview.waiting)
    return [build.id for build in overview.waiting]


async def deeds(bench: Bench, operation: str) -> list[str]:
    """Return what the audit trail tells of an operation."""
    rows = await execute(
        bench,
        "SELECT changes FROM audit_entries WHERE operation = :key ORDER BY id",
        key=operation,
    )
    return [changes for (changes,) in rows]


async def test_a_build_is_what_its_project_said_then(paused: Bench) -> None:
    """Fails when a later edit of the project, or another type, shows in a waiting build."""
    types = (
        BuildType(name="Debug", environment={"LEVEL": "type", "DEBUG": "1"}),
        BuildType(name="Release", command="make release"),
    )
    fields: dict[str, Any] = {
        "build_types": types,
        "environment": {"LEVEL": "project", "HOME_OF": "project"},
        "repository_url": "https://example.org/one.git",
        "branch": "main",
        "before_steps": ("echo before",),
        "after_steps": ("echo after",),
        "artifact_patterns": ("dist/*",),
        "retry_limit": 2,
        "retry_exit_codes": (75,),
        "nice": 5,
        "leave_processes": True,
        "priority": Priority.HIGH,
        "timeout_s": 60,
    }
    project = await paused.project("make", **fields)
    plain = await queue(paused, project)
    debug = await queue(
        paused, project, build_type="debug", branch="feature/x", priority=Priority.LOW,
        environment={"LEVEL": "asked"},
    )  # fmt: skip
    release = await queue(paused, project, build_type="Release")
    changed = ProjectCreate(name="other", path=str(paused.folder), command="false")
    await paused.workspace.projects.update(
        paused.actor, project_id=project.id, version=project.version, data=changed
    )
    plain, debug, release = [await paused.get(one.id) for one in (plain, debug, release)]
    assert plain.command == "make"
    assert plain.environment == {"LEVEL": "project", "HOME_OF": "project"}
    assert (plain.branch, plain.priority, plain.build_type) == ("main", 10, "")
    assert (plain.before_steps, plain.after_steps) == (("echo before",), ("echo after",))
    assert (plain.artifact_patterns, plain.nice) == (("dist/*",), 5)
    assert (plain.leave_processes, plain.attempt) == (True, 1)
    assert plain.repository_url == "https://example.org/one.git"
    assert (plain.trigger, plain.retry_of) == (TriggerKind.MANUAL, None)
    assert debug.environment == {"LEVEL": "asked", "HOME_OF": "project", "DEBUG": "1"}
    assert (debug.branch, debug.priority, debug.build_type) == ("feature/x", -10, "Debug")
    assert (release.command, release.build_type) == ("make release", "Release")
    assert [one.position for one in (plain, debug, release)] == [
        one.id for one in (plain, debug, release)
    ]
    [(limit, codes, timeout)] = await execute(
        paused,
        "SELECT retry_limit, retry_exit_codes, timeout_s FROM builds WHERE id = :id",
        id=plain.id,
    )
    assert (limit, codes, timeout) == (2, "[75]", 60)


async def test_what_a_project_cannot_do_is_refused(paused: Bench) -> None:
    project = await paused.project("true", secrets={"TOKEN": "abc-def-ghi"})
    with pytest.raises(ValidationError) as caught:
        await queue(
            paused, project, build_type="release", branch="x", environment={"TOKEN": "mine"}
        )
    assert set(caught.value.fields) == {"build_type", "branch", "environment"}
    idle = await paused.project("true", active=False)
    with pytest.raises(ConflictError, match="not active"):
        await queue(paused, idle)
    with pytest.raises(NotFoundError):
        await paused.workspace.builds.queue(paused.actor, project_id=4711)
    assert await waiting(paused) == []


async def test_the_cause_is_kept(paused: Bench) -> None:
    project = await paused.project()
    first = await queue(paused, project)
    cause = Cause(TriggerKind.AFTER_PROJECT, "library", build_id=first.id)
    second = await paused.workspace.builds.queue(
        paused.actor, project_id=project.id, cause=cause
    )
    assert (second.trigger, second.trigger_detail) == (TriggerKind.AFTER_PROJECT, "library")
    assert (second.caused_by, second.retry_of) == (first.id, None)


async def test_the_newest_replaces_what_waits_of_its_branch_and_type(paused: Bench) -> None:
    """Fails when what runs, another branch, type or project is replaced as well."""
    fields: dict[str, Any] = {
        "repository_url": "https://example.org/one.git",
        "branch": "main",
        "newest_replaces": True,
        "build_types": (BuildType(name="debug"),),
    }
    project, other = await paused.project(**fields), await paused.project(**fields)
    running = await queue(paused, project)
    assert await claim(paused) == running.id
    older = await queue(paused, project)
    kept = [
        await queue(paused, project, branch="side"),
        await queue(paused, project, build_type="debug"),
        await queue(paused, other),
    ]
    newest = await queue(paused, project, branch="main")
    older = await paused.get(older.id)
    assert older.state is BuildState.CANCELLED
    assert older.message == f"Replaced by build #{newest.number}."
    assert older.finished_at is not None
    assert (await paused.get(running.id)).state is BuildState.RUNNING
    assert await waiting(paused) == [*(one.id for one in kept), newest.id]


async def test_a_retry_is_the_same_build_again(paused: Bench) -> None:
    project = await paused.project("make", environment={"A": "1"}, newest_replaces=True)
    build = await queue(paused, project, environment={"B": "2"}, priority=Priority.HIGH)
    with pytest.raises(ConflictError, match="not ended"):
        await paused.workspace.builds.retry(paused.actor, build_id=build.id)
    await end(paused, build.id)
    other = await queue(paused, project)
    again = await paused.workspace.builds.retry(paused.actor, build_id=build.id)
    assert (again.command, again.environment) == ("make", {"A": "1", "B": "2"})
    assert (again.retry_of, again.attempt, again.priority) == (build.id, 2, 10)
    assert (again.trigger, again.state) == (TriggerKind.RETRY, BuildState.PENDING)
    assert again.number == other.number + 1
    assert await waiting(paused) == [again.id, other.id]
    # As the end of a build notes of a folder in which somebody keeps a repository.
    await execute(
        paused,
        "UPDATE builds SET branch = 'main', state = 'failed' WHERE id = :id",
        id=again.id,
    )
    third = await paused.workspace.builds.retry(paused.actor, build_id=again.id)
    assert (third.branch, third.attempt, third.retry_of) == ("", 3, again.id)
    with pytest.raises(NotFoundError):
        await paused.workspace.builds.retry(paused.actor, build_id=4711)


async def test_note_and_pin(paused: Bench) -> None:
    builds = paused.workspace.builds
    build = await queue(paused, await paused.project())
    noted = await builds.annotate(paused.actor, build_id=build.id, note="  flaky net \n")
    assert noted.note == "flaky net"
    pinned = await builds.pin(paused.actor, build_id=build.id, pinned=True)
    assert (pinned.pinned, pinned.note) == (True, "flaky net")
    await builds.pin(paused.actor, build_id=build.id, pinned=True)
    for wrong in ("x" * 2_001, "a\0b"):
        with pytest.raises(ValidationError) as caught:
            await builds.annotate(paused.actor, build_id=build.id, note=wrong)
        assert set(caught.value.fields) == {"note"}
    assert await deeds(paused, "builds.annotate") == [
        '{"note": true}',
        '{"pinned": [false, true]}',
    ]
    with pytest.raises(NotFoundError):
        await builds.pin(paused.actor, build_id=4711, pinned=True)


async def test_the_order_is_what_people_make_it(paused: Bench) -> None:
    """A list is the model; builds start in its order.

    Seen failing with positions that were counted up from that of the build behind: the next
    one queued then stood in the middle.
    """
    project = await paused.project(parallel=16)
    await paused.rules(parallel=64)
    queue_service, chance = paused.workspace.queue, random.Random(5)
    priority: dict[int, int] = {}
    model: list[int] = []

    async def add() -> None:
        wanted = chance.choice(list(Priority))
        build = await queue(paused, project, priority=wanted)
        priority[build.id] = wanted
        model.append(build.id)
        model.sort(key=lambda one: -priority[one])

    for _build in range(8):
        await add()
    for _turn in range(60):
        one, other = chance.choice(model), chance.choice([*model, None])
        kind = chance.randrange(4)
        if kind == 0:
            await add()
        elif kind == 1:
            wanted = chance.choice(list(Priority))
            await queue_service.prioritise(paused.actor, build_id=one, priority=wanted)
            priority[one] = wanted
            # Its turn among the others is by when it was queued, or where it was put.
            model = await waiting(paused)
            assert [priority[i] for i in model] == sorted(priority.values(), reverse=True)
        elif one != other:
            await queue_service.move(paused.actor, build_id=one, before=other)
            model.remove(one)
            place = len(model) if other is None else model.index(other)
            priority[one] = priority[model[min(place, len(model) - 1)]]
            model.insert(place, one)
        assert await waiting(paused) == model
    positions = await execute(paused, "SELECT count(DISTINCT position), count(*) FROM builds")
    assert positions[0][0] == positions[0][1]
    await execute(paused, "UPDATE projects SET parallel = 100")
    assert [await claim(paused) for _one in model] == model
    assert await deeds(paused, "queue.arrange")


async def test_only_what_waits_is_arranged(paused: Bench) -> None:
    project = await paused.project()
    first, second = await queue(paused, project), await queue(paused, project)
    assert await claim(paused) == first.id
    move = paused.workspace.queue.move
    with pytest.raises(ConflictError, match="does not wait"):
        await move(paused.actor, build_id=first.id, before=second.id)
    with pytest.raises(ConflictError, match="does not wait"):
        await move(paused.actor, build_id=second.id, before=first.id)
    with pytest.raises(NotFoundError):
        await move(paused.actor, build_id=second.id, before=4711)
    await move(paused.actor, build_id=second.id, before=second.id)
    await move(paused.actor, build_id=second.id, before=None)
    assert await waiting(paused) == [second.id]


async def test_limits_of_workspace_and_project(paused: Bench) -> None:
    one = await paused.project(parallel=2, repository_url="x", checkout="own_tree")
    two = await paused.project(repository_url="x", checkout="own_tree")
    builds = [(await queue(paused, project)).id for project in (one, one, one, two, two)]
    await paused.rules(parallel=3)
    claimed = [await claim(paused) for _try in range(4)]
    assert claimed == [builds[0], builds[1], builds[3], None]
    await end(paused, builds[3])
    assert [await claim(paused), await claim(paused)] == [builds[4], None]
    await paused.rules(parallel=4)
    assert await claim(paused) is None
    await end(paused, builds[0])
    assert [await claim(paused), await claim(paused)] == [builds[2], None]


async def test_one_build_in_each_folder(paused: Bench, tmp_path: Path) -> None:
    """Fails when folders are compared by what they are called.

    The first project says that several of its own may run there as it stands.
    """
    (tmp_path / "link").symlink_to(paused.folder)
    await paused.rules(parallel=64)
    shared = [
        await paused.project(parallel=4),
        await paused.project(path=str(tmp_path / "link")),
        await paused.project(path=f"{paused.folder}/../{paused.folder.name}"),
        await paused.project(repository_url="x", parallel=4),
    ]
    alone = [
        await paused.project(path=str(tmp_path)),
        await paused.project(repository_url="x", checkout="own_tree"),
    ]
    projects = (*shared, shared[3], shared[0], shared[0], *alone)
    one, two, three, four, five, six, seven, *others = [
        (await queue(paused, project)).id for project in projects
    ]
    for ended, expected in (
        ((), {one, six, seven, *others}),
        ((one, six), set()),
        ((seven,), {two}),
        ((two,), {three}),
        ((three,), {four}),
        ((four,), {five}),
    ):
        for build_id in ended:
            await end(paused, build_id)
        claimed = set()
        while (claim_id := await claim(paused)) is not None:
            claimed.add(claim_id)
        assert claimed == expected, ended


async def test_nothing_runs_beside_a_checkout_in_its_folder(paused: Bench) -> None:
    """Seen to fail where the project was edited meanwhile: its folder was built as it stood."""
    await paused.rules(parallel=64)
    project = await paused.project(repository_url="x", parallel=4)
    first = await queue(paused, project)
    await execute(
        paused, "UPDATE projects SET repository_url = '' WHERE id = :id", id=project.id
    )
    second = await queue(paused, project)
    assert [await claim(paused), await claim(paused)] == [first.id, None]
    await end(paused, first.id)
    assert await claim(paused) == second.id


async def test_rows_that_make_no_sense_do_not_keep_the_others_waiting(paused: Bench) -> None:
    await paused.rules(parallel=64)
    builds = [(await queue(paused, await paused.project(parallel=2))).id for _i in range(3)]
    await execute(paused, "UPDATE builds SET build_metadata = '{' WHERE id = :id", id=builds[0])
    await execute(paused, "UPDATE builds SET directory = '/x', build_metadata = '7'"
                  " WHERE id = :id", id=builds[1])  # fmt: skip
    for value in ("{", "[[]]", '{"parallel": "many"}', "5"):
        await execute(
            paused,
            "INSERT OR REPLACE INTO workspace_settings (name, value)"
            " VALUES ('build_rules', :value)",
            value=value,
        )
        rules = await paused.workspace.build_rules.read(paused.actor)
        assert rules == BuildRules()
    assert [await claim(paused), await claim(paused)] == builds[:2]


async def test_the_next_of_ten_thousand_is_found_by_an_index(paused: Bench) -> None:
    """Fails without the index, or when the state is bound as a value."""
    async with paused.workspace.database.read() as session:
        values = {"parallel": 2}
        plan = await session.execute(text("EXPLAIN QUERY PLAN " + claiming._LOOK.text), values)
        details = [row.detail for row in plan]
    assert any("SCAN w USING INDEX ix_builds_waiting" in line for line in details), details
    assert not any("ORDER BY" in line for line in details), details


async def test_a_pause_is_told_and_kept(paused: Bench) -> None:
    assert (await paused.workspace.queue.overview(paused.actor)).paused
    await queue(paused, await paused.project())
    async with paused.workspace.database.read() as session:
        assert not await claiming.may_claim(session)
    async with paused.workspace.database.unit_of_work() as unit:
        assert await claiming.claim_next(unit.session) is None
    await paused.workspace.queue.pause(paused.actor)
    assert await deeds(paused, "queue.pause") == ['{"paused": [false, true]}']


async def test_rules_are_kept_checked_and_audited(paused: Bench) -> None:
    service = paused.workspace.build_rules
    assert await service.read(paused.actor) == BuildRules()
    rules = BuildRules(parallel=5, logs_days=30, artifacts_mib=None)
    await service.change(paused.actor, rules=rules)
    assert await service.read(paused.actor) == rules
    assert (await paused.workspace.queue.overview(paused.actor)).parallel == 5
    [told] = await deeds(paused, "build_rules.change")
    assert '"parallel": [2, 5]' in told
    assert "logs_builds" not in told
    for wrong in ({"parallel": 0}, {"parallel": 65}, {"logs_days": 0}):
        with pytest.raises(ValueError, match="1 validation error"):
            BuildRules.model_validate(wrong)
