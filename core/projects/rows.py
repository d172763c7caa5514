"""What services give out of stored projects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from core.database.fields.choices import choice
from core.projects.schemas import BuildType, Checkout, ProjectRow, ProjectType, RecentBuild
from core.projects.tables import Project


@dataclass(frozen=True, slots=True)
class BuildsOfProject:
    """What the builds of a project tell; ``recent`` has the oldest first."""

    total: int = 0
    successes: int = 0
    failures: int = 0
    waiting: int = 0
    running: int = 0
    recent: Sequence[RecentBuild] = ()
    last_queued_at: datetime | None = None

    @property
    def success_rate(self) -> float | None:
        """How many of those that succeeded or failed succeeded; None without any."""
        finished = self.successes + self.failures
        return self.successes / finished if finished else None


NO_BUILDS = BuildsOfProject()


def as_row(project: Project | Row[Any], builds: BuildsOfProject = NO_BUILDS) -> ProjectRow:
    """Return a stored project as services give it."""
    assert project.id is not None
    recent = tuple(builds.recent)
    return ProjectRow(
        id=project.id,
        uid=project.uid,
        version=project.version,
        name=project.name,
        description=project.description,
        type=choice(ProjectType, project.type, ProjectType.GENERIC),
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
        checkout=choice(Checkout, project.checkout, Checkout.FOLDER),
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
        builds=builds.total,
        success_rate=builds.success_rate,
        recent=recent,
        waiting=builds.waiting,
        running=builds.running,
        last_state=recent[-1].state if recent else None,
        last_queued_at=builds.last_queued_at,
    )
