"""Between the fields of the form and what the service takes: values and words."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.projects.schemas import ProjectCreate, ProjectRow
from core.translation import _, ngettext
from desktop.figures import number


def values_of(project: ProjectRow) -> dict[str, Any]:
    """Return what the fields show of a stored project; its secrets are never known."""
    names = ProjectCreate.model_fields.keys() - {"secrets"}
    values = {name: getattr(project, name) for name in names}
    return {**values, "secrets": dict.fromkeys(project.secret_names)}


def read(
    values: Mapping[str, Any], stored: ProjectRow | None
) -> tuple[ProjectCreate | None, dict[str, str]]:
    """Return the input that the values make, or a message for each field that is wrong."""
    problems = _renamed_secrets(values, stored)
    try:
        data = ProjectCreate.model_validate(dict(values))
    except ValidationError as error:
        for details in error.errors():
            problems.setdefault(str(details["loc"][0]), sentence(details))
        return None, problems
    return (None, problems) if problems else (data, {})


def sentence(error: ErrorDetails) -> str:
    """Return one of pydantic's findings in words for the person."""
    name, limits = str(error["loc"][0]), error.get("ctx", {})
    match error["type"]:
        case "string_too_short" | "missing":
            if name == "name":
                return _("Give the project a name.")
            return _("This is needed.")
        case "string_too_long":
            count = int(limits["max_length"])
            return ngettext(
                "This is too long: at most {count} character is possible.",
                "This is too long: at most {count} characters are possible.",
                count,
            ).format(count=number(count))
        case "greater_than_equal":
            return _at_least(name, int(limits["ge"]))
        case "less_than_equal":
            most = number(int(limits["le"]))
            return _("At most {most} seconds are possible.").format(most=most)
        case "value_error":
            return str(limits["error"])
    return _("This cannot be taken.")


def _at_least(name: str, least: int) -> str:
    if name in ("timeout_s", "silence_timeout_s"):
        return ngettext(
            "A limit is at least {count} second. Tick “No limit” to have none.",
            "A limit is at least {count} seconds. Tick “No limit” to have none.",
            least,
        ).format(count=least)
    return _("At least {count} is needed.").format(count=least)


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
