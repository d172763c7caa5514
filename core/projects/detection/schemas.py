"""What is found out about a folder."""

from dataclasses import dataclass

from core.projects.schemas import ProjectType


@dataclass(frozen=True, slots=True)
class Detected:
    """What a new project may begin with, as its folder tells.

    ``type`` is generic, and ``command`` empty, where nothing is known. ``repository_url`` and
    ``branch`` are those of the work tree that the folder is; empty without one, and without a
    remote or on no branch.
    """

    type: ProjectType
    command: str
    artifact_patterns: tuple[str, ...]
    repository_url: str
    branch: str
