"""Creates, changes and lists projects."""

import asyncio
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core import log
from core.database.audit_trail import Deed, Subject, differences
from core.database.database import Database
from core.database.fields.times import utc_now
from core.errors import ConflictError, NotFoundError, ValidationError
from core.projects.repository import ProjectRepository, as_row
from core.projects.schemas import ProjectCreate, ProjectRow
from core.projects.tables import Project
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import Gate, permitted
from core.security.sealed import Sealed
from core.security.sealing import Sealer, place_of
from core.translation import _

TOPIC = "projects"

_TOLD = (
    "name",
    "description",
    "type",
    "tags",
    "path",
    "repository_url",
    "branch",
    "checkout",
    "command",
    "before_steps",
    "after_steps",
    "artifact_patterns",
    "timeout_s",
    "silence_timeout_s",
    "grace_s",
    "terminal",
    "priority",
    "parallel",
    "newest_replaces",
    "retry_limit",
    "retry_exit_codes",
    "leave_processes",
    "nice",
    "active",
)


class ProjectService:
    """The projects of a workspace."""

    def __init__(self, database: Database, sealer: Sealer, gate: Gate) -> None:
        self.gate = gate
        self._database = database
        self._sealer = sealer

    @permitted(Operation.PROJECTS_READ)
    async def list_all(self, actor: Actor) -> tuple[ProjectRow, ...]:
        """Return all projects by name, with their latest builds and success rates."""
        async with self._database.read(snapshot=True) as session:
            repository = ProjectRepository(session)
            counts = await repository.counts()
            recent = await repository.recent_builds()
            return tuple(
                as_row(
                    project,
                    counts.get(project.id or 0, (0, 0, 0)),
                    recent.get(project.id or 0, ()),
                )
                for project in await repository.all()
            )

    @permitted(Operation.PROJECTS_READ)
    async def get(self, actor: Actor, *, project_id: int) -> ProjectRow:
        """Return one project.

        Raises:
            NotFoundError: It is gone.
        """
        async with self._database.read() as session:
            return as_row(await _existing(ProjectRepository(session), project_id))

    @permitted(Operation.PROJECTS_CREATE)
    async def create(self, actor: Actor, *, data: ProjectCreate) -> ProjectRow:
        """Store a new project.

        Raises:
            ValidationError: A field cannot be taken; the error names it.
        """
        await self._ready_to_seal(data)
        path, problem = await asyncio.to_thread(_examine_folder, data.path)
        uid, now = str(uuid.uuid4()), utc_now()
        project = Project(
            uid=uid,
            **_values(data, path),
            secrets=self._seal(data, uid, {}),
            created_at=now,
            updated_at=now,
        )
        async with self._database.unit_of_work() as unit:
            repository = ProjectRepository(unit.session)
            await _check(repository, data.name, None, problem)
            stored = as_row(await repository.add(project))
            unit.changed(TOPIC)
            unit.record(_deed(actor, Operation.PROJECTS_CREATE, project, _told(project)))
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
        path, problem = await asyncio.to_thread(_examine_folder, data.path)
        async with self._database.unit_of_work() as unit:
            repository = ProjectRepository(unit.session)
            project = await _existing(repository, project_id)
            await _check(repository, data.name, project_id, problem)
            before = _told(project)
            values = {
                **_values(data, path),
                "secrets": self._seal(data, project.uid, project.secrets),
                "updated_at": utc_now(),
            }
            if not await repository.change(project_id, version, values):
                raise _changed_meanwhile(project)
            await unit.session.refresh(project)
            unit.changed(TOPIC)
            changes = differences(before, _told(project))
            unit.record(_deed(actor, Operation.PROJECTS_EDIT, project, changes))
            await unit.commit()
            return as_row(project)

    @permitted(Operation.PROJECTS_DELETE)
    async def delete(self, actor: Actor, *, project_id: int) -> None:
        """Remove a project with its builds and their logs.

        Raises:
            ConflictError: A build of it is running.
            NotFoundError: It is gone.
        """
        async with self._database.unit_of_work() as unit:
            repository = ProjectRepository(unit.session)
            project = await _existing(repository, project_id)
            if await repository.has_active_builds(project_id):
                raise ConflictError(
                    _("“{name}” has a build that is running.").format(name=project.name),
                    hint=_("Cancel the build first."),
                )
            await repository.delete(project_id)
            unit.changed(TOPIC, "builds")
            unit.record(_deed(actor, Operation.PROJECTS_DELETE, project, {}))
            await unit.commit()

    @permitted(Operation.PROJECTS_USE_SECRETS)
    async def secrets(self, actor: Actor, *, project_id: int) -> dict[str, str]:
        """Return the opened secret variables, for starting a build; they never reach a log.

        Raises:
            DecryptError: One of them cannot be opened.
        """
        async with self._database.read() as session:
            project = await _existing(ProjectRepository(session), project_id)
        sealed = {name: Sealed(stored) for name, stored in project.secrets.items()}
        await self._sealer.ready(to_open=sealed.values())
        opened = {
            name: self._sealer.open(value, place=_place(project.uid, name))
            for name, value in sealed.items()
        }
        for secret in opened.values():
            log.hide(secret)
        return opened

    async def _ready_to_seal(self, data: ProjectCreate) -> None:
        """Have the key at hand before the write lock is taken: a person may be asked for it."""
        if any(value is not None for value in data.secrets.values()):
            await self._sealer.ready(to_seal=True)

    def _seal(self, data: ProjectCreate, uid: str, stored: dict[str, str]) -> dict[str, str]:
        sealed = {}
        for name, value in data.secrets.items():
            if value is not None:
                log.hide(value)
                sealed[name] = self._sealer.seal(value, place=_place(uid, name)).stored
            elif name in stored:
                sealed[name] = stored[name]
        return sealed


