"""The menu "People": what can be done with them, and when."""

from collections.abc import Callable
from dataclasses import dataclass

from core.translation import _
from desktop.actions import Actions, MenuName
from desktop.users.people.permits import Permits


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the table of actions; ``permit`` names the reason in ``Permits``."""

    name: str
    permit: str
    words: str
    section: str
    tip: str
    icon: str = ""
    keys: str = ""


ROW_KEYS = {"edit": ("Return", "Enter", "F2"), "delete": ("Del",)}
"""Keys that act on the table alone: elsewhere they mean something else."""


def _entries() -> tuple[_Entry, ...]:
    return (
        _Entry("new", "create", _("&New user…"), "make", _("Add a person to this workspace"),
            "user-plus", "Ctrl+Shift+U"),
        _Entry("edit", "edit", _("&Edit…"), "make", _("Change the chosen person"),
            "pencil-simple", "Ctrl+E"),
        _Entry("activate", "activate", _("&Activate"), "state",
            _("Let those chosen sign in again"), "check-circle"),
        _Entry("deactivate", "deactivate", _("&Deactivate"), "state",
            _("Let those chosen sign in no more, and end their sessions"), "prohibit"),
        _Entry("set_role", "set_role", _("Set &role…"), "state",
            _("Give all who are chosen one role"), "shield-check"),
        _Entry("add_tag", "tag", _("Add &tag…"), "state",
            _("Give all who are chosen a tag"), "tag"),
        _Entry("remove_tag", "tag", _("Re&move tag…"), "state",
            _("Take a tag from all who are chosen"), "tag-simple"),
        _Entry("delete", "delete", _("De&lete"), "bin",
            _("Put those chosen into the bin, from which they can be restored"), "trash"),
        _Entry("restore", "restore", _("Re&store"), "bin",
            _("Take those chosen out of the bin"), "arrow-counter-clockwise"),
        _Entry("erase", "erase", _("Erase for &good…"), "bin",
            _("Erase somebody in the bin with all that is known of them"), "eraser"),
        _Entry("reset_password", "reset_password", _("Reset &password…"), "sign_in",
            _("Make a temporary password, which is shown once"), "key"),
        _Entry("reset_second_factor", "reset_second_factor", _("Reset second &factor…"),
            "sign_in", _("Let somebody who lost their device sign in without a code"),
            "device-mobile"),
        _Entry("import", "bring_in", _("&Import…"), "files",
            _("Add people from a CSV or JSON file"), "upload-simple"),
        _Entry("export", "export", _("E&xport…"), "files",
            _("Write the people listed, or those chosen, into a file"), "download-simple"),
    )  # fmt: skip


def add_actions(actions: Actions, do: Callable[[str], Callable[[], object]]) -> None:
    """Make all actions of the section.

    Args:
        do: Returns what an action does, by its name.
    """
    for one in _entries():
        actions.add(
            f"user.{one.name}",
            one.words,
            do(one.name),
            menu=MenuName.PEOPLE,
            section=one.section,
            shortcut=one.keys,
            tip=one.tip,
            icon=one.icon,
        )
    actions.add("user.select_all", _("Select all &matching"), do("select_all"),
        menu=MenuName.PEOPLE, section="list", icon="checks",
        tip=_("Choose everybody whom the filters let through"))  # fmt: skip
    actions.add("user.details", _("Show detai&ls"), do("details"), menu=MenuName.PEOPLE,
        section="list", shortcut="Ctrl+I", checkable=True,
        tip=_("Show the chosen person beside the list"))  # fmt: skip


def allow_actions(actions: Actions, permits: Permits) -> None:
    """Enable what is possible now, and say of the rest why it is not."""
    for one in _entries():
        reason = permits.of(one.permit)
        actions.set_enabled(f"user.{one.name}", not reason, reason)
