"""Exports projects into files, and imports them from files of anybody.

What is imported are commands from elsewhere, as a workspace from elsewhere is: nothing of it
runs before a person looked at it. So projects arrive inactive, their triggers off, and
without the values of their secrets, which are in no file.
"""

import asyncio
import dataclasses
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from core.completion import to_the_end
from core.database.audit_trail import Deed, Subject, differences
from core.database.database import Database
from core.database.fields.times import utc_now
from core.errors import AppError, NotFoundError
from core.progress import Progress
from core.projects import writing
from core.projects.naming import free_name
from core.projects.repository import ProjectRepository, caseless
from core.projects.rows import as_row
from core.projects.schemas import ProjectCreate, ProjectRow
from core.projects.tables import Project
from core.projects.transfer.reading import planned, read_document, unknown_keys
from core.projects.transfer.schemas import (
    FORMAT,
    VERSION,
    EntryProblem,
    Existing,
    ImportedProject,
    PlannedProject,
    ProjectImportPlan,
    ProjectImportReport,
)
from core.projects.writing import TOPIC
from core.saving import replacing
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import Gate, permitted
from core.translation import _
from core.triggers.schemas import TriggerCreate

AddTrigger = Callable[[Actor, int, TriggerCreate], Awaitable[object]]

_MOST_NAMED = 100

_log = logging.getLogger(__name__)


