"""The button in the corner of the tab row: who is here, and the menu about it."""

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QMenu, QToolButton

from core.security.actors import Role as PersonRole
from core.translation import _
from desktop.theme import Metric, Theme
from desktop.widgets.tips import plain_tip

_LONGEST = 24


class AccountButton(QToolButton):
    """Shows a name and opens the menu of the account."""

    def __init__(self, theme: Theme, menu: QMenu) -> None:
        super().__init__()
        self.setIcon(theme.icon("user-circle"))
        self.setIconSize(QSize(Metric.ICON + 2, Metric.ICON + 2))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMenu(menu)
        self.hide()

    def show_person(self, name: str, role: PersonRole | None, *, here: bool) -> None:
        """Show who is here; ``here`` when nobody signed in on this computer."""
        shown = _("This computer") if here else name
        if len(shown) > _LONGEST:
            shown = shown[: _LONGEST - 1] + "…"
        self.setText(shown.replace("&", "&&"))
        words = name if role is None else f"{name} · {role_words(role)}"
        if here:
            words = _("Open on this computer without sign-in, as {person}").format(person=words)
        self.setToolTip(plain_tip(words))
        self.setAccessibleName(_("Account: {person}").format(person=words))
        self.show()

    def open_menu(self) -> None:
        """Open the menu below the button, its first entry chosen."""
        menu = self.menu()
        corner = self.mapToGlobal(self.rect().bottomRight())
        menu.popup(corner - QPoint(menu.sizeHint().width(), 0))
        menu.setActiveAction(menu.actions()[0])


def role_words(role: PersonRole) -> str:
    """Return what a role is called."""
    return {
        PersonRole.VIEWER: _("viewer"),
        PersonRole.OPERATOR: _("operator"),
        PersonRole.ADMINISTRATOR: _("administrator"),
    }[role]
