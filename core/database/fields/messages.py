"""What pydantic finds wrong, in words for people and by field."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from core import errors
from core.translation import _, ngettext

Model = TypeVar("Model", bound=BaseModel)


def validated(
    model: type[Model], values: Mapping[str, Any], *, title: str, context: object = None
) -> Model:
    """Return the schema that the values make.

    Args:
        title: What did not happen, should they make none; one sentence.
        context: For the validators of the schema.

    Raises:
        core.errors.ValidationError: They make none; it has a message for each field.
    """
    try:
        return model.model_validate(dict(values), context=context)
    except ValidationError as error:
        raise errors.ValidationError(title, fields=messages(error)) from None


def messages(error: ValidationError) -> dict[str, str]:
    """Return a sentence for each field that is wrong; the values are in none of them."""
    found: dict[str, str] = {}
    for details in error.errors(include_url=False, include_input=False):
        place = details["loc"]
        found.setdefault(str(place[0]) if place else "", sentence(details))
    return found


def sentence(details: ErrorDetails) -> str:
    """Return one finding in words."""
    limits = details.get("ctx", {})
    match details["type"]:
        case "value_error":
            return str(limits["error"])
        case "missing" | "string_too_short":
            return _("This is needed.")
        case "string_type":
            return _("A text is needed here.")
        case "string_too_long":
            count = int(limits["max_length"])
            return ngettext(
                "This is too long: at most {count} character is possible.",
                "This is too long: at most {count} characters are possible.",
                count,
            ).format(count=count)
        case "enum":
            return _("Possible are: {names}").format(names=limits["expected"])
        case "bool_type" | "bool_parsing":
            return _("Only true and false are possible.")
        case "extra_forbidden":
            return _("There is no such field.")
    return _("This cannot be taken.")
