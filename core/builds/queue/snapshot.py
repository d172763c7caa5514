"""What a build is: all that its project, one of its types and a request say at that moment.

A build that waits, or runs again, is not changed by what becomes of its project.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from core.builds.schemas import BuildRequest, BuildState, Cause, TriggerKind
from core.builds.tables import Build
from core.database.fields.times import utc_now
from core.errors import ValidationError
from core.projects.schemas import BuildType, Checkout, ProjectRow
from core.security.actors import Actor
from core.translation import _

# The real path of the folder, by which builds are kept apart that would meet in it.
TREE = "tree"

_OF_PROJECT = (
    "timeout_s",
    "silence_timeout_s",
    "grace_s",
    "terminal",
    "repository_url",
    "leave_processes",
    "nice",
    "retry_limit",
)
_LISTS_OF_PROJECT = (
    "before_steps",
    "after_steps",
    "artifact_patterns",
    "retry_exit_codes",
    "secret_names",
)
_KEPT_BY_RETRIES = (
    *_OF_PROJECT,
    *_LISTS_OF_PROJECT,
    "project_id",
    "command",
    "directory",
    "environment",
    "branch",
    "checkout",
    "priority",
    "build_type",
    "build_metadata",
)
_OF_COMMIT = ("commit_hash", "commit_author", "commit_subject", "commit_at", "dirty")
_RETRIES = (TriggerKind.RETRY, TriggerKind.AUTOMATIC_RETRY)


def snapshot(project: ProjectRow, request: BuildRequest, tree: str) -> dict[str, Any]:
    """Return the columns of a build that say what will run.

    Args:
        project: As it stands now.
        request: What is asked for beyond it; ``check_request`` has looked at it.
        tree: The real path of its folder.
    """
    kind = type_named(project, request.build_type)
    own = BuildType(name="-") if kind is None else kind
    return {
        **{name: getattr(project, name) for name in _OF_PROJECT},
        **{name: list(getattr(project, name)) for name in _LISTS_OF_PROJECT},
        "project_id": project.id,
        "command": own.command if own.command.strip() else project.command,
        "directory": project.path,
        "environment": {**project.environment, **own.environment, **request.environment},
        "branch": request.branch or project.branch,
        "checkout": project.checkout.value,
        "priority": int(project.priority if request.priority is None else request.priority),
        "build_type": kind.name if kind else "",
        "build_metadata": {TREE: tree} if tree else {},
    }


def snapshot_again(build: Build) -> dict[str, Any]:
    """Return the columns that say what a build ran, for one that runs the same again.

    A clean work tree is checked out at the same commit again, whatever its branch has become.
    A folder that is built as it stands has been at some branch, which nobody asked for.
    """
    same = {name: getattr(build, name) for name in _KEPT_BY_RETRIES}
    if not build.repository_url:
        return {**same, "branch": ""}
    if build.checkout == Checkout.OWN_TREE.value:
        return {**same, **{name: getattr(build, name) for name in _OF_COMMIT}}
    return same


def waiting(actor: Actor, cause: Cause) -> dict[str, Any]:
    """Return the columns that say who queued a build, why, and that it waits."""
    now = utc_now()
    retries = cause.build_id if cause.trigger in _RETRIES else None
    return {
        "uid": str(uuid.uuid4()),
        "state": BuildState.PENDING.value,
        "message": "",
        "requested_by": actor.user,
        "requested_by_uid": actor.uid,
        "origin": actor.origin.value,
        "trigger": cause.trigger.value,
        "trigger_detail": cause.detail,
        "caused_by": None if retries else cause.build_id,
        "retry_of": retries,
        "attempt": cause.attempt,
        "queued_at": now,
        "created_at": now,
        "updated_at": now,
    }


def check_request(project: ProjectRow, request: BuildRequest) -> None:
    """Refuse what this project cannot do.

    Raises:
        ValidationError: It names the fields of the request.
    """
    problems = dict(_problems(project, request))
    if problems:
        raise ValidationError(
            _("“{name}” cannot be built like that.").format(name=project.name),
            fields=problems,
        )


def _problems(project: ProjectRow, request: BuildRequest) -> Mapping[str, str]:
    problems = {}
    if request.build_type and type_named(project, request.build_type) is None:
        names = ", ".join(one.name for one in project.build_types)
        problems["build_type"] = (
            _("There is no such type; there are: {names}").format(names=names)
            if names
            else _("This project has no types.")
        )
    if request.branch and not project.repository_url:
        problems["branch"] = _(
            "This project has no repository address: its folder is built as it stands."
        )
    secret = sorted(set(request.environment) & set(project.secret_names))
    if secret:
        problems["environment"] = _(
            "{name} is a secret of the project, which cannot be replaced here."
        ).format(name=secret[0])
    return problems


def type_named(project: ProjectRow, name: str) -> BuildType | None:
    """Return the type of this name, in any case; None where there is none."""
    for one in project.build_types:
        if one.name.casefold() == name.strip().casefold():
            return one
    return None
