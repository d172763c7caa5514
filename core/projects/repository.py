"""Reads and writes projects."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    String,
    func,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.schemas import BuildState, FailureReason
from core.builds.tables import Artifact, Build, BuildLogChunk
from core.database.tables import table_of
from core.projects.rows import BuildsOfProject
from core.projects.schemas import RecentBuild
from core.projects.tables import Project
from core.triggers.tables import BuildTrigger

RECENT_BUILDS = 14

PROJECT = table_of(Project)
_ARTIFACT = table_of(Artifact)
_BUILD = table_of(Build)
_CHUNK = table_of(BuildLogChunk)
_TRIGGER = table_of(BuildTrigger)


class ProjectRepository:
    """The projects of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, project_id: int) -> Project | None:
        """Return a project, None where there is none."""
        return await self._session.get(Project, project_id)

    async def all(self) -> Sequence[Row[Any]]:
        """Return all projects by name."""
        query = select(PROJECT).order_by(func.lower(PROJECT.c.name))
        return (await self._session.execute(query)).all()

    async def some(self, project_ids: Sequence[int]) -> Sequence[Row[Any]]:
        """Return projects by name."""
        query = select(PROJECT).where(PROJECT.c.id.in_(project_ids))
        query = query.order_by(func.lower(PROJECT.c.name))
        return (await self._session.execute(query)).all()

    async def names(self) -> dict[str, int]:
        """Return the ids of all projects by their names, as ``caseless`` has them."""
        rows = await self._session.execute(select(PROJECT.c.name, PROJECT.c.id))
        return {caseless(name): project_id for name, project_id in rows}

    async def uids(self) -> set[str]:
        """Return what all projects are known by."""
        return set((await self._session.scalars(select(PROJECT.c.uid))).all())

    async def name_taken(self, name: str, *, by_other_than: int | None) -> bool:
        """Tell whether another project has this name in any case."""
        query = select(PROJECT.c.id).where(text("name = :name COLLATE NOCASE"))
        ids = (await self._session.scalars(query, {"name": name})).all()
        return any(found != by_other_than for found in ids)

    async def add(self, project: Project) -> Project:
        """Store a new project."""
        self._session.add(project)
        await self._session.flush()
        return project

    async def change(self, project_id: int, version: int, values: Mapping[str, object]) -> bool:
        """Change a project if it still has this version."""
        query = (
            update(PROJECT)
            .where(PROJECT.c.id == project_id, PROJECT.c.version == version)
            .values(**values, version=version + 1)
            .returning(PROJECT.c.id)
        )
        return (await self._session.execute(query)).first() is not None

    async def refresh(self, project: Project) -> None:
        """Read a project again after it was changed."""
        await self._session.refresh(project)

    async def delete(self, project_id: int) -> None:
        """Remove a project and, by its foreign keys, its builds and their logs."""
        await self._session.execute(
            text("DELETE FROM projects WHERE id = :id"), {"id": project_id}
        )

    async def has_active_builds(self, project_id: int) -> bool:
        """Tell whether a process of a build of this project may be alive."""
        query = text(
            "SELECT 1 FROM builds WHERE project_id = :id"
            " AND state IN ('running', 'cancelling') LIMIT 1"
        )
        return await self._session.scalar(query, {"id": project_id}) is not None

    async def builds_of(
        self, project_ids: Sequence[int] | None
    ) -> defaultdict[int, BuildsOfProject]:
        """Return what the builds of projects tell, by project; of all where None."""
        counts: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for project, state, count in await self._session.execute(_counts(project_ids)):
            counts[project][state] = count
        found: defaultdict[int, BuildsOfProject] = defaultdict(BuildsOfProject)
        for project, recent in await self._session.execute(_recent(project_ids)):
            found[project] = _builds(counts[project], json.loads(recent))
        return found

    async def log_bytes(self, project_id: int) -> int:
        """Return how much the logs of a project take."""
        size = func.coalesce(func.sum(func.length(_CHUNK.c.data)), 0)
        return await self._of_builds(project_id, select(size).join(_BUILD, _of(_CHUNK)))

    async def artifacts(self, project_id: int) -> tuple[int, int]:
        """Return how many artifacts of a project are kept, and how much they take."""
        kept = _ARTIFACT.c.removed_at.is_(None)
        count = select(func.count()).select_from(_ARTIFACT).join(_BUILD, _of(_ARTIFACT))
        size = select(func.coalesce(func.sum(_ARTIFACT.c.size), 0)).join(_BUILD, _of(_ARTIFACT))
        return (
            await self._of_builds(project_id, count.where(kept)),
            await self._of_builds(project_id, size.where(kept)),
        )

    async def builds(self, project_id: int) -> int:
        """Return how many builds a project has."""
        return await self._of_builds(project_id, select(func.count()).select_from(_BUILD))

    async def pinned(self, project_id: int) -> int:
        """Return how many builds of a project are pinned."""
        count = select(func.count()).select_from(_BUILD)
        return await self._of_builds(project_id, count.where(_BUILD.c.pinned))

    async def triggers(self, project_id: int) -> int:
        """Return how many triggers are of a project, or wait for its success."""
        query = select(func.count()).select_from(_TRIGGER)
        query = query.where(
            (_TRIGGER.c.project_id == project_id) | (_TRIGGER.c.source_project_id == project_id)
        )
        return int(await self._session.scalar(query) or 0)

    async def triggers_of(self, project_ids: Sequence[int]) -> Sequence[Row[Any]]:
        """Return the triggers of projects with the names of those that they wait for."""
        source = PROJECT.alias("source")
        query = (
            select(_TRIGGER, source.c.name.label("source"))
            .outerjoin(source, source.c.id == _TRIGGER.c.source_project_id)
            .where(_TRIGGER.c.project_id.in_(project_ids))
            .order_by(_TRIGGER.c.id)
        )
        return (await self._session.execute(query)).all()

    async def _of_builds(self, project_id: int, query: Select[Any]) -> int:
        return int(
            await self._session.scalar(query.where(_BUILD.c.project_id == project_id)) or 0
        )


