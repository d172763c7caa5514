"""Finds out what a new project may begin with, from its folder."""

from pathlib import Path

from core.errors import ValidationError
from core.projects.detection.folder import Folder
from core.projects.detection.git import origin
from core.projects.detection.schemas import Detected
from core.projects.detection.types import detect_type
from core.projects.writing import examine_folder, unreachable
from core.translation import _


def detect(text: str) -> Detected:
    """Return what a folder tells; blocks.

    Raises:
        ValidationError: It is no folder that can be read.
    """
    path, problem = examine_folder(text)
    if not path or problem:
        raise _refused(problem or _("This is needed."))
    try:
        folder = Folder(Path(path))
    except OSError as error:
        raise _refused(unreachable(error, Path(path))) from error
    kind, usual = detect_type(folder)
    url, branch = origin(folder.path)
    return Detected(
        type=kind,
        command=usual.command,
        artifact_patterns=usual.artifact_patterns,
        repository_url=url,
        branch=branch,
    )


def _refused(reason: str) -> ValidationError:
    return ValidationError(_("The folder cannot be looked at."), fields={"path": reason})
