"""What can be done with projects beyond building and editing them."""

from collections.abc import Callable
from dataclasses import dataclass

from core.translation import _
from desktop.actions import Actions, MenuName
from desktop.builds.projects.permits import ProjectPermits

OF_A_PROJECT = (
    "build.run",
    "build.run_with",
    "project.edit",
    "project.schedule",
    "project.duplicate",
    "project.active",
    "project.delete",
)
OF_ALL_PROJECTS = ("project.new", "project.import", "project.export")


@dataclass(frozen=True, slots=True)
class ProjectHandlers:
    """What each action does; a coroutine function is run as a task."""

    schedule: Callable[[], object]
    duplicate: Callable[[], object]
    activate: Callable[[], object]
    export: Callable[[], object]
    bring_in: Callable[[], object]


def add_project_actions(actions: Actions, do: ProjectHandlers) -> None:
    """Make the actions; those about a project stand after "Edit project"."""
    menu = MenuName.BUILD
    actions.add("project.schedule", _("Sc&hedule…"), do.schedule, menu=menu,
        section="project", shortcut="Ctrl+Shift+T", icon="calendar-blank",
        tip=_("What starts builds of the chosen project by itself"))  # fmt: skip
    actions.add("project.duplicate", _("Dup&licate project…"), do.duplicate, menu=menu,
        section="project", icon="copy",
        tip=_("Add a project with all fields of the chosen one"))  # fmt: skip
    actions.add("project.active", _("Project is &active"), do.activate, menu=menu,
        section="project", checkable=True,
        tip=_("Whether builds of the chosen project may run"))  # fmt: skip
    actions.add("project.export", _("E&xport projects…"), do.export, menu=menu,
        section="transfer", icon="export",
        tip=_("Write projects into a file, without the values of their secrets"))  # fmt: skip
    actions.add("project.import", _("&Import projects…"), do.bring_in, menu=menu,
        section="transfer", icon="download-simple",
        tip=_("Add projects from a file, after a look at what it holds"))  # fmt: skip


def allow_project_actions(actions: Actions, permits: ProjectPermits) -> None:
    """Enable what is possible now, and say of the rest why it is not."""
    for action_id, reason in (
        ("project.schedule", permits.schedule),
        ("project.duplicate", permits.duplicate),
        ("project.active", permits.activate),
        ("project.export", permits.export),
        ("project.import", permits.bring_in),
    ):
        actions.set_enabled(action_id, not reason, reason)
