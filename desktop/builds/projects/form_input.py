"""Between the fields of the form and what the service takes."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from core.projects.schemas import Checkout, Priority, ProjectCreate, ProjectRow
from core.translation import _
from desktop.builds.projects.sentences import sentence


class Source(StrEnum):
    """What a build is made of: a folder as it is, or a commit, in that folder or apart."""

    AS_IT_STANDS = "as_it_stands"
    IN_FOLDER = "in_folder"
    OWN_TREE = "own_tree"


_OF_REPOSITORY: dict[str, object] = {
    "repository_url": "",
    "branch": "",
    "checkout": Checkout.FOLDER,
}


def values_of(project: ProjectRow) -> dict[str, Any]:
    """Return what the fields show of a stored project; its secrets are never known."""
    names = ProjectCreate.model_fields.keys() - {"secrets", "priority"}
    values = {name: getattr(project, name) for name in names}
    return {
        **values,
        "priority": min(Priority, key=lambda one: abs(one - project.priority)),
        "secrets": dict.fromkeys(project.secret_names),
        "source": _source_of(project),
    }


def read(
    values: Mapping[str, Any], stored: ProjectRow | None
) -> tuple[ProjectCreate | None, dict[str, str]]:
    """Return the input that the values make, or a message for each field that is wrong."""
    problems = _renamed_secrets(values, stored)
    values, missing = _with_source(values)
    problems |= missing
    try:
        data = ProjectCreate.model_validate(values)
    except ValidationError as error:
        for details in error.errors():
            problems.setdefault(str(details["loc"][0]), sentence(details))
        return None, problems
    return (None, problems) if problems else (data, {})


def _source_of(project: ProjectRow) -> Source:
    if not project.repository_url:
        return Source.AS_IT_STANDS
    return Source.OWN_TREE if project.checkout is Checkout.OWN_TREE else Source.IN_FOLDER


def _with_source(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return values in which the chosen source has become a repository, or none of one."""
    rest = {name: value for name, value in values.items() if name != "source"}
    source = values.get("source")
    if source is None:
        return rest, {}
    if source == Source.AS_IT_STANDS:
        return {**rest, **_OF_REPOSITORY}, {}
    own = source == Source.OWN_TREE
    rest["checkout"] = Checkout.OWN_TREE if own else Checkout.FOLDER
    if str(rest.get("repository_url", "")).strip():
        return rest, {}
    message = _("Give the address of the repository, or build the folder as it stands.")
    return rest, {"repository_url": message}


def _renamed_secrets(values: Mapping[str, Any], stored: ProjectRow | None) -> dict[str, str]:
    """Refuse a stored secret under another name: its value is not known here and would go."""
    known = set(stored.secret_names) if stored else set()
    secrets: Mapping[str, str | None] = values.get("secrets", {})
    lost = [name for name, value in secrets.items() if value is None and name not in known]
    if not lost:
        return {}
    return {
        "secrets": _(
            "A stored secret cannot be renamed. Type the value of {name} again."
        ).format(name=lost[0])
    }
