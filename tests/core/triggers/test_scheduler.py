"""What fires when: once for each cause, also after crashes, sleep and jumps of the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from core.builds.schemas import BuildRow, BuildState, TriggerKind
from core.database import leases
from core.database.leases import LeaseLostError
from core.errors import DatabaseBusyError
from core.projects.schemas import ProjectCreate, ProjectRow
from core.repositories import refused
from core.security.actors import Origin
from core.triggers.scheduler import LONGEST_WAIT_S
from core.triggers.schemas import TriggerCreate
from tests.core.triggers.conftest import Triggers

URL = "https://example.org/x.git"


def at(hour: int, minute: int = 0, day: int = 4) -> datetime:
    """Return a time of Berlin in May 2026 as UTC."""
    return datetime(2026, 5, day, hour, minute, tzinfo=UTC) - timedelta(hours=2)


async def finish(triggers: Triggers, build: BuildRow, state: BuildState) -> None:
    """Bring a build to its end, as its follower would."""
    async with triggers.bench.workspace.database.unit_of_work() as unit:
        await unit.session.execute(
            text("UPDATE builds SET state = :state WHERE id = :id"),
            {"state": state.value, "id": build.id},
        )
        await unit.commit()


async def queue(triggers: Triggers, project: ProjectRow) -> BuildRow:
    bench = triggers.bench
    return await bench.workspace.builds.queue(bench.actor, project_id=project.id)


async def deactivate(triggers: Triggers, project: ProjectRow, active: bool = False) -> None:
    async with triggers.bench.workspace.database.unit_of_work() as unit:
        await unit.session.execute(
            text("UPDATE projects SET active = :active, version = version + 1 WHERE id = :id"),
            {"id": project.id, "active": active},
        )
        await unit.commit()


# Schedules


async def test_a_schedule_fires_at_its_time_and_once(triggers: Triggers) -> None:
    project = await triggers.bench.project(
        build_types=[{"name": "release", "command": "make release"}]
    )
    made = await triggers.create(
        project, kind="schedule", expression="30 14 * * *", build_type="RELEASE"
    )
    assert made.next_at == at(14, 30)
    assert await triggers.turn() == LONGEST_WAIT_S
    triggers.clock.time = at(14, 30) - timedelta(seconds=3)
    assert await triggers.turn() == 3
    assert await triggers.builds(project) == []
    triggers.clock.time = at(14, 30)
    for _turn in range(3):
        await triggers.turn()
    (build,) = await triggers.builds(project)
    assert (build.trigger, build.trigger_detail) == (TriggerKind.SCHEDULE, "30 14 * * *")
    assert (build.origin, build.requested_by) == (Origin.TRIGGER.value, "Buildbench")
    assert (build.build_type, build.command) == ("release", "make release")
    stored = await triggers.only(project)
    assert (stored.fired_at, stored.next_at) == (at(14, 30), at(14, 30, day=5))
    assert (stored.version, stored.error) == (made.version, "")


async def test_missed_times_fire_once(triggers: Triggers) -> None:
    """After days of sleep, or while nothing was open; seen failing with one for each time."""
    project = await triggers.bench.project()
    await triggers.create(project, kind="schedule", expression="*/5 * * * *")
    triggers.clock.on(days=3)
    triggers.scheduler = triggers.another_scheduler()
    await triggers.turn()
    await triggers.turn()
    assert len(await triggers.builds(project)) == 1
    triggers.clock.on(minutes=5)
    await triggers.turn()
    assert len(await triggers.builds(project)) == 2


async def test_a_clock_that_is_put_back(triggers: Triggers) -> None:
    """Seen failing without a look at the time planned: nothing fired for three years."""
    project = await triggers.bench.project()
    await triggers.create(project, kind="schedule", expression="0 * * * *")
    triggers.clock.on(hours=1)
    await triggers.turn()
    triggers.clock.on(minutes=-1)
    for _minute in range(3):
        await triggers.turn()
        triggers.clock.on(minutes=1)
    assert len(await triggers.builds(project)) == 1
    triggers.clock.on(days=-1000)
    await triggers.turn()
    triggers.clock.on(hours=1)
    await triggers.turn()
    assert len(await triggers.builds(project)) == 2


async def test_what_is_off_or_not_active_does_not_fire(triggers: Triggers) -> None:
    project, other = await triggers.bench.project(), await triggers.bench.project()
    await triggers.create(project, kind="schedule", expression="* * * * *", enabled=False)
    await triggers.create(other, kind="schedule", expression="* * * * *")
    await deactivate(triggers, other)
    triggers.clock.on(hours=1)
    await triggers.turn()
    assert await triggers.builds(project) == await triggers.builds(other) == []
    await deactivate(triggers, other, active=True)
    await triggers.turn()
    assert await triggers.builds(other) == []
    triggers.clock.on(minutes=1)
    await triggers.turn()
    assert len(await triggers.builds(other)) == 1


async def test_nothing_fires_for_who_lost_the_lease(triggers: Triggers) -> None:
    """Seen failing without the fence in the transaction that queues."""
    project = await triggers.bench.project()
    await triggers.create(project, kind="schedule", expression="* * * * *")
    triggers.clock.on(hours=1)
    async with triggers.bench.workspace.database.unit_of_work() as unit:
        await leases.release(unit.session, triggers.fence)
        await unit.commit()
    with pytest.raises(LeaseLostError):
        await triggers.turn()
    assert await triggers.builds(project) == []


async def test_a_crash_between_queueing_and_noting(
    triggers: Triggers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are one transaction: seen failing with two."""
    project = await triggers.bench.project()
    await triggers.create(project, kind="schedule", expression="* * * * *")
    triggers.clock.on(hours=1)

    async def crash(*_arguments: object) -> None:
        raise DatabaseBusyError("crash")

    with monkeypatch.context() as broken:
        broken.setattr("core.triggers.repository.TriggerRepository.note", crash)
        with pytest.raises(DatabaseBusyError):
            await triggers.turn()
    assert await triggers.builds(project) == []
    triggers.scheduler = triggers.another_scheduler()
    await triggers.turn()
    await triggers.turn()
    assert len(await triggers.builds(project)) == 1


