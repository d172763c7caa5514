"""What is stored of a project, what is checked before, and what the audit trail tells."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core import log
from core.database.audit_trail import Deed, Subject
from core.database.fields.messages import validated
from core.errors import ConflictError, NotFoundError, ValidationError, why_refused
from core.projects.repository import ProjectRepository
from core.projects.schemas import ProjectCreate
from core.projects.tables import Project
from core.security.actors import Actor
from core.security.operations import Operation
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


def values_of(data: ProjectCreate, path: str) -> dict[str, Any]:
    """Return the columns of an input, but for its secrets."""
    values = data.model_dump(exclude={"secrets", "tags"}, mode="json")
    return {**values, "tags": data.tags, "path": path}


def copied(source: Project, *, name: str, secrets: Mapping[str, str]) -> ProjectCreate:
    """Return the input of a project like another one.

    Raises:
        ValidationError: The name cannot be one.
    """
    own = source.model_dump(include=set(ProjectCreate.model_fields) - {"secrets", "name"})
    values = {**own, "name": name, "secrets": dict(secrets)}
    return validated(ProjectCreate, values, title=_("The project was not saved."))


def seal_secrets(
    sealer: Sealer, data: ProjectCreate, uid: str, stored: Mapping[str, str]
) -> dict[str, str]:
    """Return the secrets of an input as they are stored; a value of None keeps the old one."""
    sealed = {}
    for name, value in data.secrets.items():
        if value is not None:
            log.hide(value)
            sealed[name] = sealer.seal(value, place=place_of_secret(uid, name)).stored
        elif name in stored:
            sealed[name] = stored[name]
    return sealed


def place_of_secret(uid: str, name: str) -> str:
    """Return the place that a secret of a project is sealed for."""
    return place_of("projects", f"secrets.{name}", uid)


def deed(
    actor: Actor, operation: Operation, project: Project, changes: Mapping[str, object]
) -> Deed:
    """Return what the audit trail says of a deed."""
    subject = Subject("project", project.uid, project.name)
    return Deed(actor, operation.key, subject, changes)


def told(project: Project) -> dict[str, object]:
    """Return what the audit trail tells of a project: of variables their names alone."""
    return {
        **project.model_dump(include=set(_TOLD)),
        "environment": sorted(project.environment),
        "build_types": [one["name"] for one in project.build_types],
        "secrets": sorted(project.secrets),
    }


def whole_path(text: str) -> tuple[str, str]:
    """Return the path of a folder with the home of who asks, and what is wrong with it.

    The folder itself is not looked at: a path of a stranger may lead to another machine.
    None is needed where Buildbench keeps a work tree of its own.
    """
    if not text:
        return "", ""
    path = Path(text.strip())
    try:
        path = path.expanduser()
    except RuntimeError:
        return str(path), _no_folder()
    if not path.is_absolute():
        return str(path), _("Give the whole path, beginning with “{root}”.").format(root=os.sep)
    return str(path), ""


def examine_folder(text: str, *, may_be_made: bool = False) -> tuple[str, str]:
    """Return the path of a folder, and what is wrong with it and the folder; blocks.

    Args:
        text: What was typed.
        may_be_made: Whether it may be missing, as where a build clones a repository into it.
    """
    whole, problem = whole_path(text)
    if not whole or problem:
        return whole, problem
    path = Path(whole)
    try:
        if may_be_made and not path.exists():
            return whole, _problem_with_making(path)
        return whole, _problem_with(path)
    except OSError as error:
        return whole, unreachable(error, path)
    except ValueError:
        return whole, _no_folder()


def unreachable(error: OSError, path: Path) -> str:
    """Return what is said of a folder that the system does not let anybody look into."""
    return _("This folder cannot be reached. {reason}").format(reason=why_refused(error, path))


def _no_folder() -> str:
    return _("There can be no folder of this name.")


def _problem_with(path: Path) -> str:
    if not path.exists():
        return _("This folder does not exist.")
    if not path.is_dir():
        return _("This is not a folder.")
    if not os.access(path, os.R_OK | os.X_OK):
        return _("You may not read this folder.")
    return ""


def _problem_with_making(path: Path) -> str:
    parent = next(folder for folder in path.parents if folder.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        return _("This folder does not exist, and cannot be made.")
    return ""


async def existing(repository: ProjectRepository, project_id: int) -> Project:
    """Return a project.

    Raises:
        NotFoundError: It is gone.
    """
    project = await repository.find(project_id)
    if project is None:
        raise NotFoundError(
            _("This project is gone."), hint=_("Somebody else may have deleted it.")
        )
    return project


async def check(
    repository: ProjectRepository, name: str, own: int | None, folder_problem: str
) -> None:
    """Refuse what is wrong with name and folder, both at once; the write lock is held.

    Raises:
        ValidationError: The name is taken, or the folder cannot be one.
    """
    fields = {}
    if await repository.name_taken(name, by_other_than=own):
        fields["name"] = _("There is a project named “{name}” already.").format(name=name)
    if folder_problem:
        fields["path"] = folder_problem
    if fields:
        raise ValidationError(_("The project was not saved."), fields=fields)


def changed_meanwhile(project: Project) -> ConflictError:
    """Return the error for a project that is not at the version that was seen."""
    return ConflictError(
        _("“{name}” was changed in the meantime.").format(name=project.name),
        detail=_("Somebody else saved this project after you opened it."),
        hint=_("Close the form, look at the new values, and edit again."),
    )
