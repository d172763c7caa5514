"""Triggers: what is taken, what is refused at which field, who may change them."""

from datetime import UTC, datetime, timedelta

import pydantic
import pytest

from core.errors import ConflictError, NotFoundError, PermissionDeniedError, ValidationError
from core.projects.schemas import ProjectRow
from core.security.actors import Actor, Origin, Role
from core.triggers.schemas import TriggerCreate, TriggerRow
from core.triggers.service import MOST_PREVIEWED
from tests.core.triggers.conftest import Triggers


async def refused(triggers: Triggers, project: ProjectRow, **fields: object) -> dict[str, str]:
    """Return which fields are wrong, and why."""
    with pytest.raises(ValidationError) as caught:
        await triggers.create(project, **fields)
    assert await triggers.of(project) == ()
    return caught.value.fields


async def changed(triggers: Triggers, trigger: TriggerRow, **fields: object) -> TriggerRow:
    values = {name: getattr(trigger, name) for name in TriggerCreate.model_fields}
    if trigger.interval_s is None:
        del values["interval_s"]
    data = TriggerCreate.model_validate({**values, **fields})
    return await triggers.service.update(
        triggers.bench.actor, trigger_id=trigger.id, version=trigger.version, data=data
    )


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("kind", {"kind": "never"}),
        ("expression", {"kind": "schedule"}),
        ("expression", {"kind": "schedule", "expression": " "}),
        ("interval_s", {"kind": "commits", "interval_s": 9}),
        ("source_project_id", {"kind": "after_project"}),
        ("branch", {"kind": "commits", "branch": "--upload-pack=x"}),
    ],
)
def test_input_that_is_refused(field: str, values: dict[str, object]) -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        TriggerCreate.model_validate(values)
    assert {error["loc"][0] for error in caught.value.errors()} == {field}


async def test_what_a_project_cannot_do(triggers: Triggers) -> None:
    project = await triggers.bench.project(build_types=[{"name": "debug"}])
    wrong = await refused(
        triggers,
        project,
        kind="schedule",
        expression="99 * * * *",
        branch="dev",
        build_type="x",
    )
    assert set(wrong) == {"expression", "branch", "build_type"}
    assert set(await refused(triggers, project, kind="commits")) == {"kind"}
    after = {"kind": "after_project", "source_project_id": 10**6}
    assert set(await refused(triggers, project, **after)) == {"source_project_id"}
    with pytest.raises(NotFoundError):
        await triggers.service.create(
            triggers.bench.actor,
            project_id=10**6,
            data=TriggerCreate.model_validate({"kind": "schedule", "expression": "* * * * *"}),
        )


async def test_no_projects_start_each_other_for_ever(triggers: Triggers) -> None:
    """Seen failing with a look at the next project alone."""
    first, second, third = [await triggers.bench.project() for _number in range(3)]
    after = "after_project"
    await triggers.create(second, kind=after, source_project_id=first.id)
    trigger = await triggers.create(third, kind=after, source_project_id=second.id)
    for source in (first, second, third):
        wrong = await refused(triggers, first, kind=after, source_project_id=source.id)
        assert "for ever" in wrong["source_project_id"]
    with pytest.raises(ValidationError, match="not saved"):
        await changed(triggers, trigger, source_project_id=third.id)
    # The trigger that is changed is no part of what is there already.
    await changed(triggers, trigger, source_project_id=first.id)
    await triggers.create(second, kind=after, source_project_id=third.id)


async def test_each_kind_keeps_its_own_fields(triggers: Triggers) -> None:
    project = await triggers.bench.project(repository_url="https://example.org/x")
    other = await triggers.bench.project()
    every = {"expression": "0 3 * * *", "interval_s": 60, "source_project_id": other.id}
    for kind in ("schedule", "commits", "after_project"):
        await triggers.create(project, kind=kind, **every)
    kept = [(t.expression, t.interval_s, t.source_project) for t in await triggers.of(project)]
    assert kept == [("0 3 * * *", None, ""), ("", 60, ""), ("", None, other.name)]


