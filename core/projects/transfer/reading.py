"""Reads files of projects that may come from anybody, and says what each entry holds."""

import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pydantic

from core.database.fields.errors import FieldError
from core.database.fields.messages import messages
from core.database.fields.strict_json import canonical_json
from core.errors import AppError, Category, ExternalError, Severity
from core.projects.schemas import VARIABLE_NAME, ProjectCreate
from core.projects.transfer.schemas import (
    FORMAT,
    VERSION,
    EntryProblem,
    PlannedProject,
    PlannedTrigger,
)
from core.translation import _
from core.triggers.schemas import TriggerCreate, TriggerType

LARGEST_FILE = 16 * 1024 * 1024
MOST_PROJECTS = 5_000
MOST_TRIGGERS = 50
_KNOWN = ("format", "version", "exported_at", "projects")
_OF_PROJECT = frozenset(ProjectCreate.model_fields) | {"triggers"}
_OF_TRIGGER = frozenset(TriggerCreate.model_fields) - {"source_project_id"} | {"source_project"}
_LONGEST_KEY = 100


class UnreadableProjectsError(AppError):
    """A file holds no projects that could be read; nothing of it was imported."""

    code = "unreadable_projects"
    category = Category.VALIDATION
    severity = Severity.LOW


def read_document(path: Path) -> Mapping[str, Any]:
    """Return the object that a file holds; blocks.

    Raises:
        UnreadableProjectsError: It is no file of projects in a version that is known.
        ExternalError: The system does not let it be read.
    """
    try:
        raw = _read(path)
    except OSError as error:
        raise ExternalError(
            _("“{name}” cannot be read.").format(name=path.name), detail=str(error)
        ) from error
    try:
        document = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_unique)
    except FieldError as error:
        raise _unreadable(path, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, _("It is no JSON, or nested too deeply.")) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _unreadable(path, _("It is no export of projects."))
    version = document.get("version")
    if version != VERSION or isinstance(version, bool):
        raise _unreadable(path, _("A newer Buildbench made it, in a form not known here."))
    projects = document.get("projects")
    if not isinstance(projects, list) or len(projects) > MOST_PROJECTS:
        raise _unreadable(
            path, _("It needs a list of at most {most} projects.").format(most=MOST_PROJECTS)
        )
    return document


def unknown_keys(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the document holds beside what is known."""
    return _beside(document, _KNOWN)


def planned(place: int, entry: object) -> PlannedProject:
    """Return what an entry holds; what is wrong with it is told in it."""
    try:
        canonical_json(entry)
    except FieldError as error:
        return _refused(place, "", str(error))
    if not isinstance(entry, dict):
        return _refused(place, "", _("This is no JSON object."))
    problems = []
    names, secrets_problem = _secret_names(entry.get("secrets"))
    if secrets_problem:
        problems.append(EntryProblem("secrets", secrets_problem))
    data = None
    try:
        values = {name: entry[name] for name in ProjectCreate.model_fields if name in entry}
        # Commands from elsewhere wait for somebody to look at them.
        data = ProjectCreate.model_validate({**values, "secrets": {}, "active": False})
    except pydantic.ValidationError as error:
        problems += [EntryProblem(field, text) for field, text in messages(error).items()]
    triggers, trigger_problems = _triggers(entry.get("triggers"))
    problems += trigger_problems
    return PlannedProject(
        place=place,
        name=data.name if data else _shown(entry.get("name")),
        data=None if problems else data,
        exists=False,
        triggers=triggers,
        secret_names=names,
        unknown=_unknown(entry),
        problems=tuple(problems),
    )


def _read(path: Path) -> bytes:
    """Return the bytes of a file; a pipe would be waited for without end."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _unreadable(path, _("It is no file."))
        raw = file.read(LARGEST_FILE + 1)
    if len(raw) > LARGEST_FILE:
        raise _unreadable(
            path, _("It is larger than {size} MiB.").format(size=LARGEST_FILE // 1024**2)
        )
    return raw


def _unreadable(path: Path, why: str) -> UnreadableProjectsError:
    return UnreadableProjectsError(
        _("“{name}” holds no projects that can be imported.").format(name=path.name),
        detail=why,
        hint=_("Choose a file that “Export projects” has written."),
    )


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise FieldError(_("A key stands twice in one JSON object. Remove one of them."))
    return found


def _refused(place: int, name: str, reason: str) -> PlannedProject:
    problem = EntryProblem("", reason)
    return PlannedProject(place, name, None, exists=False, problems=(problem,))


def _secret_names(found: object) -> tuple[tuple[str, ...], str]:
    """Return the names of secrets, and what is wrong with them; values are never taken."""
    if found is None:
        return (), ""
    if not isinstance(found, list) or len(found) > 1_000:
        return (), _("A list of names is needed here.")
    for name in found:
        if not isinstance(name, str) or not VARIABLE_NAME.match(name):
            return (), _("A list of names is needed here.")
    return tuple(dict.fromkeys(found)), ""


def _triggers(found: object) -> tuple[tuple[PlannedTrigger, ...], list[EntryProblem]]:
    if found is None:
        return (), []
    if not isinstance(found, list) or len(found) > MOST_TRIGGERS:
        text = _("A list of at most {most} triggers is needed here.")
        return (), [EntryProblem("triggers", text.format(most=MOST_TRIGGERS))]
    triggers, problems = [], []
    for number, one in enumerate(found, 1):
        try:
            triggers.append(_trigger(one))
        except pydantic.ValidationError as error:
            for field, text in messages(error).items():
                problems.append(EntryProblem(f"triggers.{number}.{field}", text))
    return tuple(triggers), problems


def _trigger(found: object) -> PlannedTrigger:
    """Return a trigger that is off: what starts by itself is for a person to switch on."""
    values = dict(found) if isinstance(found, dict) else {}
    source = values.pop("source_project", "")
    follows = values.get("kind") == TriggerType.AFTER_PROJECT.value
    # Which project that is here is found out when it is imported.
    stand_in = {"source_project_id": 0} if follows and isinstance(source, str) else {}
    known = {name: values[name] for name in _OF_TRIGGER if name in values}
    data = TriggerCreate.model_validate({**known, **stand_in, "enabled": False})
    return PlannedTrigger(data, source if follows and isinstance(source, str) else "")


def _unknown(entry: Mapping[str, Any]) -> tuple[str, ...]:
    triggers = entry.get("triggers")
    of_triggers = (
        f"triggers.{number}.{key}"
        for number, one in enumerate(triggers if isinstance(triggers, list) else (), 1)
        if isinstance(one, dict)
        for key in _beside(one, _OF_TRIGGER)
    )
    return (*_beside(entry, _OF_PROJECT), *of_triggers)


def _beside(found: Mapping[str, Any], known: object) -> tuple[str, ...]:
    return tuple(_keys(found, known))


def _keys(found: Mapping[str, Any], known: Any) -> Iterator[str]:
    for key in found:
        if key not in known:
            yield _shown(key)


def _shown(text: object) -> str:
    """Return a text of a stranger as it may be shown: short, on one line."""
    return " ".join(str(text).split())[:_LONGEST_KEY] if isinstance(text, str) else ""
