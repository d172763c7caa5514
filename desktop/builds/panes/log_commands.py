"""What the menu "Log" offers to find and fold in the log that is shown."""

from collections.abc import Callable

from core.translation import _
from desktop.actions import Actions, MenuName
from desktop.builds.panes.log import LogPane

_IDS = (
    "build.find",
    "build.find_next",
    "build.find_previous",
    "build.next_error",
    "build.previous_error",
    "build.fold_all",
    "build.unfold_all",
)


def add_log_actions(actions: Actions, bring: Callable[[], LogPane]) -> None:
    """Make the actions.

    Args:
        bring: Brings the log to the front and returns it.
    """

    def add(
        action_id: str,
        text: str,
        deed: Callable[[LogPane], object],
        tip: str,
        *,
        shortcut: str = "",
        icon: str = "",
    ) -> None:
        section = "fold" if "fold" in action_id else "find"
        actions.add(action_id, text, lambda: deed(bring()), menu=MenuName.LOG,
            section=section, shortcut=shortcut, icon=icon, tip=tip)  # fmt: skip

    add("build.find", _("F&ind in the log…"), LogPane.open_search,
        _("Search the log of the chosen build"),
        shortcut="Ctrl+F", icon="magnifying-glass")  # fmt: skip
    add("build.find_next", _("Next &match"), lambda pane: pane.search.next(),
        _("Go to the next match in the log"), shortcut="F3")  # fmt: skip
    add("build.find_previous", _("Pre&vious match"), lambda pane: pane.search.previous(),
        _("Go to the match before in the log"), shortcut="Shift+F3")  # fmt: skip
    add("build.next_error", _("Ne&xt error"), LogPane.next_error,
        _("Go to the next error in the log"), shortcut="F8", icon="caret-down")  # fmt: skip
    add("build.previous_error", _("Previo&us error"), LogPane.previous_error,
        _("Go to the error before in the log"),
        shortcut="Shift+F8", icon="caret-up")  # fmt: skip
    add("build.fold_all", _("Fold all &groups"), lambda pane: pane.log.fold_all(),
        _("Leave only the headings of the groups in the log"))  # fmt: skip
    add("build.unfold_all", _("Unf&old all groups"), lambda pane: pane.log.unfold_all(),
        _("Show the lines of all groups in the log"))  # fmt: skip


def allow_log_actions(actions: Actions, refusal: str) -> None:
    """Enable them, or say why there is no log."""
    for action_id in _IDS:
        actions.set_enabled(action_id, not refusal, refusal)
