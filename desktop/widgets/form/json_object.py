"""A JSON object as text."""

import json
from collections.abc import Mapping
from typing import Any

from core.database.fields.errors import FieldError
from core.database.fields.strict_json import parse_json
from core.translation import _
from desktop.widgets.form.fields import TextField


class JsonObjectField(TextField):
    """A JSON object as text; nothing stands for an empty one."""

    def problem(self) -> str:
        """Return what is wrong with the text."""
        try:
            self.parsed()
        except FieldError as error:
            return str(error)
        return ""

    def parsed(self) -> dict[str, Any]:
        """Return the object.

        Raises:
            FieldError: The text is no JSON object.
        """
        text = self.value().strip()
        found = parse_json(text) if text else {}
        if not isinstance(found, dict):
            raise FieldError(_("Preferences are a JSON object, written with braces."))
        return found


def json_text(value: Mapping[str, Any]) -> str:
    """Return an object as people edit it; an empty one as nothing."""
    return json.dumps(dict(value), ensure_ascii=False, indent=2) if value else ""
