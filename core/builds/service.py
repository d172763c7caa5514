"""Queues, cancels and lists builds."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from core.builds.repository import BuildRepository
from core.builds.running import supervision
from core.builds.running.follower import TOPIC
from core.builds.schemas import BuildPage, BuildRow, BuildState
from core.database.database import Database
from core.database.fields.times import utc_now
from core.errors import (
    AppError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
)
from core.paths import UnsafeFolderError, WorkspaceFolders
from core.projects.schemas import ProjectRow
from core.projects.service import ProjectService
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import Gate, permitted
from core.translation import _
from core.users.service import record_activity

PAGE_ROWS = 200

_log = logging.getLogger(__name__)


async def _project_of(service: "BuildService", call: Mapping[str, Any]) -> int | None:
    """Return the project of the build that a call names."""
    return await service.project_of(call["build_id"])


class BuildService:
    """The builds of a workspace.

    Args:
        check_trusted: Raises when nothing of this workspace may run on this machine.
    """

    def __init__(
        self,
        *,
        database: Database,
        folders: WorkspaceFolders,
        projects: ProjectService,
        check_trusted: Callable[[], None],
        gate: Gate,
    ) -> None:
        self.gate = gate
        self._database = database
        self._folders = folders
        self._projects = projects
        self._check_trusted = check_trusted

    @permitted(Operation.BUILDS_QUEUE)
    async def queue(self, actor: Actor, *, project_id: int) -> BuildRow:
        """Put a build of a project into the queue, as the project stands now.

        Raises:
            NotFoundError: The project is gone.
            ConflictError: The project is not active.
            PermissionDeniedError: The actor, or the workspace, may not run anything.
        """
        self._check_trusted()
        project = await self._projects.get(actor, project_id=project_id)
        if not project.active:
            raise ConflictError(
                _("“{name}” is not active.").format(name=project.name),
                hint=_("Edit the project and activate it."),
            )
        async with self._database.unit_of_work() as unit:
            repository = BuildRepository(unit.session)
            number = await repository.next_number(project_id)
            build_id = await repository.add(_pending(actor, project, number))
            stored = await repository.find(build_id)
            unit.changed(TOPIC)
            if actor.user_id is not None:
                about = {"project": project.name, "number": number}
                await record_activity(unit, actor.user_id, "build_queued", about)
            await unit.commit()
        assert stored is not None
        return stored

    @permitted(Operation.BUILDS_CANCEL, project=_project_of)
    async def cancel(self, actor: Actor, *, build_id: int) -> BuildRow:
        """Cancel a build: a waiting one at once, a running one by its supervisor.

        Raises:
            NotFoundError: It is gone.
            ConflictError: It has ended already.
        """
        async with self._database.unit_of_work() as unit:
            repository = BuildRepository(unit.session)
            now = utc_now()
            moved = await repository.move(
                build_id,
                from_states=(BuildState.PENDING,),
                state=BuildState.CANCELLED.value,
                finished_at=now,
            ) or await repository.move(
                build_id, from_states=(BuildState.RUNNING,), state=BuildState.CANCELLING.value
            )
            build = await repository.find(build_id)
            if build is None:
                raise _gone()
            if not moved and build.state is not BuildState.CANCELLING:
                raise ConflictError(_("This build has ended already."))
            unit.changed(TOPIC)
            await unit.commit()
        if build.state is BuildState.CANCELLING:
            await self._ask_to_end(build.uid)
        return build

    async def project_of(self, build_id: int) -> int | None:
        """Return the project of a build, None when it is gone; for checking permissions."""
        async with self._database.read() as session:
            build = await BuildRepository(session).stored(build_id)
        return build.project_id if build else None

    async def _ask_to_end(self, uid: str) -> None:
        """Tell the supervisor; where that is not possible from here, the leader will."""
        try:
            self._check_trusted()
            folder = self._folders.build(uid)
        except (PermissionDeniedError, UnsafeFolderError) as error:
            _log.info("Build %r is not asked to end from here: %s", uid[:80], error.title)
            return
        await asyncio.to_thread(supervision.request_cancel, folder)

    @permitted(Operation.BUILDS_READ)
    async def get(self, actor: Actor, *, build_id: int) -> BuildRow:
        """Return one build.

        Raises:
            NotFoundError: It is gone.
        """
        async with self._database.read() as session:
            build = await BuildRepository(session).find(build_id)
        if build is None:
            raise _gone()
        return build

    @permitted(Operation.BUILDS_READ)
    async def list_page(
        self,
        actor: Actor,
        *,
        project_id: int,
        before: int | None = None,
        limit: int = PAGE_ROWS,
    ) -> BuildPage:
        """Return builds of a project with numbers below ``before``, the newest first."""
        async with self._database.read(snapshot=True) as session:
            rows = await BuildRepository(session).page(
                project_id, before=before, limit=limit + 1
            )
        return BuildPage(tuple(rows[:limit]), more=len(rows) > limit)

    @permitted(Operation.BUILDS_READ)
    async def running(self, actor: Actor) -> tuple[BuildRow, ...]:
        """Return the builds of which a process may be alive, the oldest first."""
        async with self._database.read(snapshot=True) as session:
            return tuple(await BuildRepository(session).active())


def _pending(actor: Actor, project: ProjectRow, number: int) -> dict[str, object]:
    now = utc_now()
    return {
        "uid": str(uuid.uuid4()),
        "project_id": project.id,
        "number": number,
        "state": BuildState.PENDING.value,
        "message": "",
        "command": project.command,
        "directory": project.path,
        "environment": project.environment,
        "secret_names": list(project.secret_names),
        "timeout_s": project.timeout_s,
        "silence_timeout_s": project.silence_timeout_s,
        "grace_s": project.grace_s,
        "terminal": project.terminal,
        "requested_by": actor.user,
        "requested_by_uid": actor.uid,
        "build_metadata": {},
        "origin": actor.origin.value,
        "queued_at": now,
        "created_at": now,
        "updated_at": now,
    }


def _gone() -> AppError:
    return NotFoundError(
        _("This build is gone."), hint=_("It may have been deleted with its project.")
    )
