"""Looks for the problems in a log once it is whole, and keeps them."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.logs.problems.finder import ProblemFinder, sighted
from core.builds.logs.unstored import Unstored
from core.builds.logs.walk import each_stretch
from core.builds.schemas import Problem, Severity, stored_state
from core.builds.tables import Build, BuildProblem
from core.database.database import Database
from core.database.fields.choices import choice
from core.database.leases import Fence
from core.database.tables import table_of
from core.errors import DatabaseError

TOPIC = "builds"

_BUILD, _PROBLEM = table_of(Build), table_of(BuildProblem)

_log = logging.getLogger(__name__)


async def search(
    session: AsyncSession, build: Build, unstored: Unstored | None = None
) -> tuple[Problem, ...]:
    """Return the problems that a log tells, in order; the session must see one state."""
    finder = ProblemFinder()
    stretches = each_stretch(session, build, unstored, sighted)
    async with aclosing(stretches):
        async for part in stretches:
            await asyncio.to_thread(finder.feed, part)
            if finder.full:
                break
    await asyncio.to_thread(finder.end)
    return tuple(sorted(finder.problems, key=lambda problem: problem.line))


async def stored(session: AsyncSession, build_id: int) -> tuple[Problem, ...]:
    """Return the problems that were kept, in order."""
    query = (
        select(_PROBLEM)
        .where(_PROBLEM.c.build_id == build_id)
        .order_by(_PROBLEM.c.line, _PROBLEM.c.id)
    )
    return tuple(
        Problem(
            line=row.line,
            severity=choice(Severity, row.severity, Severity.ERROR),
            tool=row.tool,
            file=row.file,
            row=row.row,
            column=row.column,
            message=row.message,
        )
        for row in await session.execute(query)
    )


async def find(database: Database, build_id: int, fence: Fence | None = None) -> None:
    """Search the log of a build that has ended, and keep what is found, if nobody did.

    A failure is logged: whoever asks for the problems looks for them again.
    """
    try:
        async with database.read(snapshot=True) as session:
            build = await session.get(Build, build_id)
            if build is None or build.problems is not None or not can_be_kept(build):
                return
            found = await search(session, build)
        await keep(database, build_id, found, fence)
    except DatabaseError as error:
        _log.warning("Problems of build %d were not kept: %s", build_id, error.title)


async def keep(
    database: Database, build_id: int, found: Sequence[Problem], fence: Fence | None = None
) -> None:
    """Store the problems of a build that has ended, in the place of what was stored."""
    async with database.unit_of_work(fence=fence, patient=fence is not None) as unit:
        counted = (
            update(_BUILD)
            .where(_BUILD.c.id == build_id)
            .values(problems=len(found))
            .returning(_BUILD.c.id)
        )
        if (await unit.session.execute(counted)).first() is None:
            return
        gone = delete(_PROBLEM).where(_PROBLEM.c.build_id == build_id)
        await unit.session.execute(gone)
        if found:
            rows = [_values(build_id, problem) for problem in found]
            await unit.session.execute(insert(_PROBLEM), rows)
        unit.changed(TOPIC)
        await unit.commit()


def _values(build_id: int, problem: Problem) -> dict[str, object]:
    return {
        "build_id": build_id,
        "line": problem.line,
        "severity": problem.severity.value,
        "tool": problem.tool,
        "file": problem.file,
        "row": problem.row,
        "column": problem.column,
        "message": problem.message,
    }


def can_be_kept(build: Build) -> bool:
    """Tell whether all of a log was searched that there will ever be; not once it is gone."""
    return stored_state(build.state).finished and build.log_removed_at is None
