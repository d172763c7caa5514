"""What is wrong with the input of a project, in words for the person."""

from pydantic_core import ErrorDetails

from core.translation import _, ngettext
from desktop.figures import number

_LIMITS = ("timeout_s", "silence_timeout_s")
_SECONDS = (*_LIMITS, "grace_s", "interval_s")
_LISTED = (
    "before_steps",
    "after_steps",
    "artifact_patterns",
    "retry_exit_codes",
    "build_types",
)


def sentence(error: ErrorDetails) -> str:
    """Return one of pydantic's findings in words; of an entry in a list, with its number."""
    place = error["loc"]
    told = _finding(error)
    if len(place) > 1 and place[0] in _LISTED and isinstance(place[1], int):
        return _("Entry {number}: {problem}").format(number=place[1] + 1, problem=told)
    return told


def _finding(error: ErrorDetails) -> str:
    name, limits = str(error["loc"][0]), error.get("ctx", {})
    match error["type"]:
        case "string_too_short" | "missing":
            return _("Give the project a name.") if name == "name" else _("This is needed.")
        case "string_too_long":
            return _too_long(int(limits["max_length"]))
        case "too_long":
            return _too_many(int(limits["max_length"]))
        case "greater_than_equal":
            return _at_least(name, int(limits["ge"]))
        case "less_than_equal":
            return _at_most(name, int(limits["le"]))
        case "value_error":
            return str(limits["error"])
        case "int_parsing" | "int_type" | "int_from_float":
            return _("A whole number is needed.")
    return _("This cannot be taken.")


def _too_long(count: int) -> str:
    return ngettext(
        "This is too long: at most {count} character is possible.",
        "This is too long: at most {count} characters are possible.",
        count,
    ).format(count=number(count))


def _too_many(count: int) -> str:
    return ngettext(
        "These are too many: at most {count} is possible.",
        "These are too many: at most {count} are possible.",
        count,
    ).format(count=number(count))


def _at_least(name: str, least: int) -> str:
    if name in _LIMITS:
        return ngettext(
            "A limit is at least {count} second. Tick “No limit” to have none.",
            "A limit is at least {count} seconds. Tick “No limit” to have none.",
            least,
        ).format(count=least)
    if name == "retry_exit_codes":
        return _("An exit code is a number from 1 to 255.")
    if name in _SECONDS:
        return _("At least {least} seconds are needed.").format(least=number(least))
    return _("At least {count} is needed.").format(count=number(least))


def _at_most(name: str, most: int) -> str:
    if name in _SECONDS:
        return _("At most {most} seconds are possible.").format(most=number(most))
    if name == "retry_exit_codes":
        return _("An exit code is a number from 1 to 255.")
    return _("At most {most} is possible.").format(most=number(most))
