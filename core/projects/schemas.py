"""What goes into the project service and what comes out of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Annotated

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from core.database.fields.lines import honest_line
from core.database.fields.tags import tags
from core.translation import _

VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
SHORTEST_SECRET = 6
LONGEST_NAME = 100
_NOT_IN_A_REFERENCE = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|@\{|\.lock$")
_PASSWORD = re.compile(r"\w[\w+.-]*://[^/@\s:]*:[^/@\s]+@")
# Tokens stand where a user does: those of GitHub and GitLab, and what is too long for a name.
_TOKEN = re.compile(
    r"https?://(?:gh[a-z]_|github_pat_|gl[a-z]+-|[^/@\s:]{30})[^/@\s:]*@", re.IGNORECASE
)


class ProjectType(StrEnum):
    """What kind of project it is; each has usual values (``USUAL``)."""

    GENERIC = "generic"
    MAKE = "make"
    CMAKE = "cmake"
    MESON = "meson"
    PYTHON = "python"
    NODE = "node"
    GRADLE = "gradle"
    MAVEN = "maven"
    ANDROID = "android"
    CARGO = "cargo"
    GO = "go"


@dataclass(frozen=True, slots=True)
class Usual:
    """The command and the artifact patterns that a type begins with."""

    command: str
    artifact_patterns: tuple[str, ...] = ()


USUAL: dict[ProjectType, Usual] = {
    ProjectType.GENERIC: Usual(""),
    ProjectType.MAKE: Usual("make"),
    ProjectType.CMAKE: Usual("cmake -S . -B build && cmake --build build"),
    ProjectType.MESON: Usual(
        "(test -d build || meson setup build) && meson compile -C build",
    ),
    ProjectType.PYTHON: Usual(
        "python3 -m unittest discover -v", ("dist/*.whl", "dist/*.tar.gz")
    ),
    ProjectType.NODE: Usual("npm ci && npm run build", ("dist/**", "*.tgz")),
    ProjectType.GRADLE: Usual("./gradlew build", ("**/build/libs/*.jar",)),
    ProjectType.MAVEN: Usual("mvn -B verify", ("**/target/*.jar", "**/target/*.war")),
    ProjectType.ANDROID: Usual(
        "./gradlew assembleDebug", ("**/build/outputs/**/*.apk", "**/build/outputs/**/*.aab")
    ),
    ProjectType.CARGO: Usual("cargo build --release"),
    ProjectType.GO: Usual("go build ./... && go test ./..."),
}


class Checkout(StrEnum):
    """Where the commit to build is checked out, when there is a repository."""

    FOLDER = "folder"
    OWN_TREE = "own_tree"


class Priority(IntEnum):
    """Which of the waiting builds comes first."""

    LOW = -10
    NORMAL = 0
    HIGH = 10


Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)
]
Seconds = Annotated[int, Field(ge=1, le=7 * 24 * 3600)]
Step = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
ExitCode = Annotated[int, Field(ge=1, le=255)]


def checked_names(value: Mapping[str, str | None]) -> None:
    """Make sure that variables can be handed to a process.

    Raises:
        ValueError: One cannot; the text names it.
    """
    for name, text in value.items():
        if not VARIABLE_NAME.match(name):
            raise ValueError(
                _(
                    "“{name}” cannot name a variable: letters, digits and _ only,"
                    " and no digit first."
                ).format(name=name)
            )
        if text is not None and "\0" in text:
            raise ValueError(_("The value of {name} holds a NUL character.").format(name=name))


def checked_text(value: str) -> str:
    """Return a text that holds no control characters but newlines and tabs.

    Raises:
        ValueError: It does.
    """
    if any(ord(c) < 32 and c not in "\n\t" for c in value):
        raise ValueError(_("Control characters are not allowed here."))
    return value


def checked_branch(value: str) -> str:
    """Return the name of a branch, a tag or a commit, by git's rules for names.

    Raises:
        ValueError: It cannot be one.
    """
    name = value.strip()
    if name.startswith("-") or ".." in name or _NOT_IN_A_REFERENCE.search(name):
        raise ValueError(_("This cannot be the name of a branch, a tag or a commit."))
    return name


class BuildType(BaseModel):
    """A way to build a project, such as debug or release.

    An empty ``command`` stands for that of the project; ``environment`` adds to the project's
    variables.
    """

    model_config = ConfigDict(frozen=True)

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
    command: str = Field(default="", max_length=10_000)
    environment: dict[str, str] = Field(default_factory=dict)

    @field_validator("name")
    @classmethod
    def _one_honest_line(cls, value: str) -> str:
        return honest_line(value, longest=50)

    @field_validator("command")
    @classmethod
    def _no_control_characters(cls, value: str) -> str:
        return checked_text(value)

    @field_validator("environment")
    @classmethod
    def _legal_names(cls, value: dict[str, str]) -> dict[str, str]:
        checked_names(value)
        return value


class ProjectCreate(BaseModel):
    """The input of a new project, and of an edited one: all its fields.

    Times are in seconds; None stands for no limit. ``secrets`` are sealed before they are
    stored; a value of None keeps the stored one. Without ``repository_url`` the folder at
    ``path`` is built as it stands; with one, ``branch`` (a branch, tag or commit; empty for the
    repository's own default) is checked out there or, with ``Checkout.OWN_TREE``, in a clean
    work tree that Buildbench keeps, and ``path`` may then be empty. ``before_steps`` and
    ``after_steps`` are commands; the latter run whatever came of the build.
    ``artifact_patterns`` are globs within the folder. ``parallel`` is how many builds of the
    project may run at once. A failed build is queued again up to ``retry_limit`` times, where
    ``retry_exit_codes`` is not empty only after these. ``nice`` is that of POSIX.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    name: Name
    description: str = Field(default="", max_length=2_000)
    type: ProjectType = ProjectType.GENERIC
    tags: tuple[str, ...] = ()
    repository_url: str = Field(default="", max_length=2_000)
    branch: str = Field(default="", max_length=255)
    checkout: Checkout = Checkout.FOLDER
    path: str = Field(default="", max_length=4_096, validate_default=True)
    command: str = Field(max_length=10_000)
    build_types: tuple[BuildType, ...] = Field(default=(), max_length=20)
    before_steps: tuple[Step, ...] = Field(default=(), max_length=20)
    after_steps: tuple[Step, ...] = Field(default=(), max_length=20)
    artifact_patterns: tuple[str, ...] = Field(default=(), max_length=50)
    environment: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, str | None] = Field(default_factory=dict, repr=False)
    timeout_s: Seconds | None = 3_600
    silence_timeout_s: Seconds | None = None
    grace_s: int = Field(default=10, ge=0, le=600)
    terminal: bool = False
    priority: Priority = Priority.NORMAL
    parallel: int = Field(default=1, ge=1, le=16)
    newest_replaces: bool = False
    retry_limit: int = Field(default=0, ge=0, le=10)
    retry_exit_codes: tuple[ExitCode, ...] = Field(default=(), max_length=20)
    leave_processes: bool = False
    nice: int = Field(default=0, ge=0, le=19)
    active: bool = True

    @field_validator("name", "path", "command", "repository_url", "branch")
    @classmethod
    def _no_control_characters(cls, value: str) -> str:
        return checked_text(value)

    @field_validator("before_steps", "after_steps", "artifact_patterns")
    @classmethod
    def _no_control_characters_in_any(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(checked_text(text) for text in value)

    @field_validator("name")
    @classmethod
    def _one_honest_line(cls, value: str) -> str:
        return honest_line(value, longest=LONGEST_NAME)

    @field_validator("tags")
    @classmethod
    def _normalised(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tags(value)

    @field_validator("command")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError(_("This is needed."))
        return value

    @field_validator("repository_url")
    @classmethod
    def _no_option_and_no_password(cls, value: str) -> str:
        url = value.strip()
        if url.startswith("-"):
            raise ValueError(_("An address does not begin with “-”."))
        if _PASSWORD.match(url) or _TOKEN.match(url):
            raise ValueError(
                _("Leave the password out: git's own credential helper asks for it.")
            )
        return url

    @field_validator("branch")
    @classmethod
    def _a_reference(cls, value: str) -> str:
        return checked_branch(value)

    @field_validator("artifact_patterns")
    @classmethod
    def _within_the_folder(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        patterns = tuple(pattern.strip().replace("\\", "/") for pattern in value)
        for pattern in patterns:
            if not pattern or pattern.startswith("/") or ".." in pattern.split("/"):
                raise ValueError(
                    _("“{pattern}” does not stay within the folder.").format(pattern=pattern)
                )
        return tuple(dict.fromkeys(patterns))

    @field_validator("build_types")
    @classmethod
    def _each_named_once(cls, value: tuple[BuildType, ...]) -> tuple[BuildType, ...]:
        if len({one.name.casefold() for one in value}) < len(value):
            raise ValueError(_("Two build types have the same name."))
        return value

    @field_validator("environment", "secrets")
    @classmethod
    def _legal_names(cls, value: dict[str, str | None]) -> dict[str, str | None]:
        checked_names(value)
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

    @field_validator("path")
    @classmethod
    def _somewhere_to_build(cls, value: str, info: ValidationInfo) -> str:
        own_tree = info.data.get("checkout") is Checkout.OWN_TREE
        if not value.strip() and not (own_tree and info.data.get("repository_url")):
            raise ValueError(_("This is needed."))
        return value.strip()


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
    builds that succeeded or failed, None where there is none. ``builds`` counts all of them,
    ``waiting`` and ``running`` those that are; ``last_state`` is the state of the newest one,
    None without any, ``last_queued_at`` when that was asked for.
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
    tags: tuple[str, ...] = ()
    repository_url: str = ""
    branch: str = ""
    checkout: Checkout = Checkout.FOLDER
    build_types: tuple[BuildType, ...] = ()
    before_steps: tuple[str, ...] = ()
    after_steps: tuple[str, ...] = ()
    artifact_patterns: tuple[str, ...] = ()
    priority: int = 0
    parallel: int = 1
    newest_replaces: bool = False
    retry_limit: int = 0
    retry_exit_codes: tuple[int, ...] = ()
    leave_processes: bool = False
    nice: int = 0
    builds: int = 0
    success_rate: float | None = None
    recent: tuple[RecentBuild, ...] = ()
    waiting: int = 0
    running: int = 0
    last_state: str | None = None
    last_queued_at: datetime | None = None
