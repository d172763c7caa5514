"""Puts builds into the queue, inside a unit of work that others may write in as well."""

from collections.abc import Mapping
from typing import Any

from core.builds.queue import snapshot
from core.builds.repository import BuildRepository
from core.builds.schemas import BuildRow, Cause
from core.builds.tables import Build
from core.database.fields.times import utc_now
from core.database.unit_of_work import UnitOfWork
from core.security.actors import Actor
from core.translation import _

TOPIC = "builds"


async def put(
    unit: UnitOfWork, actor: Actor, what: Mapping[str, Any], cause: Cause
) -> BuildRow:
    """Store a build that waits, numbered, behind all others of its priority.

    Args:
        unit: Commits it with whatever else is written.
        actor: Who asked for it.
        what: The columns of ``snapshot``.
        cause: What queued it.
    """
    repository = BuildRepository(unit.session)
    number = await repository.next_number(int(what["project_id"]))
    build_id = await repository.add(
        {**what, **snapshot.waiting(actor, cause), "number": number}
    )
    stored = await repository.find(build_id)
    assert stored is not None
    unit.changed(TOPIC)
    return stored


async def put_again(unit: UnitOfWork, actor: Actor, build: Build, cause: Cause) -> BuildRow:
    """Store a build that runs what another one ran; ``cause`` tells which and why.

    It replaces nothing that waits: what it builds is not newer.
    """
    return await put(unit, actor, snapshot.snapshot_again(build), cause)


async def replace_older(unit: UnitOfWork, newest: BuildRow) -> int:
    """Cancel the waiting builds of the same project, branch and type; return how many.

    What runs goes on: its work is done in part, and its result is wanted more often than
    the seconds. Another type of the same branch is another thing, and waits on.
    """
    return await BuildRepository(unit.session).cancel_waiting(
        newest,
        message=_("Replaced by build #{number}.").format(number=newest.number),
        now=utc_now(),
    )
