"""Lists, creates and changes what starts builds by itself."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any

from core.database.audit_trail import Deed, Subject, differences
from core.database.database import Database
from core.database.fields.times import utc_now
from core.errors import AppError, ConflictError, NotFoundError, ValidationError
from core.projects.schemas import ProjectRow
from core.projects.service import ProjectService
from core.schedules import LocalZone, next_time, problem_with, times_after
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import Gate, permitted
from core.translation import _
from core.triggers.repository import TriggerRepository
from core.triggers.schemas import TriggerCreate, TriggerRow, TriggerType

TOPIC = "triggers"
MOST_PREVIEWED = 50

_TOLD = (
    "kind",
    "enabled",
    "expression",
    "interval_s",
    "source_project",
    "branch",
    "build_type",
)


async def _project_of(service: "TriggerService", call: Mapping[str, Any]) -> int | None:
    """Return the project of the trigger that a call names."""
    return await service.project_of(call["trigger_id"])


class TriggerService:
    """The triggers of a workspace.

    Args:
        now: Returns the time.
        zone: Of the times in schedules.
    """

    def __init__(
        self,
        database: Database,
        projects: ProjectService,
        gate: Gate,
        *,
        now: Callable[[], datetime] = utc_now,
        zone: tzinfo | None = None,
    ) -> None:
        self.gate = gate
        self._database = database
        self._projects = projects
        self._now = now
        self._zone = zone or LocalZone()

    @permitted(Operation.TRIGGERS_READ)
    async def list_of(self, actor: Actor, *, project_id: int) -> tuple[TriggerRow, ...]:
        """Return the triggers of a project, the oldest first."""
        async with self._database.read() as session:
            return tuple(await TriggerRepository(session).of_project(project_id))

    @permitted(Operation.TRIGGERS_READ)
    async def preview(
        self, actor: Actor, *, expression: str, count: int = 5
    ) -> tuple[datetime, ...]:
        """Return the next times of a schedule in UTC, at most ``MOST_PREVIEWED``.

        Raises:
            ValidationError: The field ``expression`` is no schedule.
        """
        problem = problem_with(expression)
        if problem:
            title = _("This is no schedule.")
            raise ValidationError(title, fields={"expression": problem})
        count = min(count, MOST_PREVIEWED)
        return times_after(expression, self._now(), self._zone, count)

    @permitted(Operation.TRIGGERS_CHANGE)
    async def create(self, actor: Actor, *, project_id: int, data: TriggerCreate) -> TriggerRow:
        """Store a new trigger. It begins now: nothing that happened before counts.

        Raises:
            ValidationError: A field cannot be taken; the error names it.
            NotFoundError: The project is gone.
        """
        project = await self._projects.get(actor, project_id=project_id)
        now = self._now()
        async with self._database.unit_of_work() as unit:
            repository = TriggerRepository(unit.session)
            await _check(repository, project, data)
            trigger_id = await repository.add(
                {
                    **_values(data),
                    **await self._beginning(repository, data, now),
                    "uid": str(uuid.uuid4()),
                    "version": 1,
                    "project_id": project_id,
                    "created_by": actor.user,
                    "created_by_uid": actor.uid,
                    "created_at": now,
                    "updated_at": now,
                }
            )
            stored = await _existing(repository, trigger_id)
            unit.changed(TOPIC)
            unit.record(_deed(actor, stored, {"added": True, **_told(stored)}))
            await unit.commit()
        return stored

    @permitted(Operation.TRIGGERS_CHANGE, project=_project_of)
    async def update(
        self, actor: Actor, *, trigger_id: int, version: int, data: TriggerCreate
    ) -> TriggerRow:
        """Change a trigger that is still at ``version``; it begins anew.

        Raises:
            ValidationError: A field cannot be taken; the error names it.
            ConflictError: Somebody else changed it in the meantime.
            NotFoundError: It is gone.
        """
        project_id = await self.project_of(trigger_id)
        if project_id is None:
            raise _gone()
        project = await self._projects.get(actor, project_id=project_id)
        async with self._database.unit_of_work() as unit:
            repository = TriggerRepository(unit.session)
            before = await _existing(repository, trigger_id)
            await _check(repository, project, data, own=before)
            values = {
                **_values(data),
                **await self._beginning(repository, data, self._now(), before),
                "updated_at": self._now(),
            }
            if not await repository.change(trigger_id, version, values):
                raise ConflictError(
                    _("This trigger was changed in the meantime."),
                    hint=_("Close the form, look at the new values, and edit again."),
                )
            stored = await _existing(repository, trigger_id)
            unit.changed(TOPIC)
            unit.record(_deed(actor, stored, differences(_told(before), _told(stored))))
            await unit.commit()
        return stored

    @permitted(Operation.TRIGGERS_CHANGE, project=_project_of)
    async def delete(self, actor: Actor, *, trigger_id: int) -> None:
        """Remove a trigger; builds that it queued stay.

        Raises:
            NotFoundError: It is gone already.
        """
        async with self._database.unit_of_work() as unit:
            repository = TriggerRepository(unit.session)
            stored = await _existing(repository, trigger_id)
            await repository.delete(trigger_id)
            unit.changed(TOPIC)
            unit.record(_deed(actor, stored, {"removed": True, **_told(stored)}))
            await unit.commit()

    async def project_of(self, trigger_id: int) -> int | None:
        """Return the project of a trigger, None when it is gone; for checking permissions."""
        async with self._database.read() as session:
            found = await TriggerRepository(session).find(trigger_id)
        return found.project_id if found else None

    async def _beginning(
        self,
        repository: TriggerRepository,
        data: TriggerCreate,
        now: datetime,
        before: TriggerRow | None = None,
    ) -> dict[str, object]:
        """Return the columns that say what happens next, as if nothing had happened before.

        A repository that was asked for the same branch before need not be learnt anew.
        """
        beginning: dict[str, object] = {"next_at": None, "seen": "", "error": ""}
        if data.kind is TriggerType.SCHEDULE:
            fired = before.fired_at if before else None
            beginning["next_at"] = next_time(data.expression, now, fired, self._zone)
        elif data.kind is TriggerType.COMMITS:
            same = before is not None and (before.kind, before.branch, before.enabled) == (
                data.kind,
                data.branch,
                True,
            )
            beginning["seen"] = before.seen if before is not None and same else ""
            beginning["next_at"] = now
        elif data.source_project_id is not None:
            followed = await repository.followed_from_now(data.source_project_id)
            beginning["seen"] = followed.as_text()
        return beginning


def _values(data: TriggerCreate) -> dict[str, object]:
    """Return the columns of an input; of other kinds' fields nothing is kept."""
    return {
        "kind": data.kind.value,
        "enabled": data.enabled,
        "expression": data.expression if data.kind is TriggerType.SCHEDULE else "",
        "interval_s": data.interval_s if data.kind is TriggerType.COMMITS else None,
        "source_project_id": (
            data.source_project_id if data.kind is TriggerType.AFTER_PROJECT else None
        ),
        "branch": data.branch,
        "build_type": data.build_type.strip(),
    }


