"""What the transfer of projects takes and tells."""

from dataclasses import dataclass
from enum import StrEnum

from core.projects.schemas import ProjectCreate
from core.triggers.schemas import TriggerCreate

FORMAT = "buildbench projects"
VERSION = 1


class Existing(StrEnum):
    """What becomes of an entry whose name a project of the workspace has already."""

    SKIP = "skip"
    RENAME = "rename"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class EntryProblem:
    """What is wrong with a field of an entry; ``field`` is empty where it is all of it."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class PlannedTrigger:
    """A trigger of an entry; ``source`` is the name of the project that it waits for."""

    data: TriggerCreate
    source: str = ""


@dataclass(frozen=True, slots=True)
class PlannedProject:
    """An entry of a file.

    ``place`` counts from 1. ``data`` is None where it cannot be imported; ``problems`` say
    why. ``exists`` tells whether the workspace has a project of this name; ``unknown`` names
    what was not understood and is left out; ``secret_names`` are the secrets whose values
    have to be entered again. ``folder_problem`` is what is wrong with the path alone: the
    folder is looked at when somebody edits the project, not because a file names it.
    """

    place: int
    name: str
    data: ProjectCreate | None
    exists: bool
    triggers: tuple[PlannedTrigger, ...] = ()
    secret_names: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    problems: tuple[EntryProblem, ...] = ()
    folder_problem: str = ""


@dataclass(frozen=True, slots=True)
class ProjectImportPlan:
    """What a file of projects holds; ``source`` is the name of the file."""

    source: str
    version: int
    projects: tuple[PlannedProject, ...]
    unknown: tuple[str, ...] = ()

    @property
    def importable(self) -> tuple[PlannedProject, ...]:
        """The entries that can be imported."""
        return tuple(one for one in self.projects if one.data is not None)


@dataclass(frozen=True, slots=True)
class ImportedProject:
    """What became of an entry that was imported; ``name`` is the one that it has now."""

    place: int
    project_id: int
    name: str
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class ProjectImportReport:
    """What an import did.

    ``notices`` tell in words what was left out, such as triggers whose source is missing.
    """

    created: tuple[ImportedProject, ...]
    replaced: tuple[ImportedProject, ...]
    skipped: tuple[str, ...]
    triggers: int
    notices: tuple[str, ...] = ()
