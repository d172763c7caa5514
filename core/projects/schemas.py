"""What goes into the project service and what comes out of it."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from core.database.fields.lines import honest_line
from core.translation import _

VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
SHORTEST_SECRET = 6


class ProjectType(StrEnum):
    """What kind of project it is; each has a usual command (``USUAL_COMMANDS``)."""

    GENERIC = "generic"
    MAKE = "make"
    CMAKE = "cmake"
    PYTHON = "python"
    NODE = "node"
    GRADLE = "gradle"
    ANDROID = "android"


USUAL_COMMANDS: dict[ProjectType, str] = {
    ProjectType.GENERIC: "",
    ProjectType.MAKE: "make",
    ProjectType.CMAKE: "cmake -S . -B build && cmake --build build",
    ProjectType.PYTHON: "python3 -m unittest discover -v",
    ProjectType.NODE: "npm ci && npm run build",
    ProjectType.GRADLE: "./gradlew build",
    ProjectType.ANDROID: "./gradlew assembleDebug",
}

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Seconds = Annotated[int, Field(ge=1, le=7 * 24 * 3600)]


class ProjectCreate(BaseModel):
    """The input of a new project, and of an edited one: all its fields.

    Times are in seconds; None stands for no limit. ``secrets`` are sealed before they are
    stored; a value of None keeps the stored one.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    name: Name
    description: str = Field(default="", max_length=2_000)
    type: ProjectType = ProjectType.GENERIC
    path: str = Field(max_length=4_096)
    command: str = Field(max_length=10_000)
    environment: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, str | None] = Field(default_factory=dict, repr=False)
    timeout_s: Seconds | None = 3_600
    silence_timeout_s: Seconds | None = None
    grace_s: int = Field(default=10, ge=0, le=600)
    terminal: bool = False
    active: bool = True

    @field_validator("name", "path", "command")
    @classmethod
    def _no_control_characters(cls, value: str) -> str:
        if any(ord(c) < 32 and c not in "\n\t" for c in value):
            raise ValueError(_("Control characters are not allowed here."))
        return value

    @field_validator("name")
    @classmethod
    def _one_honest_line(cls, value: str) -> str:
        return honest_line(value, longest=100)

    @field_validator("command", "path")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError(_("This is needed."))
        return value

    @field_validator("environment", "secrets")
    @classmethod
    def _legal_names(cls, value: dict[str, str | None]) -> dict[str, str | None]:
        for name, text in value.items():
            if not VARIABLE_NAME.match(name):
                raise ValueError(
                    _(
                        "“{name}” cannot name a variable: letters, digits and _ only,"
                        " and no digit first."
                    ).format(name=name)
                )
            if text is not None and "\0" in text:
                raise ValueError(
                    _("The value of {name} holds a NUL character.").format(name=name)
                )
        return value

    @field_validator("secrets")
    @classmethod
    def _long_enough(cls, value: dict[str, str | None]) -> dict[str, str | None]:
        for name, text in value.items():
            if text is not None and len(text) < SHORTEST_SECRET:
                raise ValueError(
                    _(
                        "The secret {name} is shorter than {count} characters, so it could"
                        " not be hidden in the log."
                    ).format(name=name, count=SHORTEST_SECRET)
                )
        return value


@dataclass(frozen=True, slots=True)
class RecentBuild:
    """One bar of a project's sparkline."""

    number: int
    state: str
    duration_ms: int | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project as it is stored, with what its list shows.

    ``recent`` holds the last builds, oldest first; ``success_rate`` is 0 to 1 over all
    builds that succeeded or failed, None where there is none.
    """

    id: int
    uid: str
    version: int
    name: str
    description: str
    type: ProjectType
    path: str
    command: str
    environment: dict[str, str]
    secret_names: tuple[str, ...]
    timeout_s: int | None
    silence_timeout_s: int | None
    grace_s: int
    terminal: bool
    active: bool
    created_at: datetime
    updated_at: datetime
    builds: int = 0
    success_rate: float | None = None
    recent: tuple[RecentBuild, ...] = ()
