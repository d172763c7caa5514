"""The audit trail: written with what it tells, chained, and verified."""

import asyncio
import json

import pytest
from sqlalchemy import text

from core.audit import repository
from core.audit.repository import AuditRepository
from core.database.audit_trail import Deed, Subject, digest_of
from core.errors import PermissionDeniedError
from core.progress import Progress
from core.projects.schemas import ProjectCreate
from core.security.actors import Actor, Origin, Role
from tests.core.running import Bench

FORGED = (
    "INSERT INTO audit_entries SELECT {id}, at, actor_uid, 'eve', role, origin, session,"
    " operation, subject_kind, subject_uid, subject, changes, digest FROM audit_entries"
    " WHERE id = 1"
)


async def entries(bench: Bench, count: int) -> None:
    """Enter some deeds, a few to a transaction."""
    for first in range(0, count, 4):
        async with bench.workspace.database.unit_of_work() as unit:
            for number in range(first, min(first + 4, count)):
                subject = Subject("user", f"u{number % 3}", f"name {number}")
                unit.record(Deed(bench.actor, "users.edit", subject, {"n": number}))
            await unit.commit()


async def tamper(bench: Bench, *statements: str) -> None:
    """Do by SQL what somebody with the file can do."""
    async with bench.workspace.database.unit_of_work() as unit:
        for statement in statements:
            await unit.session.execute(text(statement))
        await unit.commit()


async def broken_at(bench: Bench) -> int | None:
    """Return where the chain is broken."""
    progress = Progress(lambda: None)
    found = await bench.workspace.audit.verify(bench.actor, progress=progress)
    assert bool(found.why) is (found.broken_at is not None)
    return found.broken_at


async def test_what_is_recorded_can_be_read_by_subject(bench: Bench) -> None:
    await entries(bench, 10)
    page = await bench.workspace.audit.history(bench.actor, kind="user", uid="u1", limit=2)
    assert [(row.subject, dict(row.changes)) for row in page.rows] == [
        ("name 7", {"n": 7}),
        ("name 4", {"n": 4}),
    ]
    assert page.more
    rest = await bench.workspace.audit.history(
        bench.actor, kind="user", uid="u1", before=page.rows[-1].id
    )
    assert [row.subject for row in rest.rows] == ["name 1"]
    assert not rest.more
    assert await broken_at(bench) is None


async def test_nothing_is_recorded_of_what_was_not_committed(bench: Bench) -> None:
    """Seen failing with entries that were written in a transaction of their own."""
    async with bench.workspace.database.unit_of_work() as unit:
        unit.record(Deed(bench.actor, "users.edit", Subject("user", "u", "n")))
    page = await bench.workspace.audit.entries(bench.actor)
    assert page.rows == ()


async def test_a_project_tells_what_changed_but_no_secret(bench: Bench) -> None:
    project = await bench.project(secrets={"TOKEN": "planted-secret"}, name="api")
    data = {"name": "api 2", "path": project.path, "command": "make"}
    await bench.workspace.projects.update(
        bench.actor,
        project_id=project.id,
        version=1,
        data=ProjectCreate.model_validate({**data, "secrets": {"TOKEN": "other-planted"}}),
    )
    await bench.workspace.projects.delete(bench.actor, project_id=project.id)
    page = await bench.workspace.audit.history(bench.actor, kind="project", uid=project.uid)
    told = [row.operation for row in page.rows]
    assert told == ["projects.delete", "projects.edit", "projects.create"]
    assert page.rows[1].changes["name"] == ["api", "api 2"]
    assert "planted" not in json.dumps([dict(row.changes) for row in page.rows])


