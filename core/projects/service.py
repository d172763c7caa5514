"""Creates, changes and lists projects."""

import asyncio
import uuid

from core import log
from core.database.audit_trail import differences
from core.database.database import Database
from core.database.fields.times import utc_now
from core.database.query.listing import Count
from core.database.query.schemas import FieldDescription, ListQuery, PageStart, Slice
from core.errors import ConflictError
from core.paths import WorkspaceFolders
from core.projects import writing
from core.projects.detection.detecting import detect
from core.projects.detection.schemas import Detected
from core.projects.listing import listing
from core.projects.removal.schemas import Consequences
from core.projects.removal.trees import size_of_trees
from core.projects.repository import ProjectRepository
from core.projects.rows import as_row
from core.projects.schemas import ProjectCreate, ProjectRow
from core.projects.tables import Project
from core.projects.writing import TOPIC
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import Gate, permitted
from core.security.sealed import Sealed
from core.security.sealing import Sealer
from core.translation import _


class ProjectService:
    """The projects of a workspace."""

    def __init__(
        self, database: Database, sealer: Sealer, gate: Gate, folders: WorkspaceFolders
    ) -> None:
        self.gate = gate
        self._database = database
        self._sealer = sealer
        self._folders = folders
        self._listing = listing()

    @permitted(Operation.PROJECTS_READ)
    async def list_all(self, actor: Actor) -> tuple[ProjectRow, ...]:
        """Return all projects by name, with their latest builds and success rates."""
        async with self._database.read(snapshot=True) as session:
            repository = ProjectRepository(session)
            builds = await repository.builds_of(None)
            return tuple(as_row(row, builds[row.id]) for row in await repository.all())

    @permitted(Operation.PROJECTS_READ)
    async def fields(self, actor: Actor) -> tuple[FieldDescription, ...]:
        """Return what the list may be filtered and sorted by."""
        return self._listing.describe()

    @permitted(Operation.PROJECTS_READ)
    async def slice(
        self, actor: Actor, *, query: ListQuery, start: PageStart, limit: int
    ) -> Slice[ProjectRow]:
        """Return rows of the list, with their latest builds and success rates.

        Raises:
            QueryError: A field, operator, value or cursor does not fit.
        """
        async with self._database.read(snapshot=True) as session:
            found = await self._listing.slice(session, query, start, limit)
            repository = ProjectRepository(session)
            ids = [row["id"] for row in found.rows]
            builds = await repository.builds_of(ids)
            rows = {row.id: as_row(row, builds[row.id]) for row in await repository.some(ids)}
        kept = tuple(rows[one] for one in ids)
        return Slice(kept, found.first, found.last, found.more_before, found.more_after)

    @permitted(Operation.PROJECTS_READ)
    async def count(self, actor: Actor, *, query: ListQuery) -> Count:
        """Count the rows of the list.

        Raises:
            QueryError: A field, operator or value does not fit.
        """
        async with self._database.read() as session:
            return await self._listing.count(session, query)

    @permitted(Operation.PROJECTS_READ)
    async def get(self, actor: Actor, *, project_id: int) -> ProjectRow:
        """Return one project with its latest builds.

        Raises:
            NotFoundError: It is gone.
        """
        async with self._database.read(snapshot=True) as session:
            repository = ProjectRepository(session)
            project = await writing.existing(repository, project_id)
            return as_row(project, (await repository.builds_of([project_id]))[project_id])

    @permitted(Operation.PROJECTS_CREATE)
    async def detect(self, actor: Actor, *, path: str) -> Detected:
        """Return what a folder tells about the project in it; nothing of it is run.

        Raises:
            ValidationError: It is no folder that can be read.
        """
        return await asyncio.to_thread(detect, path)

    @permitted(Operation.PROJECTS_CREATE)
    async def create(self, actor: Actor, *, data: ProjectCreate) -> ProjectRow:
        """Store a new project.

        Raises:
            ValidationError: A field cannot be taken; the error names it.
        """
        await self._ready_to_seal(data)
        path, problem = await asyncio.to_thread(_examined, data)
        project = self._new(data, path)
        async with self._database.unit_of_work() as unit:
            repository = ProjectRepository(unit.session)
            await writing.check(repository, data.name, None, problem)
            stored = as_row(await repository.add(project))
            unit.changed(TOPIC)
            about = writing.told(project)
            unit.record(writing.deed(actor, Operation.PROJECTS_CREATE, project, about))
            await unit.commit()
        return stored

    @permitted(Operation.PROJECTS_CREATE)
    async def duplicate(self, actor: Actor, *, project_id: int, name: str) -> ProjectRow:
        """Store a copy of a project under another name, with its secrets.

        Triggers are not copied: what starts by itself is decided for each project.

        Raises:
            ValidationError: The name cannot be taken.
            NotFoundError: The project is gone.
            DecryptError: A secret of it cannot be opened.
        """
        async with self._database.read() as session:
            source = await writing.existing(ProjectRepository(session), project_id)
        secrets = await self._opened(source)
        data = writing.copied(source, name=name, secrets=secrets)
        await self._ready_to_seal(data)
        project = self._new(data, source.path)
        async with self._database.unit_of_work() as unit:
            repository = ProjectRepository(unit.session)
            await writing.check(repository, data.name, None, "")
            stored = as_row(await repository.add(project))
            unit.changed(TOPIC)
            about = {**writing.told(project), "copy_of": source.name}
            unit.record(writing.deed(actor, Operation.PROJECTS_CREATE, project, about))
            await unit.commit()
        return stored

    @permitted(Operation.PROJECTS_EDIT)
    async def update(
        self, actor: Actor, *, project_id: int, version: int, data: ProjectCreate
    ) -> ProjectRow:
        """Change a project that is still at ``version``.

        Raises:
            ValidationError: A field cannot be taken; the error names it.
            ConflictError: Somebody else changed it in the meantime.
            NotFoundError: It is gone.
        """
        await self._ready_to_seal(data)
        path, problem = await asyncio.to_thread(_examined, data)
        async with self._database.unit_of_work() as unit:
            repository = ProjectRepository(unit.session)
            project = await writing.existing(repository, project_id)
            await writing.check(repository, data.name, project_id, problem)
            before = writing.told(project)
            sealed = writing.seal_secrets(self._sealer, data, project.uid, project.secrets)
            values = {
                **writing.values_of(data, path), "secrets": sealed, "updated_at": utc_now()
            }  # fmt: skip
            if not await repository.change(project_id, version, values):
                raise writing.changed_meanwhile(project)
            await unit.session.refresh(project)
            unit.changed(TOPIC)
            changes = differences(before, writing.told(project))
            unit.record(writing.deed(actor, Operation.PROJECTS_EDIT, project, changes))
            await unit.commit()
            return as_row(project)

    @permitted(Operation.PROJECTS_EDIT)
    async def set_active(
        self, actor: Actor, *, project_id: int, version: int, active: bool
    ) -> ProjectRow:
        """Let a project be built, or not; builds that wait or run already go on.

        Raises:
            ConflictError: Somebody else changed it in the meantime.
            NotFoundError: It is gone.
        """
        async with self._database.unit_of_work() as unit:
            repository = ProjectRepository(unit.session)
            project = await writing.existing(repository, project_id)
            changes = differences({"active": project.active}, {"active": active})
            values = {"active": active, "updated_at": utc_now()}
            if not await repository.change(project_id, version, values):
                raise writing.changed_meanwhile(project)
            await unit.session.refresh(project)
            unit.changed(TOPIC)
            unit.record(writing.deed(actor, Operation.PROJECTS_EDIT, project, changes))
            await unit.commit()
            return as_row(project)

    @permitted(Operation.PROJECTS_READ)
    async def consequences(self, actor: Actor, *, project_id: int) -> Consequences:
        """Return what would be gone with a project.

        Raises:
            NotFoundError: It is gone.
        """
        async with self._database.read(snapshot=True) as session:
            repository = ProjectRepository(session)
            project = await writing.existing(repository, project_id)
            artifacts, artifact_bytes = await repository.artifacts(project_id)
            builds = await repository.builds(project_id)
            pinned = await repository.pinned(project_id)
            log_bytes = await repository.log_bytes(project_id)
            triggers = await repository.triggers(project_id)
        trees, tree_bytes = await asyncio.to_thread(size_of_trees, self._folders, project.uid)
        return Consequences(
            builds, log_bytes, artifacts, artifact_bytes, triggers, trees, tree_bytes, pinned
        )

    @permitted(Operation.PROJECTS_DELETE)
    async def delete(self, actor: Actor, *, project_id: int) -> None:
        """Remove a project with its builds, their logs and its triggers.

        The files of its artifacts and its work trees are swept soon after by the leader.

        Raises:
            ConflictError: A build of it is running.
            NotFoundError: It is gone.
        """
        async with self._database.unit_of_work() as unit:
            repository = ProjectRepository(unit.session)
            project = await writing.existing(repository, project_id)
            if await repository.has_active_builds(project_id):
                raise ConflictError(
                    _("“{name}” has a build that is running.").format(name=project.name),
                    hint=_("Cancel the build first."),
                )
            about = {"builds": await repository.builds(project_id)}
            await repository.delete(project_id)
            unit.changed(TOPIC, "builds", "triggers")
            unit.record(writing.deed(actor, Operation.PROJECTS_DELETE, project, about))
            await unit.commit()

    @permitted(Operation.PROJECTS_USE_SECRETS)
    async def secrets(self, actor: Actor, *, project_id: int) -> dict[str, str]:
        """Return the opened secret variables, for starting a build; they never reach a log.

        Raises:
            DecryptError: One of them cannot be opened.
        """
        async with self._database.read() as session:
            project = await writing.existing(ProjectRepository(session), project_id)
        return await self._opened(project)

    async def _opened(self, project: Project) -> dict[str, str]:
        sealed = {name: Sealed(stored) for name, stored in project.secrets.items()}
        await self._sealer.ready(to_open=sealed.values())
        opened = {
            name: self._sealer.open(value, place=writing.place_of_secret(project.uid, name))
            for name, value in sealed.items()
        }
        for secret in opened.values():
            log.hide(secret)
        return opened

    async def _ready_to_seal(self, data: ProjectCreate) -> None:
        """Have the key at hand before the write lock is taken: a person may be asked for it."""
        if any(value is not None for value in data.secrets.values()):
            await self._sealer.ready(to_seal=True)

    def _new(self, data: ProjectCreate, path: str) -> Project:
        uid, now = str(uuid.uuid4()), utc_now()
        return Project(
            uid=uid,
            **writing.values_of(data, path),
            secrets=writing.seal_secrets(self._sealer, data, uid, {}),
            created_at=now,
            updated_at=now,
        )


def _examined(data: ProjectCreate) -> tuple[str, str]:
    """Return the folder of an input, and what is wrong with it; blocks."""
    return writing.examine_folder(data.path, may_be_made=bool(data.repository_url))
