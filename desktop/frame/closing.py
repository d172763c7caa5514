"""What happens to running builds when the window is closed: asked once, and remembered."""

from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox, QWidget

from core.translation import _, ngettext
from desktop.async_dialogs import ask

if TYPE_CHECKING:
    from core.settings import ClosePolicy


class Ending(Enum):
    """How the program goes on after the wish to close it."""

    STAY = auto()
    TRAY = auto()
    FINISH = auto()
    CANCEL = auto()


def ending_for(policy: "ClosePolicy", *, tray: bool, quitting: bool) -> Ending | None:
    """Return what was decided once and for all, None when it must be asked.

    Args:
        policy: The setting.
        tray: Whether there is a tray to go on in.
        quitting: Whether Quit was chosen: that ends the program, tray or not.
    """
    if policy.value == "ask":
        return None
    if policy.value == "tray":
        return Ending.TRAY if tray and not quitting else Ending.FINISH
    return Ending.CANCEL if policy.value == "cancel" else Ending.FINISH


async def ask_ending(parent: QWidget, running: int, *, tray: bool) -> tuple[Ending, bool]:
    """Ask what becomes of the running builds; also return whether to remember it."""
    title = ngettext(
        "{count} build is still running", "{count} builds are still running", running
    ).format(count=running)
    choices = [
        (Ending.STAY, _("Stay"), QMessageBox.ButtonRole.RejectRole),
        (
            Ending.CANCEL,
            ngettext("Cancel the build", "Cancel the builds", running),
            QMessageBox.ButtonRole.DestructiveRole,
        ),
        (Ending.TRAY, _("Keep going in the tray"), QMessageBox.ButtonRole.AcceptRole),
        (
            Ending.FINISH,
            ngettext("Let it finish alone", "Let them finish alone", running),
            QMessageBox.ButtonRole.AcceptRole,
        ),
    ]
    if not tray:
        choices = [choice for choice in choices if choice[0] is not Ending.TRAY]
    chosen, remember = await ask(
        parent,
        title=title,
        text=_consequences(running, tray=tray),
        actions=[(words, role) for _ending, words, role in choices],
        remember=_("Remember my choice (it can be changed in Settings)"),
    )
    ending = Ending.STAY if chosen is None else choices[chosen][0]
    return ending, remember and ending is not Ending.STAY


def _consequences(running: int, *, tray: bool) -> str:
    if tray:
        return ngettext(
            "It can finish without Buildbench: nothing of its log is lost, and the result is "
            "taken in when the workspace is opened again. Builds that wait are started then, "
            "or in the tray.",
            "They can finish without Buildbench: nothing of their logs is lost, and the "
            "results are taken in when the workspace is opened again. Builds that wait are "
            "started then, or in the tray.",
            running,
        )
    return ngettext(
        "It can finish without Buildbench: nothing of its log is lost, and the result is taken "
        "in when the workspace is opened again. Builds that wait are started then.",
        "They can finish without Buildbench: nothing of their logs is lost, and the results "
        "are taken in when the workspace is opened again. Builds that wait are started then.",
        running,
    )
