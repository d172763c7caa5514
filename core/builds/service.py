"""Queues, cancels and lists builds."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from core.builds.queue import queueing, snapshot
from core.builds.repository import BuildRepository
from core.builds.running import supervision
from core.builds.running.curve import samples_of
from core.builds.running.follower import TOPIC
from core.builds.schemas import (
    BuildPage,
    BuildRequest,
    BuildRow,
    BuildSampleRow,
    BuildState,
    Cause,
    TriggerKind,
    stored_state,
)
from core.database.audit_trail import Deed, Subject
from core.database.database import Database
from core.database.fields.times import utc_now
from core.database.unit_of_work import UnitOfWork
from core.errors import (
    AppError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    ValidationError,
)
from core.paths import UnsafeFolderError, WorkspaceFolders
from core.projects.schemas import ProjectRow, checked_text
from core.projects.service import ProjectService
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import Gate, permitted
from core.translation import _
from core.users.service import record_activity

PAGE_ROWS = 200
LONGEST_NOTE = 2_000

Also = Callable[[UnitOfWork, BuildRow], Awaitable[None]]

_AS_IT_STANDS = BuildRequest()
_BY_HAND = Cause()

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
    async def queue(
        self,
        actor: Actor,
        *,
        project_id: int,
        request: BuildRequest = _AS_IT_STANDS,
        cause: Cause = _BY_HAND,
        also: Also | None = None,
    ) -> BuildRow:
        """Put a build of a project into the queue, as the project stands now.

        Where the project says that the newest replaces older ones, builds of the same branch
        and type that still wait are cancelled; running ones are left.

        Args:
            actor: Who asks for it.
            project_id: Of the project.
            request: What is asked for beyond the project as it stands.
            cause: What queues it.
            also: Writes more in the same transaction; nothing is queued when it raises.

        Raises:
            NotFoundError: The project is gone.
            ConflictError: The project is not active.
            ValidationError: The project cannot do what the request asks for.
            PermissionDeniedError: The actor, or the workspace, may not run anything.
        """
        self._check_trusted()
        while True:
            project = await self._projects.get(actor, project_id=project_id)
            _check_active(project)
            snapshot.check_request(project, request)
            tree = await asyncio.to_thread(os.path.realpath, project.path or os.devnull)
            what = snapshot.snapshot(project, request, tree if project.path else "")
            async with self._database.unit_of_work() as unit:
                repository = BuildRepository(unit.session)
                if await repository.project_version(project_id) != project.version:
                    continue  # changed, or deleted, since it was read
                build = await queueing.put(unit, actor, what, cause)
                if project.newest_replaces:
                    await queueing.replace_older(unit, build)
                await _note_queued(unit, actor, build)
                if also is not None:
                    await also(unit, build)
                await unit.commit()
            return build

    @permitted(Operation.BUILDS_QUEUE, project=_project_of)
    async def retry(self, actor: Actor, *, build_id: int) -> BuildRow:
        """Queue what a build ran once more, as a build of its own; the project is not asked.

        Of a repository it builds what the branch holds by then.

        Raises:
            NotFoundError: The build is gone.
            ConflictError: It has not ended, or its project is not active.
            PermissionDeniedError: The actor, or the workspace, may not run anything.
        """
        self._check_trusted()
        build = await self.get(actor, build_id=build_id)
        _check_active(await self._projects.get(actor, project_id=build.project_id))
        async with self._database.unit_of_work() as unit:
            stored = await BuildRepository(unit.session).stored(build_id)
            if stored is None:
                raise _gone()
            if not stored_state(stored.state).finished:
                raise ConflictError(
                    _("Build #{number} has not ended yet.").format(number=stored.number),
                    hint=_("Cancel it, or wait for its end; then retry."),
                )
            cause = Cause(TriggerKind.RETRY, build_id=build_id, attempt=stored.attempt + 1)
            again = await queueing.put_again(unit, actor, stored, cause)
            await _note_queued(unit, actor, again)
            await unit.commit()
        return again

    @permitted(Operation.BUILDS_ANNOTATE, project=_project_of)
    async def annotate(self, actor: Actor, *, build_id: int, note: str) -> BuildRow:
        """Keep a note about a build; an empty one removes it.

        Raises:
            NotFoundError: The build is gone.
            ValidationError: The note is too long, or holds control characters.
        """
        return await self._set(actor, build_id, note=_checked_note(note))

    @permitted(Operation.BUILDS_ANNOTATE, project=_project_of)
    async def pin(self, actor: Actor, *, build_id: int, pinned: bool) -> BuildRow:
        """Keep a build's log and artifacts from being removed, or no longer.

        Raises:
            NotFoundError: The build is gone.
        """
        return await self._set(actor, build_id, pinned=pinned)

    async def _set(self, actor: Actor, build_id: int, **values: object) -> BuildRow:
        """Change what people say about a build, and enter what is different."""
        async with self._database.unit_of_work() as unit:
            repository = BuildRepository(unit.session)
            before = await repository.find(build_id)
            if before is None or not await repository.change(build_id, **values):
                raise _gone()
            after = await repository.find(build_id)
            assert after is not None
            unit.changed(TOPIC)
            changes = {
                name: True if name == "note" else [getattr(before, name), value]
                for name, value in values.items()
                if getattr(before, name) != value
            }
            if changes:
                unit.record(_deed(actor, Operation.BUILDS_ANNOTATE, after, changes))
            await unit.commit()
        return after

    @permitted(Operation.BUILDS_CANCEL, project=_project_of)
    async def cancel(self, actor: Actor, *, build_id: int) -> BuildRow:
        """Cancel a build: a waiting one at once, a running one by its supervisor.

        Steps after the command still run, for a bounded time; a second call ends them too.

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
            again = {} if moved else {"again": True}
            unit.record(_deed(actor, Operation.BUILDS_CANCEL, build, again))
            await unit.commit()
        if build.state is BuildState.CANCELLING:
            await self._ask_to_end(build.uid, again=not moved)
        return build

    async def project_of(self, build_id: int) -> int | None:
        """Return the project of a build, None when it is gone; for checking permissions."""
        async with self._database.read() as session:
            build = await BuildRepository(session).stored(build_id)
        return build.project_id if build else None

    async def _ask_to_end(self, uid: str, *, again: bool) -> None:
        """Tell the supervisor; where that is not possible from here, the leader will."""
        try:
            self._check_trusted()
            folder = self._folders.build(uid)
        except (PermissionDeniedError, UnsafeFolderError) as error:
            _log.info("Build %r is not asked to end from here: %s", uid[:80], error.title)
            return
        await asyncio.to_thread(supervision.request_cancel, folder)
        if again:
            await asyncio.to_thread(supervision.request_end, folder)

    @permitted(Operation.BUILDS_READ)
    async def samples(self, actor: Actor, *, build_id: int) -> tuple[BuildSampleRow, ...]:
        """Return what the processes of a build used over time, by now; at most some 3,600.

        None where its system does not tell.
        """
        async with self._database.read() as session:
            return tuple(await samples_of(session, build_id))

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


def _check_active(project: ProjectRow) -> None:
    if not project.active:
        raise ConflictError(
            _("“{name}” is not active.").format(name=project.name),
            hint=_("Edit the project and activate it."),
        )


def _checked_note(note: str) -> str:
    try:
        checked = checked_text(note.strip())
    except ValueError as error:
        raise _note_refused(str(error)) from None
    if len(checked) > LONGEST_NOTE:
        text = _("At most {most} characters fit.").format(most=LONGEST_NOTE)
        raise _note_refused(text)
    return checked


def _note_refused(why: str) -> ValidationError:
    return ValidationError(_("The note was not saved."), fields={"note": why})


async def _note_queued(unit: UnitOfWork, actor: Actor, build: BuildRow) -> None:
    if actor.user_id is not None:
        about = {"project": build.project, "number": build.number}
        await record_activity(unit, actor.user_id, "build_queued", about)


def _deed(
    actor: Actor, operation: Operation, build: BuildRow, changes: Mapping[str, object]
) -> Deed:
    name = f"{build.project} #{build.number}"
    return Deed(actor, operation.key, Subject("build", build.uid, name), changes)


def _gone() -> AppError:
    return NotFoundError(
        _("This build is gone."), hint=_("It may have been deleted with its project.")
    )
