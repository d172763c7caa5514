"""The dialog in which a person changes the own password."""

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtWidgets import QWidget

from core.translation import _
from desktop.sign_in.dialog import AccountDialog
from desktop.sign_in.new_password import NEW, Judge, NewPassword
from desktop.sign_in.password_field import PasswordField
from desktop.tasks import TaskRunner
from desktop.theme import Theme

Change = Callable[[str, str], Coroutine[Any, Any, object]]

_PRESENT = "present"


class ChangePasswordDialog(AccountDialog):
    """Asks for the present password and a new one.

    Args:
        username: What the new password must not be made of.
        judge: Reports on a password.
        change: Takes the present and the new password.
    """

    def __init__(
        self,
        parent: QWidget | None,
        theme: Theme,
        tasks: TaskRunner,
        *,
        username: str,
        judge: Judge,
        change: Change,
    ) -> None:
        intro = _("Your other sessions end when the password is changed.")
        super().__init__(parent, theme, tasks, _("Change password"), intro)
        self._change = change
        self.present = PasswordField(theme)
        self.form.add(_PRESENT, _("Present password"), self.present)
        self.passwords = NewPassword(
            theme, tasks, self.form, judge, lambda: {"username": username}
        )
        self.main_button.setText(_("Change password"))
        self.present.setFocus()

    def submit(self) -> None:
        """Hand over both passwords when they make sense."""
        problems = self.passwords.problems()
        if not self.present.value():
            problems = {_PRESENT: _("Type the present password."), **problems}
        self.form.set_errors(problems)
        if not problems and not self.busy:
            self.start(
                self._change(self.present.value(), self.form.values()[NEW]),
                lambda _nothing: self.accept(),
            )