@pytest.mark.parametrize(
    ("statement", "first_broken"),
    [
        ("UPDATE audit_entries SET changes = '{}' WHERE id = 5", 5),
        ("UPDATE audit_entries SET actor = 'somebody' WHERE id = 1", 1),
        ("UPDATE audit_entries SET at = 'garbage' WHERE id = 9", 9),
        ("UPDATE audit_entries SET subject = x'00ff' WHERE id = 9", 9),
        ("UPDATE audit_entries SET digest = 'x' WHERE id = 12", 12),
        ("DELETE FROM audit_entries WHERE id = 7", 7),
        ("DELETE FROM audit_entries WHERE id = 1", 1),
        ("DELETE FROM audit_entries WHERE id > 10", 11),
        ("UPDATE audit_entries SET id = 100 WHERE id = 12", 12),
        ("UPDATE audit_entries SET subject = CAST(x'ff41' AS TEXT) WHERE id = 9", 9),
        ("UPDATE audit_entries SET actor = CAST(actor AS BLOB) WHERE id = 9", 9),
        ("UPDATE audit_entries SET digest = CAST(x'ff' AS TEXT) WHERE id = 12", 12),
        (FORGED.format(id=0), 0),
        (FORGED.format(id=-7), -7),
    ],
)
async def test_tampering_is_found_where_it_begins(
    bench: Bench, statement: str, first_broken: int
) -> None:
    """Seen failing with digests that left out one of the columns.

    Those of bytes that are no text failed when the entries were read as texts, those put in
    before the first when the chain was followed from number 1 on.
    """
    await entries(bench, 12)
    await tamper(bench, statement)
    assert await broken_at(bench) == first_broken


async def test_an_entry_forged_with_its_digest_is_found_by_the_next(bench: Bench) -> None:
    """Seen failing with digests that did not cover the one before."""
    await entries(bench, 6)
    async with bench.workspace.database.read() as session:
        rows = await AuditRepository(session).stored_after(1, 2)
    first, forged = rows
    row = {**forged._asdict(), "actor": "somebody else"}
    digest = digest_of(first.digest, row)
    await tamper(
        bench,
        f"UPDATE audit_entries SET actor = 'somebody else', digest = '{digest}' WHERE id = 3",
    )
    assert await broken_at(bench) == 4


async def test_entries_removed_at_the_end_are_missed_later_too(bench: Bench) -> None:
    """Seen failing with ids that went on after the last entry left."""
    await entries(bench, 4)
    await tamper(bench, "DELETE FROM audit_entries WHERE id > 2")
    await entries(bench, 4)
    assert await broken_at(bench) == 3


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM sqlite_sequence WHERE name = 'audit_entries'",
        "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'audit_entries'",
        "UPDATE sqlite_sequence SET seq = 'x' WHERE name = 'audit_entries'",
        "UPDATE audit_entries SET digest = CAST(x'ff' AS TEXT) WHERE id = 4",
    ],
)
async def test_tampering_keeps_nobody_from_writing(bench: Bench, statement: str) -> None:
    """Seen failing, all four, when the numbers went on by the sequence alone."""
    await entries(bench, 4)
    await tamper(bench, statement)
    await entries(bench, 4)
    page = await bench.workspace.audit.entries(bench.actor)
    assert [row.id for row in page.rows[:4]] == [8, 7, 6, 5]
    assert await broken_at(bench) == (4 if "digest" in statement else None)


async def test_swapped_entries_are_found(bench: Bench) -> None:
    await entries(bench, 4)
    await tamper(
        bench,
        "UPDATE audit_entries SET id = 0 WHERE id = 2",
        "UPDATE audit_entries SET id = 2 WHERE id = 3",
        "UPDATE audit_entries SET id = 3 WHERE id = 0",
    )
    assert await broken_at(bench) == 2


async def test_two_windows_write_one_chain(bench: Bench) -> None:
    other = await bench.core.workspaces.open(bench.workspace.info.path)
    second = Bench(bench.core, other, bench.actor, bench.folder)
    await asyncio.gather(entries(bench, 40), entries(second, 40))
    assert len((await bench.workspace.audit.entries(bench.actor, limit=500)).rows) == 80
    assert await broken_at(bench) is None


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
async def test_others_histories_are_for_administrators(bench: Bench, role: Role) -> None:
    actor = Actor("somebody", role, Origin.SCRIPT, session="s1", user_id=1, uid="u1")
    bench.workspace.gate.let_in(actor)
    await entries(bench, 6)
    with pytest.raises(PermissionDeniedError):
        await bench.workspace.audit.history(actor, kind="user", uid="u2")
    own = await bench.workspace.audit.own_history(actor)
    assert {row.subject_uid for row in own.rows} == {"u1"}


@pytest.mark.parametrize("stored", [None, 1.5, b"\xff", "{", "[" * 100_000])
def test_changes_that_make_no_sense_are_shown_as_they_are(stored: object) -> None:
    """A flipped bit makes NULL of a text: that was a fault of ours, with a traceback."""
    assert repository._changes(stored) == {"": stored}
