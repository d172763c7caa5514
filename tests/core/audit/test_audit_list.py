"""The list of the audit trail: kinds, search, pages; and verifying leaves an entry."""

import pytest

from core.audit.listing import KINDS, kind_choices
from core.database.audit_trail import Deed, Subject
from core.database.query.errors import QueryError
from core.database.query.schemas import Filter, ListQuery, Operator, PageStart
from core.progress import Progress
from core.security.operations import Operation
from tests.core.running import Bench

OPERATIONS = ("users.edit", "sign_in.failed", "projects.create", "keys.rotate", "rules.change")


async def entries(bench: Bench) -> None:
    async with bench.workspace.database.unit_of_work() as unit:
        for number in range(20):
            operation = OPERATIONS[number % len(OPERATIONS)]
            unit.record(Deed(bench.actor, operation, Subject("thing", "u", f"name {number}")))
        await unit.commit()


def of_kind(kind: str, operator: Operator = Operator.EQ) -> ListQuery:
    return ListQuery((Filter("kind", operator, kind),))


async def found(bench: Bench, query: ListQuery) -> list[tuple[str, str]]:
    page = await bench.workspace.audit.slice(
        bench.actor, query=query, start=PageStart(), limit=50
    )
    counted = await bench.workspace.audit.count(bench.actor, query=query)
    assert counted.value == len(page.rows)
    return [(row.operation, row.subject) for row in page.rows]


async def test_entries_come_by_kind_the_newest_first(bench: Bench) -> None:
    """Seen failing with the oldest first."""
    await entries(bench)
    for kind, operation in (("people", "users.edit"), ("sign_in", "sign_in.failed")):
        rows = await found(bench, of_kind(kind))
        place = OPERATIONS.index(operation)
        assert rows == [(operation, f"name {n}") for n in range(15 + place, -1, -5)]
    others = await found(bench, of_kind("people", Operator.NE))
    assert len(others) == 16
    with pytest.raises(QueryError):
        await found(bench, of_kind("nonsense"))


async def test_entries_are_found_by_name_and_paged(bench: Bench) -> None:
    await entries(bench)
    assert await found(bench, ListQuery(search="NAME 19")) == [("rules.change", "name 19")]
    audit, query = bench.workspace.audit, ListQuery()
    first = await audit.slice(bench.actor, query=query, start=PageStart(), limit=7)
    assert first.more_after
    start = PageStart(cursor=first.last)
    second = await audit.slice(bench.actor, query=query, start=start, limit=7)
    assert [row.id for row in (*first.rows, *second.rows)] == list(range(20, 6, -1))


async def test_every_operation_is_of_one_kind() -> None:
    """Seen failing with a kind left out."""
    prefixes = [prefix for several in KINDS.values() for prefix in several]
    assert len(set(prefixes)) == len(prefixes)
    # To look at rights is nothing that leaves a trace.
    keys = [operation.key for operation in Operation if operation.key != "rights.review"]
    assert {key.partition(".")[0] for key in keys} <= set(prefixes)
    assert [name for name, _words in kind_choices()] == list(KINDS)


async def test_verifying_is_recorded(bench: Bench) -> None:
    await entries(bench)
    progress = Progress(lambda: None)
    for count in (20, 21):
        assert (await bench.workspace.audit.verify(bench.actor, progress=progress)).entries == (
            count
        )
    (last, *_older) = (await bench.workspace.audit.entries(bench.actor)).rows
    assert (last.operation, dict(last.changes)) == (
        "audit.verify",
        {"entries": 21, "broken_at": None},
    )