class ProjectTransfer:
    """Carries projects between workspaces.

    Args:
        add_trigger: Stores a trigger of a project.
    """

    def __init__(self, database: Database, gate: Gate, add_trigger: AddTrigger) -> None:
        self.gate = gate
        self._database = database
        self._add_trigger = add_trigger

    @permitted(Operation.PROJECTS_EXPORT)
    async def export(
        self,
        actor: Actor,
        *,
        project_ids: Sequence[int] | None,
        target: Path,
        progress: Progress,
        triggers: bool = True,
    ) -> int:
        """Write projects into a JSON file, whole or not at all; return how many they were.

        Of secrets the file has the names alone. Values of plain variables are in it.

        Args:
            project_ids: Which projects; all where None.
            triggers: Whether their triggers are written too.

        Raises:
            NotFoundError: One of the projects is gone.
            ExternalError: The file could not be written.
            DatabaseError: It could not be entered into the audit trail.
        """
        async with self._database.read(snapshot=True) as session:
            repository = ProjectRepository(session)
            wanted = None if project_ids is None else set(project_ids)
            rows = [row for row in await repository.all() if wanted is None or row.id in wanted]
            if wanted is not None and len(rows) < len(wanted):
                raise NotFoundError(
                    _("One of these projects is gone."),
                    hint=_("Look at the list again, then export."),
                )
            own = await repository.triggers_of([row.id for row in rows]) if triggers else ()
        raw = await asyncio.to_thread(_document, [as_row(row) for row in rows], own)
        refusal = _("The projects could not be exported.")
        async with replacing(target, refusal=refusal) as file:
            await file.write(raw)
            # Before the file has its name: no export is there that nobody knows of.
            await self._database.record(_told_of_export(actor, rows, target))
        progress.report(1.0)
        _log.info("Exported %d projects", len(rows))
        return len(rows)

    @permitted(Operation.PROJECTS_IMPORT)
    async def examine(self, actor: Actor, *, source: Path) -> ProjectImportPlan:
        """Return what a file holds and what would become of it; nothing is stored.

        Raises:
            UnreadableProjectsError: It is no file of projects.
            ExternalError: The system does not let it be read.
        """
        found, unknown = await to_the_end(asyncio.to_thread(_entries, source))
        async with self._database.read() as session:
            taken = await ProjectRepository(session).names()
        return ProjectImportPlan(
            source=source.name,
            version=VERSION,
            projects=tuple(_judged(found, taken)),
            unknown=unknown,
        )

    @permitted(Operation.PROJECTS_IMPORT)
    async def run(
        self,
        actor: Actor,
        *,
        plan: ProjectImportPlan,
        existing: Existing | Mapping[int, Existing] = Existing.SKIP,
        places: Collection[int] | None = None,
        triggers: bool = True,
    ) -> ProjectImportReport:
        """Import the projects of a plan in one transaction: all of them, or none.

        Projects arrive inactive. One that is replaced keeps its builds, secrets and triggers,
        and is inactive then, too. Triggers are added after that, switched off; one that
        cannot be is told in the notices.

        Args:
            existing: What becomes of entries whose names are taken; of each by its place,
                and where it is not named it is skipped.
            places: Which entries; all that can be imported where None.
            triggers: Whether triggers are taken as well.
        """
        chosen = [one for one in plan.importable if places is None or one.place in places]
        imported, skipped, ids = await self._store(actor, chosen, existing)
        new = {one.place: one for one in imported if not one.replaced}
        wanted = [one for one in chosen if one.place in new and triggers]
        added, notices = await self._add_triggers(actor, wanted, new, ids)
        _log.info("Imported %d projects, skipped %d", len(imported), len(skipped))
        return ProjectImportReport(
            created=tuple(new.values()),
            replaced=tuple(one for one in imported if one.replaced),
            skipped=tuple(skipped),
            triggers=added,
            notices=tuple(notices),
        )

    async def _store(
        self,
        actor: Actor,
        chosen: Sequence[PlannedProject],
        existing: Existing | Mapping[int, Existing],
    ) -> tuple[list[ImportedProject], list[str], dict[str, int]]:
        """Store entries; return them, the names left out, and all names with their ids."""
        imported: list[ImportedProject] = []
        skipped: list[str] = []
        async with self._database.unit_of_work() as unit:
            repository = ProjectRepository(unit.session)
            taken = await repository.names()
            for entry in chosen:
                assert entry.data is not None
                present = taken.get(caseless(entry.name))
                manner = _manner(existing, entry)
                if present is not None and manner is Existing.SKIP:
                    skipped.append(entry.name)
                    continue
                if present is not None and manner is Existing.REPLACE:
                    deed = await _replace(actor, repository, present, entry.data)
                    one = ImportedProject(entry.place, present, entry.name, replaced=True)
                else:
                    name = free_name(entry.name, taken)
                    project = await repository.add(_new(entry.data, name))
                    deed = _told(actor, project, {**writing.told(project), "imported": True})
                    one = ImportedProject(entry.place, project.id or 0, name)
                taken[caseless(one.name)] = one.project_id
                unit.record(deed)
                imported.append(one)
            if imported:
                unit.changed(TOPIC)
                await unit.commit()
        return imported, skipped, taken

    async def _add_triggers(
        self,
        actor: Actor,
        entries: Sequence[PlannedProject],
        new: dict[int, ImportedProject],
        ids: dict[str, int],
    ) -> tuple[int, list[str]]:
        added = 0
        notices = []
        # A name of the file means the project that came with it, whatever it is called now.
        here = {**ids, **{caseless(one.name): new[one.place].project_id for one in entries}}
        for entry in entries:
            for trigger in entry.triggers:
                source = here.get(caseless(trigger.source)) if trigger.source else None
                data = trigger.data.model_copy(update={"source_project_id": source})
                try:
                    data = TriggerCreate.model_validate(data.model_dump())
                    await self._add_trigger(actor, new[entry.place].project_id, data)
                    added += 1
                except AppError as error:
                    notices.append(_left_out(new[entry.place].name, error.as_text()))
                except ValueError:
                    notices.append(_left_out(new[entry.place].name, _no_source(trigger.source)))
        return added, notices


def _manner(existing: Existing | Mapping[int, Existing], entry: PlannedProject) -> Existing:
    """Return what becomes of an entry whose name is taken."""
    if isinstance(existing, Existing):
        return existing
    return existing.get(entry.place, Existing.SKIP)