def last_of(column: str) -> ColumnElement[Any]:
    """Return a column of the newest build of each project."""
    found = _BUILD.c[column]
    query = select(found).where(_BUILD.c.project_id == PROJECT.c.id).correlate(PROJECT)
    return query.order_by(_BUILD.c.number.desc()).limit(1).scalar_subquery()


def caseless(name: str) -> str:
    """Return a name as the database compares it: the letters A to Z in lower case."""
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in name)


def _of(table: Any) -> ColumnElement[bool]:
    same: ColumnElement[bool] = table.c.build_id == _BUILD.c.id
    return same


def _counts(project_ids: Sequence[int] | None) -> Select[Any]:
    query = select(_BUILD.c.project_id, _BUILD.c.state, func.count())
    if project_ids is not None:
        query = query.where(_BUILD.c.project_id.in_(project_ids))
    return query.group_by(_BUILD.c.project_id, _BUILD.c.state)


def _recent(project_ids: Sequence[int] | None) -> Select[Any]:
    """Select each project with its last builds as JSON, the newest first.

    As JSON, because a row for each of many thousand builds would take several times as long.
    """
    last = (
        select(
            _BUILD.c.number,
            _BUILD.c.state,
            _BUILD.c.duration_ms,
            _BUILD.c.reason,
            type_coerce(_BUILD.c.queued_at, String()).label("queued_at"),
        )
        .where(_BUILD.c.project_id == PROJECT.c.id)
        .order_by(_BUILD.c.number.desc())
        .limit(RECENT_BUILDS)
        .correlate(PROJECT)
        .subquery("last")
    )
    array = select(func.json_group_array(func.json_array(*last.c))).scalar_subquery()
    query = select(PROJECT.c.id, type_coerce(array, String()))
    return query if project_ids is None else query.where(PROJECT.c.id.in_(project_ids))


def _builds(counts: Mapping[str, int], last: Sequence[Any]) -> BuildsOfProject:
    newest_first = sorted(last, reverse=True)
    return BuildsOfProject(
        total=sum(counts.values()),
        successes=counts.get("success", 0),
        failures=counts.get("failed", 0),
        waiting=counts.get("pending", 0),
        running=counts.get("running", 0) + counts.get("cancelling", 0),
        recent=tuple(_recent_build(*one[:4]) for one in reversed(newest_first)),
        last_queued_at=_moment(newest_first[0][4]) if newest_first else None,
    )


def _recent_build(
    number: int, state: str, duration_ms: int | None, reason: str | None
) -> RecentBuild:
    """Return a build as its row says, in words that are known."""
    if state not in set(BuildState):
        return RecentBuild(number, BuildState.FAILED, duration_ms, FailureReason.LOST)
    known = reason if reason in set(FailureReason) else None
    return RecentBuild(number, state, duration_ms, known)


def _moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)