async def test_what_cannot_be_queued_is_told(triggers: Triggers) -> None:
    project = await triggers.bench.project(build_types=[{"name": "debug"}])
    await triggers.create(project, kind="schedule", expression="* * * * *", build_type="debug")
    async with triggers.bench.workspace.database.unit_of_work() as unit:
        await unit.session.execute(
            text("UPDATE projects SET build_types = '[]', version = version + 1")
        )
        await unit.commit()
    triggers.clock.on(minutes=1)
    await triggers.turn()
    stored = await triggers.only(project)
    assert "No build was queued" in stored.error
    assert stored.next_at is not None
    assert stored.next_at > triggers.clock.now()
    assert await triggers.builds(project) == []


@pytest.mark.expected_log("cannot be used")
async def test_rows_that_nobody_wrote_keep_no_others_from_firing(triggers: Triggers) -> None:
    good, *bad = [await triggers.bench.project() for _number in range(6)]
    for project in (*bad, good):
        await triggers.create(project, kind="schedule", expression="* * * * *")
    changes = [
        "expression = 'nonsense'", "kind = 'other'", "build_type = 'x'", "branch = '--x'",
        "version = 'x'",
    ]  # fmt: skip
    async with triggers.bench.workspace.database.unit_of_work() as unit:
        for project, change in zip(bad, changes, strict=True):
            statement = f"UPDATE build_triggers SET {change} WHERE project_id = {project.id}"
            await unit.session.execute(text(statement))
        await unit.commit()
    triggers.clock.on(minutes=1)
    await triggers.turn()
    assert len(await triggers.builds(good)) == 1


# New commits


async def commits(triggers: Triggers, **fields: object) -> ProjectRow:
    project = await triggers.bench.project(repository_url=URL, branch="main")
    await triggers.create(project, kind="commits", interval_s=60, **fields)
    return project


async def test_new_commits_are_built_and_the_first_is_remembered(triggers: Triggers) -> None:
    project = await commits(triggers)
    triggers.answers[URL] = "a" * 40
    await triggers.turn()
    assert triggers.asked == [(URL, "main")]
    stored = await triggers.only(project)
    assert (stored.seen, stored.checked_at) == ("a" * 40, triggers.clock.now())
    await triggers.turn()
    assert len(triggers.asked) == 1
    triggers.clock.on(seconds=60)
    await triggers.turn()
    assert len(triggers.asked) == 2
    assert await triggers.builds(project) == []
    triggers.answers[URL] = "b" * 40
    for _turn in range(3):
        triggers.clock.on(seconds=60)
        await triggers.turn()
    (build,) = await triggers.builds(project)
    assert (build.trigger, build.trigger_detail) == (TriggerKind.COMMITS, "b" * 40)
    assert (await triggers.only(project)).fired_at == triggers.clock.now() - timedelta(
        seconds=120
    )


async def test_the_branch_of_a_trigger_wins(triggers: Triggers) -> None:
    project = await commits(triggers, branch="dev")
    for commit in ("a" * 40, "b" * 40):
        triggers.answers[URL] = commit
        await triggers.turn()
        triggers.clock.on(seconds=60)
    assert triggers.asked == [(URL, "dev")] * 2
    assert [build.branch for build in await triggers.builds(project)] == ["dev"]


