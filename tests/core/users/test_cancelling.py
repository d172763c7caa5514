"""Calls that are cancelled at each of their awaits: nothing half done, and no lock left."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from core.database.query.schemas import ListQuery, PageStart
from core.progress import Progress
from core.users.schemas import BulkChange, BulkKind, UserDetails
from tests.core.database.stepping import cancelled_at
from tests.core.users.people import People, edit_of, new

MOST_AWAITS = 400

Call = Callable[[People, UserDetails, int], Coroutine[Any, Any, Any]]


def _create(people: People, _ada: UserDetails, turn: int) -> Coroutine[Any, Any, Any]:
    data = new(f"new{turn}", note="sealed")
    return people.service.create(people.owner, data=data)


def _create_many(people: People, _ada: UserDetails, turn: int) -> Coroutine[Any, Any, Any]:
    data = [new(f"many{turn}x{n}") for n in range(3)]
    return people.service.create_many(people.owner, data=data)


async def _edit(people: People, ada: UserDetails, turn: int) -> None:
    now = await people.service.get(people.owner, user_id=ada.row.id)
    data = edit_of(now, display_name=f"Name {turn}", note=f"note {turn}")
    await people.service.edit(
        people.owner, user_id=ada.row.id, version=now.row.version, data=data
    )


async def _bin(people: People, ada: UserDetails, _turn: int) -> None:
    await people.service.delete(people.owner, user_id=ada.row.id)
    await people.service.restore(people.owner, user_id=ada.row.id)


def _many(people: People, ada: UserDetails, turn: int) -> Coroutine[Any, Any, Any]:
    return people.service.change_many(
        people.owner,
        selection=ListQuery(),
        change=BulkChange(BulkKind.ADD_TAG, f"t{turn % 40}"),
        progress=Progress(lambda: None),
    )


async def _erase(people: People, _ada: UserDetails, turn: int) -> None:
    added = await people.add(f"gone{turn}")
    await people.service.delete(people.owner, user_id=added.row.id)
    await people.service.erase(people.owner, user_id=added.row.id)


def _read(people: People, _ada: UserDetails, _turn: int) -> Coroutine[Any, Any, Any]:
    return people.service.slice(
        people.owner, query=ListQuery(search="ada"), start=PageStart(), limit=10
    )


@pytest.mark.parametrize(
    "call", [_create, _create_many, _edit, _bin, _many, _erase, _read], ids=lambda c: c.__name__
)
async def test_cancelled_anywhere(people: People, call: Call) -> None:
    """After each cancellation somebody else can write at once, and all rows are whole.

    Seen failing with a commit that a cancellation tears, with a session that nobody closes,
    and with a person who is committed before the entry in the audit trail.
    """
    ada = await people.add("ada", note="first")
    for step in range(1, MOST_AWAITS):
        reached = await cancelled_at(call(people, ada, step), step)
        async with asyncio.timeout(30):
            await people.write("UPDATE users SET last_active_at = NULL WHERE id = 0")
        if not reached:
            break
    else:
        pytest.fail("It never came to its end.")
    assert step > 3
    await _check_whole(people)


async def _check_whole(people: People) -> None:
    """Assert that each version has its entry, and that created people are there or not."""
    versions = (
        "SELECT u.username, u.version, count(*) FROM users u JOIN audit_entries a"
        " ON a.subject_uid = u.uid GROUP BY u.id HAVING u.version <> count(*)"
    )
    assert await people.read(versions) == []
    lonely = "SELECT uid FROM users WHERE uid NOT IN (SELECT subject_uid FROM audit_entries)"
    assert await people.read(lonely) == []
    groups = (
        "SELECT count(*) FROM users WHERE username LIKE 'many%'"
        " GROUP BY substr(username, 1, instr(username, 'x')) HAVING count(*) <> 3"
    )
    assert await people.read(groups) == []
