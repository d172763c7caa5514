"""Between the fields of the form of a trigger and what the service takes."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from core.translation import _
from core.triggers.schemas import TriggerCreate, TriggerRow, TriggerType
from desktop.builds.projects.sentences import sentence

USUAL_INTERVAL_S = 300


def data_of(trigger: TriggerRow, *, enabled: bool | None = None) -> TriggerCreate:
    """Return the input that would store a trigger as it is, but for its switch."""
    return TriggerCreate(
        kind=trigger.kind,
        enabled=trigger.enabled if enabled is None else enabled,
        expression=trigger.expression,
        interval_s=trigger.interval_s or USUAL_INTERVAL_S,
        source_project_id=trigger.source_project_id,
        branch=trigger.branch,
        build_type=trigger.build_type,
    )


def read(values: Mapping[str, Any]) -> tuple[TriggerCreate | None, dict[str, str]]:
    """Return the input that the values make, or a message for each field that is wrong.

    What belongs to another kind of trigger is left out.
    """
    kind = TriggerType(values["kind"])
    rest = {name: values[name] for name in ("enabled", "branch", "build_type")}
    own = {
        TriggerType.SCHEDULE: "expression",
        TriggerType.COMMITS: "interval_s",
        TriggerType.AFTER_PROJECT: "source_project_id",
    }[kind]
    value = values[own] or None if own == "source_project_id" else values[own]
    try:
        return TriggerCreate.model_validate({**rest, "kind": kind, own: value}), {}
    except ValidationError as error:
        problems: dict[str, str] = {}
        for details in error.errors():
            problems.setdefault(str(details["loc"][0]), sentence(details))
        return None, problems


def presets() -> dict[str, str]:
    """Return schedules that are wanted often, each with its words."""
    return {
        "0 6 * * 1-5": _("Monday to Friday at 06:00"),
        "0 3 * * *": _("Every night at 03:00"),
        "0 * * * *": _("Every hour"),
        "*/15 * * * *": _("Every 15 minutes"),
        "0 3 * * 1": _("Every Monday at 03:00"),
        "0 3 1 * *": _("On the first of each month at 03:00"),
        "": _("Other times…"),
    }