async def test_a_repository_that_fails_is_asked_less_often(triggers: Triggers) -> None:
    project = await commits(triggers)
    triggers.answers[URL] = refused("network", "no route")
    pauses = []
    for _turn in range(8):
        await triggers.turn()
        stored = await triggers.only(project)
        assert stored.next_at is not None
        pauses.append((stored.next_at - triggers.clock.now()).total_seconds())
        assert "cannot be reached" in stored.error
        triggers.clock.time = stored.next_at
    assert pauses == [120, 240, 480, 960, 1920, 3600, 3600, 3600]
    triggers.answers[URL] = "a" * 40
    await triggers.turn()
    stored = await triggers.only(project)
    assert (stored.error, stored.seen) == ("", "a" * 40)
    assert stored.next_at == triggers.clock.now() + timedelta(seconds=60)


async def test_repositories_are_asked_also_after_the_clock_was_put_back(
    triggers: Triggers,
) -> None:
    await commits(triggers)
    triggers.answers[URL] = "a" * 40
    await triggers.turn()
    triggers.clock.on(days=-400)
    await triggers.turn()
    assert len(triggers.asked) == 2


async def test_commits_of_a_project_that_is_not_active_wait(triggers: Triggers) -> None:
    project = await commits(triggers)
    triggers.answers[URL] = "a" * 40
    await triggers.turn()
    await deactivate(triggers, project)
    triggers.answers[URL] = "b" * 40
    triggers.clock.on(days=1)
    await triggers.turn()
    assert len(triggers.asked) == 1
    await deactivate(triggers, project, active=True)
    await triggers.turn()
    assert len(await triggers.builds(project)) == 1


# After another project


async def chain(triggers: Triggers) -> tuple[ProjectRow, ProjectRow]:
    first, second = await triggers.bench.project(), await triggers.bench.project()
    old = await queue(triggers, first)
    await finish(triggers, old, BuildState.SUCCESS)
    await triggers.create(second, kind="after_project", source_project_id=first.id)
    return first, second


async def test_the_success_of_another_project_starts_one(triggers: Triggers) -> None:
    """In whatever order builds end, whatever the clock says, and after a crash.

    Seen failing with the newest build as all that is remembered: the first one, which ended
    last, started nothing.
    """
    first, second = await chain(triggers)
    builds = [await queue(triggers, first) for _number in range(4)]
    await triggers.turn()
    assert await triggers.builds(second) == []
    states = (BuildState.SUCCESS, BuildState.FAILED, BuildState.CANCELLED, BuildState.SUCCESS)
    for build, state in reversed(list(zip(builds, states, strict=True))):
        await finish(triggers, build, state)
        triggers.scheduler = triggers.another_scheduler()
        triggers.clock.on(days=-1)
        await triggers.turn()
        await triggers.turn()
    started = await triggers.builds(second)
    assert [build.caused_by for build in started] == [builds[3].id, builds[0].id]
    assert {build.trigger for build in started} == {TriggerKind.AFTER_PROJECT}
    assert {build.trigger_detail for build in started} == {first.name}


async def test_several_successes_at_once_start_one_each(triggers: Triggers) -> None:
    first, second = await chain(triggers)
    builds = [await queue(triggers, first) for _number in range(3)]
    for build in builds:
        await finish(triggers, build, BuildState.SUCCESS)
    await triggers.turn()
    await triggers.turn()
    caused = [build.caused_by for build in await triggers.builds(second)]
    assert caused == [build.id for build in builds]


async def test_successes_while_it_was_off_or_not_active_start_nothing(
    triggers: Triggers,
) -> None:
    first, second = await chain(triggers)
    running = await queue(triggers, first)
    await deactivate(triggers, second)
    await finish(triggers, await queue(triggers, first), BuildState.SUCCESS)
    await triggers.turn()
    await deactivate(triggers, second, active=True)
    await triggers.turn()
    assert await triggers.builds(second) == []
    trigger = await triggers.only(second)
    for enabled in (False, True):
        data = TriggerCreate.model_validate(
            {"kind": "after_project", "source_project_id": first.id, "enabled": enabled}
        )
        trigger = await triggers.service.update(
            triggers.bench.actor, trigger_id=trigger.id, version=trigger.version, data=data
        )
        if not enabled:
            await finish(triggers, await queue(triggers, first), BuildState.SUCCESS)
            await triggers.turn()
    await triggers.turn()
    assert await triggers.builds(second) == []
    await finish(triggers, running, BuildState.SUCCESS)
    await triggers.turn()
    assert [build.caused_by for build in await triggers.builds(second)] == [running.id]


async def test_a_project_that_was_edited_meanwhile(triggers: Triggers) -> None:
    """What is queued is the project as it stands when it fires."""
    first, second = await chain(triggers)
    values = {name: getattr(second, name) for name in ProjectCreate.model_fields
              if name != "secrets"}  # fmt: skip
    data = ProjectCreate.model_validate({**values, "command": "make other"})
    await triggers.bench.workspace.projects.update(
        triggers.bench.actor, project_id=second.id, version=second.version, data=data
    )
    await finish(triggers, await queue(triggers, first), BuildState.SUCCESS)
    await triggers.turn()
    assert [build.command for build in await triggers.builds(second)] == ["make other"]
