"""What the service of triggers takes and returns."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from core.projects.schemas import checked_branch
from core.translation import _

SHORTEST_INTERVAL_S = 10


class TriggerType(StrEnum):
    """What a trigger waits for: a time, commits in a repository, the success of a project."""

    SCHEDULE = "schedule"
    COMMITS = "commits"
    AFTER_PROJECT = "after_project"


class TriggerCreate(BaseModel):
    """The input of a new trigger, and of an edited one.

    ``expression`` is a cron expression of five fields in local time, for a schedule;
    ``interval_s`` how often a repository is asked, for commits; ``source_project_id`` the
    project whose success is waited for. ``branch`` and ``build_type`` are those of the builds
    that it queues, empty for the project's own.
    """

    model_config = ConfigDict(frozen=True)

    kind: TriggerType
    enabled: bool = True
    expression: str = Field(default="", max_length=200, validate_default=True)
    interval_s: Annotated[int, Field(ge=SHORTEST_INTERVAL_S, le=7 * 24 * 3600)] = 300
    source_project_id: int | None = Field(default=None, validate_default=True)
    branch: str = Field(default="", max_length=255)
    build_type: str = Field(default="", max_length=50)

    @field_validator("expression")
    @classmethod
    def _needed_by_a_schedule(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("kind") is TriggerType.SCHEDULE and not value.strip():
            raise ValueError(_("This is needed."))
        return " ".join(value.split())

    @field_validator("source_project_id")
    @classmethod
    def _needed_to_follow(cls, value: int | None, info: ValidationInfo) -> int | None:
        if info.data.get("kind") is TriggerType.AFTER_PROJECT and value is None:
            raise ValueError(_("Choose the project whose success starts this one."))
        return value

    @field_validator("branch")
    @classmethod
    def _a_reference(cls, value: str) -> str:
        return checked_branch(value)


@dataclass(frozen=True, slots=True)
class TriggerRow:
    """A trigger as it is stored.

    ``next_at`` is when a schedule fires next, or a repository is asked next; ``seen`` the
    commit found last; ``error`` why the last attempt failed, empty when it did not.
    """

    id: int
    uid: str
    version: int
    project_id: int
    project: str
    kind: TriggerType
    enabled: bool
    expression: str
    interval_s: int | None
    source_project_id: int | None
    source_project: str
    branch: str
    build_type: str
    next_at: datetime | None
    checked_at: datetime | None
    fired_at: datetime | None
    seen: str
    error: str
    created_by: str
    created_at: datetime
    updated_at: datetime