async def test_a_change_of_somebody_else_is_not_lost(triggers: Triggers) -> None:
    project = await triggers.bench.project()
    trigger = await triggers.create(project, kind="schedule", expression="0 3 * * *")
    await changed(triggers, trigger, enabled=False)
    with pytest.raises(ConflictError):
        await changed(triggers, trigger, expression="0 4 * * *")
    assert (await triggers.only(project)).expression == "0 3 * * *"
    await triggers.service.delete(triggers.bench.actor, trigger_id=trigger.id)
    assert await triggers.of(project) == ()
    with pytest.raises(NotFoundError):
        await changed(triggers, trigger, enabled=True)
    with pytest.raises(NotFoundError):
        await triggers.service.delete(triggers.bench.actor, trigger_id=trigger.id)


async def test_firing_is_in_the_way_of_nobody_who_edits(triggers: Triggers) -> None:
    project = await triggers.bench.project()
    trigger = await triggers.create(project, kind="schedule", expression="* * * * *")
    triggers.clock.on(minutes=1)
    await triggers.turn()
    stored = await changed(triggers, trigger, expression="*/2 * * * *")
    # The time that was met before the change is not met again after it.
    assert stored.next_at is not None
    assert stored.next_at > triggers.clock.now()
    await triggers.turn()
    assert len(await triggers.builds(project)) == 1


async def test_the_next_times(triggers: Triggers) -> None:
    found = await triggers.service.preview(triggers.bench.actor, expression="0 3 * * *")
    first = datetime(2026, 5, 5, 1, tzinfo=UTC)
    assert found == tuple(first + timedelta(days=day) for day in range(5))
    many = await triggers.service.preview(
        triggers.bench.actor, expression="* * * * *", count=10**9
    )
    assert len(many) == MOST_PREVIEWED
    with pytest.raises(ValidationError) as caught:
        await triggers.service.preview(triggers.bench.actor, expression="* *")
    assert "Five fields" in caught.value.fields["expression"]


async def test_who_may_change_triggers(triggers: Triggers) -> None:
    mine, other = await triggers.bench.project(), await triggers.bench.project()
    gate = triggers.bench.workspace.gate
    actor = Actor(
        "ada", Role.OPERATOR, Origin.DESKTOP, session="s", user_id=1, uid="u",
        project_roles={mine.id: Role.ADMINISTRATOR},
    )  # fmt: skip
    gate.let_in(actor)
    data = TriggerCreate.model_validate({"kind": "schedule", "expression": "0 3 * * *"})
    made = await triggers.service.create(actor, project_id=mine.id, data=data)
    assert made.created_by == "ada"
    with pytest.raises(PermissionDeniedError):
        await triggers.service.create(actor, project_id=other.id, data=data)
    theirs = await triggers.create(other, kind="schedule", expression="0 3 * * *")
    with pytest.raises(PermissionDeniedError):
        await triggers.service.delete(actor, trigger_id=theirs.id)
    await triggers.service.delete(actor, trigger_id=made.id)
    assert await triggers.service.list_of(actor, project_id=other.id) == (theirs,)


async def test_the_audit_trail_tells_of_changes(triggers: Triggers) -> None:
    project = await triggers.bench.project(name="Nightly")
    trigger = await triggers.create(project, kind="schedule", expression="0 3 * * *")
    trigger = await changed(triggers, trigger, expression="0 4 * * *")
    await triggers.service.delete(triggers.bench.actor, trigger_id=trigger.id)
    page = await triggers.bench.workspace.audit.entries(triggers.bench.actor)
    told = [row for row in page.rows if row.operation == "triggers.change"]
    assert {(row.subject_kind, row.subject) for row in told} == {("trigger", "Nightly")}
    removed, changes, added = [row.changes for row in told]
    assert (added["added"], added["expression"]) == (True, "0 3 * * *")
    assert changes == {"expression": ["0 3 * * *", "0 4 * * *"]}
    assert removed["removed"] is True
