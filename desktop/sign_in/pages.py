"""The pages on the way into a workspace: first start, sign-in, code, and a new password."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit

from core.sign_in.schemas import FirstAdministrator
from core.translation import _
from desktop.sign_in.new_password import FIRST, NEW, Judge, NewPassword
from desktop.sign_in.page import CardPage
from desktop.sign_in.password_field import PasswordField
from desktop.tasks import TaskRunner
from desktop.theme import FontRole, Theme
from desktop.widgets.form import LineField
from desktop.widgets.marks import button, label, separator

_DIGITS = 6
_NAME, _DISPLAY, _EMAIL, _CODE = "username", "display_name", "email", "code"


class FirstStartPage(CardPage):
    """Makes the first administrator of a workspace, or leaves it open on this computer.

    Signals:
        open_here_wanted: No sign-in on this computer.
    """

    open_here_wanted = Signal()

    def __init__(
        self, theme: Theme, tasks: TaskRunner, workspace: str, username: str, judge: Judge
    ) -> None:
        super().__init__(
            theme,
            workspace,
            _("Make the administrator"),
            _(
                "You are the first one here. The administrator may do everything, and invites"
                " the others."
            ),
        )
        form = self.form
        form.add(_NAME, _("Name for signing in"), LineField())
        form.add(_DISPLAY, _("Display name"), LineField(), beside=True)
        form.add(_EMAIL, _("E-mail (optional)"), LineField())
        self.passwords = NewPassword(theme, tasks, form, judge, self._owner, first=True)
        form.set_values({_NAME: username, _DISPLAY: username})
        self.main_button.setText(_("Make the administrator"))
        self.leave_button.setText(_("Choose another workspace"))
        self.open_here = button(
            _("Open on this computer without sign-in instead"), self.open_here_wanted.emit
        )
        self.consequence = label(
            _("Whoever uses your account on this computer is the administrator then. On"
              " another computer the workspace still asks who is there. You can change this"
              " at any time."),
            "muted",
            wrap=True,
        )  # fmt: skip
        self.column.addSpacing(4)
        self.column.addWidget(separator())
        self.column.addWidget(self.open_here)
        self.column.addWidget(self.consequence)
        form.changed.connect(self._edited)
        self.connect_lines()

    def input(self) -> FirstAdministrator | None:
        """Return what was typed; None when something is wrong, which is shown."""
        values = self.form.values()
        problems = self.passwords.problems()
        if not values[_NAME].strip():
            problems = {_NAME: _("Choose a name."), **problems}
        self.form.set_errors(problems)
        if problems:
            return None
        return FirstAdministrator(
            username=values[_NAME],
            display_name=values[_DISPLAY] or values[_NAME],
            password=values[FIRST],
            email=values[_EMAIL],
        )

    def set_busy(self, busy: bool) -> None:
        """Take no input while an answer is awaited."""
        super().set_busy(busy)
        self.open_here.setEnabled(not busy)

    def focus_main(self) -> None:
        """Begin with the name: it is a proposal only."""
        line = self.form.field(_NAME).editor
        assert isinstance(line, QLineEdit)
        line.setFocus(Qt.FocusReason.OtherFocusReason)
        line.selectAll()

    def _owner(self) -> dict[str, str]:
        values = self.form.values()
        return {name: values[name] for name in (_NAME, _DISPLAY, _EMAIL)}

    def _edited(self, name: str) -> None:
        if name in (_NAME, _DISPLAY, _EMAIL):
            self.passwords.look()


class SignInPage(CardPage):
    """Asks for name and password."""

    def __init__(self, theme: Theme, workspace: str, *, no_remember: str = "") -> None:
        super().__init__(theme, workspace, _("Sign in"))
        self.form.add(_NAME, _("Name"), LineField())
        self.password = PasswordField(theme)
        self.form.add(FIRST, _("Password"), self.password)
        self.remember = QCheckBox(_("Remember me on this computer"))
        self.remember.setEnabled(not no_remember)
        self.remember_hint = label(no_remember, "muted", wrap=True)
        self.remember_hint.setContentsMargins(24, 0, 0, 0)
        if no_remember:
            self.remember.setAccessibleDescription(no_remember)
        else:
            self.remember_hint.hide()
        place = self.column.indexOf(self.form) + 1
        self.column.insertWidget(place, self.remember)
        self.column.insertWidget(place + 1, self.remember_hint)
        self.main_button.setText(_("Sign in"))
        self.leave_button.setText(_("Choose another workspace"))
        self.connect_lines()

    def input(self) -> tuple[str, str, bool] | None:
        """Return name, password and whether to remember; None when something is missing."""
        values = self.form.values()
        missing = {}
        if not values[_NAME].strip():
            missing[_NAME] = _("Type your name.")
        if not values[FIRST]:
            missing[FIRST] = _("Type your password.")
        self.form.set_errors(missing)
        if missing:
            return None
        return values[_NAME], values[FIRST], self.remember.isChecked()

    def fill_name(self, username: str) -> None:
        """Put in the name of who was here before."""
        self.form.set_values({_NAME: username})


class CodePage(CardPage):
    """Asks for the code of the second step, or for a recovery code."""

    def __init__(self, theme: Theme, workspace: str) -> None:
        super().__init__(theme, workspace, _("Second step"))
        self._recovery = False
        self.form.add(_CODE, _("Code"), LineField(longest=40))
        line = self.form.field(_CODE).editor
        assert isinstance(line, QLineEdit)
        self.line = line
        font = theme.font(FontRole.MONO)
        font.setPixelSize(15)
        self.line.setFont(font)
        self.line.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData)
        self.line.textEdited.connect(self._typed)
        self.other_button = button("", self._other, "link")
        self.column.addWidget(self.other_button)
        self.main_button.setText(_("Go on"))
        self.leave_button.setText(_("Back to sign-in"))
        self.connect_lines()
        self._explain()

    def input(self) -> str | None:
        """Return the code; None when there is none, which is shown."""
        code = "".join(self.line.text().split())
        ready = bool(code) if self._recovery else len(code) == _DIGITS and code.isdecimal()
        if ready:
            return code
        wrong = _("Type the six digits.") if not self._recovery else _("Type the code.")
        self.form.set_errors({_CODE: wrong})
        return None

    def wipe(self) -> None:
        """Forget the code."""
        self.line.setText("")

    def _typed(self, text: str) -> None:
        if not self._recovery and len("".join(text.split())) == _DIGITS:
            self.submit()

    def _other(self) -> None:
        self._recovery = not self._recovery
        self.wipe()
        self.form.set_errors({})
        self._explain()
        self.focus_main()

    def _explain(self) -> None:
        if self._recovery:
            intro = _("Type one of the recovery codes that you kept. Each works once.")
            name, other = _("Recovery code"), _("Use the app instead")
        else:
            intro = _("Type the six digits that your authenticator app shows now.")
            name, other = _("Code of six digits"), _("Use a recovery code instead")
        self.intro.setText(intro)
        self.intro.show()
        self.line.setAccessibleName(name)
        self.other_button.setText(other)


class MustChangePage(CardPage):
    """Asks for a new password before anything else is let through."""

    def __init__(
        self, theme: Theme, tasks: TaskRunner, workspace: str, username: str, judge: Judge
    ) -> None:
        super().__init__(
            theme,
            workspace,
            _("Choose a new password"),
            _("An administrator gave you the present one. From now on it is yours alone."),
        )
        self.present = PasswordField(theme)
        self.form.add("present", _("Present password"), self.present)
        self.passwords = NewPassword(
            theme, tasks, self.form, judge, lambda: {"username": username}
        )
        self.main_button.setText(_("Change the password"))
        self.leave_button.setText(_("Sign out"))
        self.connect_lines()

    def input(self) -> tuple[str, str] | None:
        """Return the present and the new password; None when something is wrong."""
        values = self.form.values()
        problems = self.passwords.problems()
        if not values["present"]:
            problems = {"present": _("Type the present password."), **problems}
        self.form.set_errors(problems)
        return None if problems else (values["present"], values[NEW])
