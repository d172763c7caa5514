"""Which projects come to both ends although nothing changed, as one statement.

Two things tell: the same snapshot (clean commit, command, build type and variables) both
succeeded and failed; and a failure was followed by a success when it was tried again, at the
same commit. Failures that say nothing about the project do not count: a checkout that did
not work, a build that was never started or was lost.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, Select, String, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.schemas import BuildState, FailureReason
from core.builds.statistics.periods import as_stored
from core.builds.tables import Build
from core.database.tables import table_of

_BUILD = table_of(Build)
_SAYS_NOTHING = (
    FailureReason.CHECKOUT.value,
    FailureReason.NOT_STARTED.value,
    FailureReason.LOST.value,
)
_SNAPSHOT = ("project_id", "commit_hash", "command", "build_type")


async def signs(
    session: AsyncSession, start: datetime, project_id: int | None
) -> list[tuple[int, int, int, datetime]]:
    """Return project, snapshots, retries and the last failure among them.

    Args:
        start: What ended before does not count.
        project_id: The only project to look at.
    """
    found: dict[int, tuple[int, int, datetime]] = {}
    for project, count, last_at in await session.execute(_of_snapshots(start, project_id)):
        found[project] = (count, 0, last_at)
    for project, count, last_at in await session.execute(_of_retries(start, project_id)):
        snapshots, _none, last = found.get(project, (0, 0, last_at))
        found[project] = (snapshots, count, max(last, last_at))
    return [(project, *figures) for project, figures in found.items()]


def _of_snapshots(start: datetime, project_id: int | None) -> Select[Any]:
    failed = _failed_snapshots(start, project_id)
    good = _BUILD.alias("good")
    both = (
        select(good.c.id)
        .where(
            *(good.c[name] == failed.c[name] for name in _SNAPSHOT),
            _variables(good) == failed.c.variables,
            *_clean(good),
            *_successes(good, start),
        )
        .exists()
    )
    return (
        select(
            failed.c.project_id,
            func.count(),
            func.max(failed.c.last_at, type_=_BUILD.c.finished_at.type),
        )
        .where(both)
        .group_by(failed.c.project_id)
    )


def _failed_snapshots(start: datetime, project_id: int | None) -> CTE:
    columns = [_BUILD.c[name] for name in _SNAPSHOT]
    variables = _variables(_BUILD)
    return (
        select(
            *columns,
            variables.label("variables"),
            func.max(_BUILD.c.finished_at).label("last_at"),
        )
        .where(*_failures(_BUILD, start, project_id), *_clean(_BUILD))
        .group_by(*columns, variables)
        .cte("failed")
        .prefix_with("MATERIALIZED")
    )


def _of_retries(start: datetime, project_id: int | None) -> Select[Any]:
    failed, again = _BUILD.alias("failed"), _BUILD.alias("again")
    count, last_at = func.count(failed.c.id.distinct()), func.max(failed.c.finished_at)
    return (
        select(failed.c.project_id, count, last_at)
        .select_from(failed.join(again, again.c.retry_of == failed.c.id))
        .where(
            *_failures(failed, start, project_id),
            again.c.commit_hash == failed.c.commit_hash,
            *_successes(again, start),
        )
        .group_by(failed.c.project_id)
    )


def _failures(
    build: FromClause, start: datetime, project_id: int | None
) -> tuple[ColumnElement[bool], ...]:
    own = (build.c.project_id == project_id,) if project_id is not None else ()
    reason = func.coalesce(build.c.reason, "")
    return (
        build.c.state == BuildState.FAILED.value,
        reason.not_in(_SAYS_NOTHING),
        *_since(build, start),
        *own,
    )


def _successes(build: FromClause, start: datetime) -> tuple[ColumnElement[bool], ...]:
    # Wrapped, so that they are found by their commit or retry, and not by when they ended.
    return (
        func.coalesce(build.c.state, "") == BuildState.SUCCESS.value,
        func.coalesce(_text(build.c.finished_at), "") >= as_stored(start),
    )


def _since(build: FromClause, start: datetime) -> tuple[ColumnElement[bool], ...]:
    return (_text(build.c.finished_at) >= as_stored(start),)


def _clean(build: FromClause) -> tuple[ColumnElement[bool], ...]:
    return (build.c.commit_hash != "", func.coalesce(build.c.dirty, 0) == 0)


def _variables(build: FromClause) -> ColumnElement[str]:
    return _text(build.c.environment)


def _text(column: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a column as it is stored."""
    return type_coerce(column, String())