def _left_out(name: str, reason: str) -> str:
    return _("A trigger of “{name}” was left out: {reason}").format(
        name=name, reason=" ".join(reason.split())
    )


def _no_source(name: str) -> str:
    return _("The project “{name}”, which it waits for, is not here.").format(name=name)


def _entries(source: Path) -> tuple[list[PlannedProject], tuple[str, ...]]:
    """Return the entries of a file, with what is wrong with their paths; blocks."""
    document = read_document(source)
    found = []
    for place, entry in enumerate(document["projects"], 1):
        one = planned(place, entry)
        if one.data is not None:
            path, problem = writing.whole_path(one.data.path)
            data = one.data.model_copy(update={"path": path})
            one = dataclasses.replace(one, data=data, folder_problem=problem)
        found.append(one)
    return found, unknown_keys(document)


def _judged(found: Sequence[PlannedProject], taken: Collection[str]) -> list[PlannedProject]:
    """Return the entries with what their names mean here."""
    judged = []
    seen: set[str] = set()
    for one in found:
        key = caseless(one.name)
        twice = one.data is not None and key in seen
        known = dataclasses.replace(one, exists=key in taken)
        judged.append(_said_twice(known) if twice else known)
        if one.data is not None:
            seen.add(key)
    return judged


def _said_twice(one: PlannedProject) -> PlannedProject:
    text = _("The file has another project named “{name}”.").format(name=one.name)
    problems = (*one.problems, EntryProblem("name", text))
    return dataclasses.replace(one, data=None, problems=problems)


def _new(data: ProjectCreate, name: str) -> Project:
    now = utc_now()
    values = writing.values_of(data, data.path)
    return Project(
        **{**values, "name": name},
        uid=str(uuid.uuid4()),
        secrets={},
        created_at=now,
        updated_at=now,
    )


async def _replace(
    actor: Actor, repository: ProjectRepository, project_id: int, data: ProjectCreate
) -> Deed:
    project = await writing.existing(repository, project_id)
    before = writing.told(project)
    values = {**writing.values_of(data, data.path), "updated_at": utc_now()}
    await repository.change(project_id, project.version, values)
    await repository.refresh(project)
    changes = {**differences(before, writing.told(project)), "imported": True}
    return _told(actor, project, changes)


def _told(actor: Actor, project: Project, changes: dict[str, object]) -> Deed:
    return writing.deed(actor, Operation.PROJECTS_IMPORT, project, changes)


def _told_of_export(actor: Actor, rows: Sequence[Row[Any]], target: Path) -> Deed:
    names = ", ".join(row.name for row in rows[:_MOST_NAMED])
    told = {"count": len(rows), "names": names, "file": str(target)}
    return Deed(actor, Operation.PROJECTS_EXPORT.key, Subject("projects", "", ""), told)


def _document(rows: Sequence[ProjectRow], triggers: Sequence[Row[Any]]) -> bytes:
    """Return the file of an export."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": utc_now().isoformat(timespec="seconds"),
        "projects": [
            _project(row, [one for one in triggers if one.project_id == row.id]) for row in rows
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def _project(row: ProjectRow, triggers: Sequence[Row[Any]]) -> dict[str, object]:
    values: dict[str, object] = {
        name: getattr(row, name)
        for name in ProjectCreate.model_fields
        if name not in ("secrets", "build_types")
    }
    values["build_types"] = [one.model_dump() for one in row.build_types]
    values["secrets"] = list(row.secret_names)
    if triggers:
        values["triggers"] = [_trigger(one) for one in triggers]
    return values


def _trigger(row: Row[Any]) -> dict[str, object]:
    return {
        "kind": row.kind,
        "enabled": row.enabled,
        "expression": row.expression,
        **({"interval_s": row.interval_s} if row.interval_s is not None else {}),
        **({"source_project": row.source} if row.source is not None else {}),
        "branch": row.branch,
        "build_type": row.build_type,
    }
