"""The menus "Build" and "Log": what can be done with projects and builds, and when."""

from collections.abc import Callable
from dataclasses import dataclass

from core.translation import _
from desktop.actions import Actions, MenuName
from desktop.builds.permits import Permits


@dataclass(frozen=True, slots=True)
class Handlers:
    """What each action does; a coroutine function is run as a task."""

    run: Callable[[], object]
    run_with: Callable[[], object]
    retry: Callable[[], object]
    note: Callable[[], object]
    pin: Callable[[], object]
    cancel: Callable[[], object]
    queue: Callable[[], object]
    statistics: Callable[[], object]
    new: Callable[[], object]
    edit: Callable[[], object]
    delete: Callable[[], object]
    save_log: Callable[[], object]
    log_start: Callable[[], object]
    log_end: Callable[[], object]
    follow: Callable[[], object]


def add_actions(actions: Actions, do: Handlers) -> None:
    """Make all actions of the tab."""
    menu, log = MenuName.BUILD, MenuName.LOG
    actions.add("build.run", _("&Run build"), do.run, menu=menu, section="build",
        shortcut="Ctrl+R", icon="play", tip=_("Run a build of the chosen project"))  # fmt: skip
    actions.add("build.run_with", _("Run build &with…"), do.run_with, menu=menu,
        section="build", shortcut="Ctrl+Shift+R", icon="sliders-horizontal",
        tip=_("Choose branch, type, variables and priority of one build"))  # fmt: skip
    actions.add("build.retry", _("Re&try build"), do.retry, menu=menu, section="build",
        shortcut="Ctrl+Alt+R", icon="arrow-clockwise",
        tip=_("Run once more what the chosen build ran"))  # fmt: skip
    actions.add("build.cancel", _("&Cancel build"), do.cancel, menu=menu, section="build",
        shortcut="Ctrl+.", icon="stop",
        tip=_("End the chosen build and everything it started"))  # fmt: skip
    actions.add("build.note", _("N&ote…"), do.note, menu=menu, section="about",
        icon="note-pencil", tip=_("Keep a few words with the chosen build"))  # fmt: skip
    actions.add("build.pin", _("&Pin"), do.pin, menu=menu, section="about", checkable=True,
        icon="push-pin",
        tip=_("Keep log and artifacts of the chosen build for ever"))  # fmt: skip
    actions.add("builds.queue", _("&Queue"), do.queue, menu=menu, section="queue",
        shortcut="Ctrl+Shift+Q", icon="queue",
        tip=_("Show what runs and what waits, of all projects"))  # fmt: skip
    actions.add("builds.statistics", _("&Statistics"), do.statistics, menu=menu,
        section="queue", shortcut="Ctrl+Shift+I", icon="chart-line-up",
        tip=_("Show what came of the builds over days and months"))  # fmt: skip
    # Ctrl+N makes a new workspace.
    actions.add("project.new", _("&New project…"), do.new, menu=menu, section="project",
        shortcut="Ctrl+Shift+N", icon="plus",
        tip=_("Add the folder of something you build"))  # fmt: skip
    actions.add("project.edit", _("&Edit project…"), do.edit, menu=menu, section="project",
        shortcut="Ctrl+E", icon="pencil-simple",
        tip=_("Change the chosen project"))  # fmt: skip
    actions.add("project.delete", _("&Delete project…"), do.delete, menu=menu,
        section="project", shortcut="Del", icon="trash",
        tip=_("Delete the chosen project and its builds"))  # fmt: skip
    actions.add("build.save_log", _("&Save log…"), do.save_log, menu=log, section="log",
        shortcut="Ctrl+S", icon="download-simple",
        tip=_("Write the whole log of the chosen build into a file"))  # fmt: skip
    actions.add("build.log_start", _("Go to the s&tart of the log"), do.log_start, menu=log,
        section="log", shortcut="Ctrl+Home", icon="arrow-line-up")  # fmt: skip
    actions.add("build.log_end", _("Go to the e&nd of the log"), do.log_end, menu=log,
        section="log", shortcut="Ctrl+End", icon="arrow-line-down")  # fmt: skip
    actions.add("build.follow", _("&Follow the log"), do.follow, menu=log, section="log",
        shortcut="Ctrl+Shift+F", checkable=True,
        tip=_("Stay at the end of the log while it grows"))  # fmt: skip


def allow_actions(actions: Actions, permits: Permits) -> None:
    """Enable what is possible now, and say of the rest why it is not."""
    for action_id, reason in (
        ("build.run", permits.run),
        ("build.run_with", permits.run),
        ("build.retry", permits.retry),
        ("build.note", permits.annotate),
        ("build.pin", permits.annotate),
        ("build.cancel", permits.cancel),
        ("project.new", permits.create),
        ("project.edit", permits.edit),
        ("project.delete", permits.delete),
        ("build.save_log", permits.save),
        ("build.log_start", permits.save),
        ("build.log_end", permits.save),
        ("build.follow", permits.save),
    ):
        actions.set_enabled(action_id, not reason, reason)