async def _check(
    repository: TriggerRepository,
    project: ProjectRow,
    data: TriggerCreate,
    own: TriggerRow | None = None,
) -> None:
    """Refuse what cannot work, all of it at once; the write lock is held."""
    fields: dict[str, str] = {}
    wanted = data.build_type.strip().casefold()
    if wanted and wanted not in {kind.name.casefold() for kind in project.build_types}:
        fields["build_type"] = _("“{project}” has no build type “{name}”.").format(
            project=project.name, name=data.build_type.strip()
        )
    if data.branch and not project.repository_url:
        fields["branch"] = _(
            "This project has no repository address: its folder is built as it stands."
        )
    if data.kind is TriggerType.SCHEDULE and (problem := problem_with(data.expression)):
        fields["expression"] = problem
    if data.kind is TriggerType.COMMITS and not project.repository_url:
        fields["kind"] = _("New commits can be seen only of a project with a repository.")
    if data.kind is TriggerType.AFTER_PROJECT:
        fields.update(await _problem_of_order(repository, project, data, own))
    if fields:
        raise ValidationError(_("The trigger was not saved."), fields=fields)


async def _problem_of_order(
    repository: TriggerRepository,
    project: ProjectRow,
    data: TriggerCreate,
    own: TriggerRow | None,
) -> dict[str, str]:
    """Tell whether builds would start each other for ever, or wait for nothing."""
    source = data.source_project_id
    assert source is not None
    if not await repository.has_project(source):
        return {"source_project_id": _("This project is gone.")}
    after = await repository.projects_after(but=own.id if own else None)
    reached, next_ones = {project.id}, [project.id]
    while next_ones:
        new = after.get(next_ones.pop(), set()) - reached
        reached |= new
        next_ones += new
    if source in reached:
        text = _("The projects would start each other for ever.")
        return {"source_project_id": text}
    return {}


async def _existing(repository: TriggerRepository, trigger_id: int) -> TriggerRow:
    stored = await repository.find(trigger_id)
    if stored is None:
        raise _gone()
    return stored


def _gone() -> AppError:
    return NotFoundError(
        _("This trigger is gone."), hint=_("It may have been deleted with its project.")
    )


def _told(trigger: TriggerRow) -> dict[str, object]:
    """Return what the audit trail tells of a trigger."""
    told = {name: getattr(trigger, name) for name in _TOLD}
    return {name: value for name, value in told.items() if value not in ("", None)}


def _deed(actor: Actor, trigger: TriggerRow, changes: Mapping[str, object]) -> Deed:
    subject = Subject("trigger", trigger.uid, trigger.project)
    return Deed(actor, Operation.TRIGGERS_CHANGE.key, subject, changes)
