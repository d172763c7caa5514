"""Reads and writes projects."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.tables import Build
from core.database.tables import table_of
from core.projects.schemas import BuildType, Checkout, ProjectRow, ProjectType, RecentBuild
from core.projects.tables import Project

RECENT_BUILDS = 14

_PROJECT = table_of(Project)
_BUILD = table_of(Build)

_RECENT = text(
    "SELECT b.project_id, b.number, b.state, b.duration_ms, b.reason"
    " FROM projects p JOIN builds b ON b.project_id = p.id AND b.number > coalesce("
    "(SELECT number FROM builds WHERE project_id = p.id"
    " ORDER BY number DESC LIMIT 1 OFFSET :count), 0)"
    " ORDER BY b.project_id, b.number"
)


class ProjectRepository:
    """The projects of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, project_id: int) -> Project | None:
        """Return a project, None where there is none."""
        return await self._session.get(Project, project_id)

    async def all(self) -> Sequence[Project]:
        """Return all projects by name."""
        query = select(Project).order_by(func.lower(_PROJECT.c.name))
        return (await self._session.scalars(query)).all()

    async def name_taken(self, name: str, *, by_other_than: int | None) -> bool:
        """Tell whether another project has this name in any case."""
        query = select(_PROJECT.c.id).where(text("name = :name COLLATE NOCASE"))
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
            update(_PROJECT)
            .where(_PROJECT.c.id == project_id, _PROJECT.c.version == version)
            .values(**values, version=version + 1)
            .returning(_PROJECT.c.id)
        )
        return (await self._session.execute(query)).first() is not None

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

    async def counts(self) -> dict[int, tuple[int, int, int]]:
        """Return builds, successes, and successes with failures, by project."""
        finished = _BUILD.c.state.in_(("success", "failed"))
        query = select(
            _BUILD.c.project_id,
            func.count(),
            func.count().filter(_BUILD.c.state == "success"),
            func.count().filter(finished),
        ).group_by(_BUILD.c.project_id)
        rows = await self._session.execute(query)
        return {project: (total, good, ended) for project, total, good, ended in rows}

    async def recent_builds(self) -> dict[int, list[RecentBuild]]:
        """Return the last builds by project, oldest first."""
        recent: dict[int, list[RecentBuild]] = {}
        rows = await self._session.execute(_RECENT, {"count": RECENT_BUILDS})
        for project, number, state, duration, reason in rows:
            recent.setdefault(project, []).append(RecentBuild(number, state, duration, reason))
        return recent


def as_row(
    project: Project,
    counts: tuple[int, int, int] = (0, 0, 0),
    recent: Iterable[RecentBuild] = (),
) -> ProjectRow:
    """Return what services give out of a stored project."""
    builds, successes, finished = counts
    assert project.id is not None
    return ProjectRow(
        id=project.id,
        uid=project.uid,
        version=project.version,
        name=project.name,
        description=project.description,
        type=ProjectType(project.type),
        path=project.path,
        command=project.command,
        environment=dict(project.environment),
        secret_names=tuple(sorted(project.secrets)),
        timeout_s=project.timeout_s,
        silence_timeout_s=project.silence_timeout_s,
        grace_s=project.grace_s,
        terminal=project.terminal,
        active=project.active,
        tags=tuple(project.tags),
        repository_url=project.repository_url,
        branch=project.branch,
        checkout=Checkout(project.checkout),
        build_types=tuple(BuildType.model_validate(one) for one in project.build_types),
        before_steps=tuple(project.before_steps),
        after_steps=tuple(project.after_steps),
        artifact_patterns=tuple(project.artifact_patterns),
        priority=project.priority,
        parallel=project.parallel,
        newest_replaces=project.newest_replaces,
        retry_limit=project.retry_limit,
        retry_exit_codes=tuple(project.retry_exit_codes),
        leave_processes=project.leave_processes,
        nice=project.nice,
        created_at=project.created_at,
        updated_at=project.updated_at,
        builds=builds,
        success_rate=successes / finished if finished else None,
        recent=tuple(recent),
    )
