"""What is said about projects as such: where they are, and what goes with them."""

from pathlib import Path, PurePath

from core.projects.removal.schemas import Consequences
from core.projects.schemas import ProjectRow
from core.translation import _, ngettext
from desktop.figures import number, size


def place_line(project: ProjectRow) -> str:
    """Return branch, folder and command of a project in a line."""
    command = " ⏎ ".join(line.strip() for line in project.command.strip().splitlines())
    where = at_home(project.path) or project.repository_url
    return " · ".join(part for part in (project.branch, where, command) if part)


def at_home(path: str) -> str:
    """Return a path with ``~`` for the person's own folder."""
    try:
        rest = PurePath(path).relative_to(Path.home())
    except ValueError:
        return path
    return str(PurePath("~") / rest)


def removal(project: ProjectRow, gone: Consequences) -> str:
    """Return what is gone once a project is deleted, and what stays."""
    lines = [_builds(gone), _pinned(gone), _artifacts(gone), _triggers(gone), _trees(gone)]
    told = [line for line in lines if line]
    if gone.builds or len(told) > 1:
        told.append(_("None of this can be brought back."))
    if project.path:
        told.append(_("The folder {path} is left as it is.").format(path=project.path))
    return "\n".join(told)


def _builds(gone: Consequences) -> str:
    if not gone.builds:
        return _("It has no builds.")
    if not gone.log_bytes:
        return ngettext(
            "{count} build is deleted with it.",
            "{count} builds are deleted with it.",
            gone.builds,
        ).format(count=number(gone.builds))
    return ngettext(
        "{count} build and its log ({size}) are deleted with it.",
        "{count} builds and their logs ({size}) are deleted with it.",
        gone.builds,
    ).format(count=number(gone.builds), size=size(gone.log_bytes))


def _pinned(gone: Consequences) -> str:
    if not gone.pinned:
        return ""
    return ngettext(
        "{count} of them is pinned: it goes, too.",
        "{count} of them are pinned: they go, too.",
        gone.pinned,
    ).format(count=number(gone.pinned))


def _artifacts(gone: Consequences) -> str:
    if not gone.artifacts:
        return ""
    return ngettext(
        "{count} artifact ({size}) is deleted.",
        "{count} artifacts ({size}) are deleted.",
        gone.artifacts,
    ).format(count=number(gone.artifacts), size=size(gone.artifact_bytes))


def _triggers(gone: Consequences) -> str:
    if not gone.triggers:
        return ""
    return ngettext(
        "{count} trigger goes, of this project or of one that waits for it.",
        "{count} triggers go, of this project or of those that wait for it.",
        gone.triggers,
    ).format(count=number(gone.triggers))


def _trees(gone: Consequences) -> str:
    if not gone.trees:
        return ""
    return ngettext(
        "{count} work tree that Buildbench keeps ({size}) is deleted.",
        "{count} work trees that Buildbench keeps ({size}) are deleted.",
        gone.trees,
    ).format(count=number(gone.trees), size=size(gone.tree_bytes))
