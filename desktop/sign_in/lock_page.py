"""What is shown while the window is locked: nothing of the workspace but its name."""

from PySide6.QtCore import Signal

from core.translation import _
from desktop.sign_in.page import CardPage
from desktop.sign_in.password_field import PasswordField
from desktop.theme import Role, Theme
from desktop.widgets.marks import button

_FIELD = "password"


class LockPage(CardPage):
    """Asks who locked the window for the password again.

    Signals:
        sign_out_wanted: Somebody else wants in, and knows what is lost by it.
    """

    sign_out_wanted = Signal()

    def __init__(self, theme: Theme, workspace: str, user: str) -> None:
        super().__init__(
            theme,
            workspace,
            _("Locked"),
            _("{user} is signed in. Builds go on meanwhile.").format(user=user),
        )
        self._user = user
        self.password = PasswordField(theme)
        self.form.add(_FIELD, _("Password"), self.password)
        self.main_button.setText(_("Unlock"))
        self.leave_button.setText(_("Sign in as somebody else"))
        self.leave_wanted.connect(self._warn)
        self.sign_out_button = button(_("Sign out"), self.sign_out_wanted.emit, "danger")
        self.sign_out_button.hide()
        self.column.addWidget(self.sign_out_button)
        self.connect_lines()

    def input(self) -> str | None:
        """Return the password; None when there is none, which is shown."""
        password = self.password.value()
        if password:
            return password
        self.form.set_errors({_FIELD: _("Type your password.")})
        return None

    def set_busy(self, busy: bool) -> None:
        """Take no input while an answer is awaited."""
        super().set_busy(busy)
        self.leave_button.setEnabled(not busy)
        self.sign_out_button.setEnabled(not busy)

    def _warn(self) -> None:
        self.say(
            _("This signs {user} out. What {user} typed and did not save is lost; builds go"
              " on.").format(user=self._user),
            Role.WARNING,
        )  # fmt: skip
        self.leave_button.hide()
        self.sign_out_button.show()
        self.sign_out_button.setFocus()
