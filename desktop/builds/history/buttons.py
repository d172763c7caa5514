"""Buttons that stand for actions."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton


def mirror(button: QAbstractButton, action: QAction) -> None:
    """Let a button trigger an action and look as it does: enabled, checked, explained.

    The words stay the button's own; the tool tip tells why the action is not possible.
    """

    def follow() -> None:
        button.setEnabled(action.isEnabled())
        button.setToolTip(action.toolTip())
        button.setAccessibleDescription(action.statusTip())
        if button.isCheckable():
            button.setChecked(action.isChecked())

    # All of it hangs on the action, and goes with it.
    button.clicked.connect(action.trigger)
    action.triggered.connect(follow)
    action.changed.connect(follow)
    follow()