def _place(uid: str, name: str) -> str:
    return place_of("projects", f"secrets.{name}", uid)


def _values(data: ProjectCreate, path: str) -> dict[str, Any]:
    values = data.model_dump(exclude={"secrets", "tags"}, mode="json")
    return {**values, "tags": data.tags, "path": path}


def _deed(
    actor: Actor, operation: Operation, project: Project, changes: Mapping[str, object]
) -> Deed:
    subject = Subject("project", project.uid, project.name)
    return Deed(actor, operation.key, subject, changes)


def _told(project: Project) -> dict[str, object]:
    """Return what the audit trail tells of a project: of variables their names alone."""
    told = project.model_dump(include=set(_TOLD))
    return {
        **told,
        "environment": sorted(project.environment),
        "build_types": [one["name"] for one in project.build_types],
        "secrets": sorted(project.secrets),
    }


def _changed_meanwhile(project: Project) -> ConflictError:
    return ConflictError(
        _("“{name}” was changed in the meantime.").format(name=project.name),
        detail=_("Somebody else saved this project after you opened it."),
        hint=_("Close the form, look at the new values, and edit again."),
    )


def _examine_folder(text: str) -> tuple[str, str]:
    """Return the absolute path of a folder, and what is wrong with it; blocks.

    None is needed where Buildbench keeps a work tree of its own.
    """
    if not text:
        return "", ""
    path = Path(text.strip())
    try:
        path = path.expanduser()
        return str(path), _problem_with(path)
    except (OSError, RuntimeError, ValueError) as error:
        return str(path), _("This folder cannot be reached: {error}").format(error=error)


def _problem_with(path: Path) -> str:
    if not path.is_absolute():
        return _("Give the whole path, beginning with “{root}”.").format(root=os.sep)
    if not path.exists():
        return _("This folder does not exist.")
    if not path.is_dir():
        return _("This is not a folder.")
    if not os.access(path, os.R_OK | os.X_OK):
        return _("You may not read this folder.")
    return ""


async def _existing(repository: ProjectRepository, project_id: int) -> Project:
    project = await repository.find(project_id)
    if project is None:
        raise NotFoundError(
            _("This project is gone."), hint=_("Somebody else may have deleted it.")
        )
    return project


async def _check(
    repository: ProjectRepository, name: str, own: int | None, folder_problem: str
) -> None:
    """Refuse what is wrong with name and folder, both at once; the write lock is held."""
    fields = {}
    if await repository.name_taken(name, by_other_than=own):
        fields["name"] = _("There is a project named “{name}” already.").format(name=name)
    if folder_problem:
        fields["path"] = folder_problem
    if fields:
        raise ValidationError(_("The project was not saved."), fields=fields)
