"""Reads and writes builds."""

from collections.abc import Mapping, Sequence
from statistics import median

from sqlalchemy import RowMapping, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.schemas import BuildRow, BuildState, FailureReason, TriggerKind
from core.builds.tables import Build
from core.database.fields.times import utc_now
from core.database.query.builder import Query
from core.database.tables import table_of
from core.projects.schemas import Checkout
from core.projects.tables import Project

_BUILD = table_of(Build)
_ROWS = (
    Query(Build)
    .join(Project, name="project")
    .only(*(column.key for column in _BUILD.columns), "project.name")
)
_UNFINISHED_STATES = [state.value for state in BuildState if not state.finished]
_ACTIVE_STATES = [state.value for state in BuildState if state.active]

_NEXT_NUMBER = text(
    "INSERT INTO build_numbers (project_id, last) VALUES (:project_id, 1)"
    " ON CONFLICT (project_id) DO UPDATE SET last = last + 1 RETURNING last"
)


class BuildRepository:
    """The builds of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def next_number(self, project_id: int) -> int:
        """Give the next build number of a project; it is never given again."""
        return int(await self._session.scalar(_NEXT_NUMBER, {"project_id": project_id}) or 0)

    async def add(self, values: dict[str, object]) -> int:
        """Store a new build and return its id."""
        result = await self._session.execute(
            insert(Build).values(values).returning(_BUILD.c.id)
        )
        return int(result.scalar_one())

    async def find(self, build_id: int) -> BuildRow | None:
        """Return a build with the name of its project and its estimate."""
        found = await _ROWS.where(id__eq=build_id).first(self._session)
        if found is None:
            return None
        return _as_row(found, await self._estimate(found["project_id"]))

    async def page(self, project_id: int, *, before: int | None, limit: int) -> list[BuildRow]:
        """Return builds of a project with numbers below ``before``, the newest first."""
        query = _ROWS.where(project_id__eq=project_id).order_by("-number").limit(limit)
        query = query.when(before is not None, {"number__lt": before})
        found = await query.all(self._session)
        estimate = await self._estimate(project_id) if found else None
        return [_as_row(row, estimate) for row in found]

    async def active(self) -> list[BuildRow]:
        """Return the builds of which a process may be alive, the oldest first."""
        query = _ROWS.where(state__in=_ACTIVE_STATES).order_by("id")
        found = await query.all(self._session)
        return [_as_row(row, await self._estimate(row["project_id"])) for row in found]

    async def unfinished(self) -> list[tuple[int, str, BuildState]]:
        """Return id, ``uid`` and state of each build that waits or runs, the oldest first."""
        query = Query(Build).only("id", "uid", "state").order_by("id")
        rows = await query.where(state__in=_UNFINISHED_STATES).all(self._session)
        return [(row["id"], row["uid"], BuildState(row["state"])) for row in rows]

    async def claim_next(self) -> int | None:
        """Take the build that is next in the queue; None when none may start."""
        query = (
            update(Build)
            .where(_BUILD.c.state == BuildState.PENDING.value, _BUILD.c.id == _next_in_queue())
            .values(
                state=BuildState.RUNNING.value,
                version=_BUILD.c.version + 1,
                started_at=utc_now(),
                updated_at=utc_now(),
            )
            .returning(_BUILD.c.id)
        )
        claimed: int | None = (await self._session.execute(query)).scalar_one_or_none()
        return claimed

    async def move(
        self, build_id: int, *, from_states: Sequence[BuildState], **values: object
    ) -> bool:
        """Change a build if it is in one of these states; False when it is not."""
        query = (
            update(Build)
            .where(_BUILD.c.id == build_id, _BUILD.c.state.in_([s.value for s in from_states]))
            .values(**values, version=_BUILD.c.version + 1, updated_at=utc_now())
            .returning(_BUILD.c.id)
        )
        return (await self._session.execute(query)).first() is not None

    async def set_progress(self, build_id: int, values: Mapping[str, object]) -> None:
        """Note how far the log was taken in."""
        await self._session.execute(update(Build).where(_BUILD.c.id == build_id).values(values))

    async def stored(self, build_id: int) -> Build | None:
        """Return the stored build with all its columns."""
        return await self._session.get(Build, build_id)

    async def _estimate(self, project_id: int) -> int | None:
        query = (
            select(_BUILD.c.duration_ms)
            .where(
                _BUILD.c.project_id == project_id, _BUILD.c.state == BuildState.SUCCESS.value
            )
            .order_by(_BUILD.c.number.desc())
            .limit(10)
        )
        durations = [ms for ms in (await self._session.scalars(query)).all() if ms is not None]
        return int(median(durations)) if durations else None


def _next_in_queue() -> object:
    """Select what was queued first, of projects of which no build runs."""
    waiting, other = _BUILD.alias("waiting"), _BUILD.alias("other")
    busy = select(other.c.id).where(
        other.c.project_id == waiting.c.project_id, other.c.state.in_(_ACTIVE_STATES)
    )
    return (
        select(waiting.c.id)
        .where(waiting.c.state == BuildState.PENDING.value, ~busy.exists())
        .order_by(waiting.c.id)
        .limit(1)
        .scalar_subquery()
    )


def _as_row(row: RowMapping, estimate_ms: int | None) -> BuildRow:
    return BuildRow(
        id=row["id"],
        uid=row["uid"],
        version=row["version"],
        project_id=row["project_id"],
        project=row["project.name"],
        number=row["number"],
        state=BuildState(row["state"]),
        reason=FailureReason(row["reason"]) if row["reason"] else None,
        exit_code=row["exit_code"],
        signal=row["signal"],
        message=row["message"],
        command=row["command"],
        directory=row["directory"],
        environment=dict(row["environment"]),
        secret_names=tuple(row["secret_names"]),
        requested_by=row["requested_by"],
        origin=row["origin"],
        queued_at=row["queued_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        duration_ms=row["duration_ms"],
        log_lines=row["log_lines"],
        log_bytes=row["log_bytes"],
        errors=row["errors"],
        warnings=row["warnings"],
        estimate_ms=estimate_ms,
        trigger=TriggerKind(row["trigger"]),
        trigger_detail=row["trigger_detail"],
        caused_by=row["caused_by"],
        retry_of=row["retry_of"],
        attempt=row["attempt"],
        build_type=row["build_type"],
        repository_url=row["repository_url"],
        branch=row["branch"],
        checkout=Checkout(row["checkout"]),
        commit_hash=row["commit_hash"],
        commit_author=row["commit_author"],
        commit_subject=row["commit_subject"],
        commit_at=row["commit_at"],
        dirty=row["dirty"],
        before_steps=tuple(row["before_steps"]),
        after_steps=tuple(row["after_steps"]),
        artifact_patterns=tuple(row["artifact_patterns"]),
        priority=row["priority"],
        position=row["position"],
        nice=row["nice"],
        leave_processes=row["leave_processes"],
        note=row["note"],
        pinned=row["pinned"],
        cpu_ms=row["cpu_ms"],
        cpu_peak=row["cpu_peak"],
        memory_peak=row["memory_peak"],
        problems=row["problems"],
        artifact_count=row["artifact_count"],
        artifact_bytes=row["artifact_bytes"],
        log_removed_at=row["log_removed_at"],
        artifacts_removed_at=row["artifacts_removed_at"],
    )
