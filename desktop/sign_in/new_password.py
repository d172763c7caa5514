"""A new password in a form: typed twice, or shown; with how good it is while it is typed."""

from collections.abc import Awaitable, Callable, Mapping

import shiboken6
from PySide6.QtWidgets import QVBoxLayout

from core.errors import AppError
from core.sign_in.schemas import PasswordReport
from core.translation import _
from desktop.sign_in.password_field import PasswordField
from desktop.sign_in.strength import Strength
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.form import Field, Form

# Takes the password and the names and addresses of its owner, which it must not be made of.
Judge = Callable[[str, Mapping[str, str]], Awaitable[PasswordReport]]

FIRST = "password"
NEW = "new"
REPEAT = "repeat"


class NewPassword:
    """Adds the fields for a new password to a form and keeps the report on it.

    Args:
        form: Gets the fields ``new``, or ``password`` for the first, and ``repeat``.
        judge: Reports on a password.
        owner: Returns names and addresses of the owner, by the names of their fields.
        first: There is no other password of this person.
    """

    def __init__(
        self,
        theme: Theme,
        tasks: TaskRunner,
        form: Form,
        judge: Judge,
        owner: Callable[[], Mapping[str, str]],
        *,
        first: bool = False,
    ) -> None:
        self._tasks, self._form, self._judge = tasks, form, judge
        self._owner = owner
        self.name = FIRST if first else NEW
        self.field = _WithStrength(theme)
        self.repeat = PasswordField(theme, reveal=False)
        form.add(self.name, _("Password") if first else _("New password"), self.field)
        form.add(
            REPEAT,
            _("Password once more") if first else _("New password once more"),
            self.repeat,
        )
        self.field.password.revealed_changed.connect(self._take_reveal)
        form.changed.connect(self._edited)

    def problems(self) -> dict[str, str]:
        """Return what is wrong without asking anybody: nothing typed, or not the same."""
        password = self.field.value()
        if not password:
            return {self.name: _("Choose a password.")}
        if not self.field.password.revealed and password != self.repeat.value():
            return {REPEAT: _("The two are not the same.")}
        return {}

    def look(self) -> None:
        """Ask for a new report; what it must not be made of may be different now."""
        password = self.field.value()
        if not password:
            self.field.strength.show_report(None)
        self._tasks.latest(self, self._report(password))

    def wipe(self) -> None:
        """Forget everything."""
        self.field.password.wipe()
        self.repeat.wipe()
        self.field.strength.show_report(None)

    async def _report(self, password: str) -> None:
        if not password:
            return
        try:
            report = await self._judge(password, self._owner())
        except AppError:
            return  # it is judged again when it is handed over, and told then
        if shiboken6.isValid(self.field) and self.field.value() == password:
            self.field.strength.show_report(report)

    def _take_reveal(self, shown: bool) -> None:
        row = self.repeat.parentWidget()
        if row is not None:
            row.setVisible(not shown)
        if shown:
            self.repeat.wipe()

    def _edited(self, name: str) -> None:
        if name == self.name:
            self.look()


class _WithStrength(Field):
    """A password with the report on it below."""

    def __init__(self, theme: Theme) -> None:
        self.password = PasswordField(theme)
        super().__init__(self.password.editor)
        self.strength = Strength(theme)
        self.password.changed.connect(self.changed)
        self._fill(QVBoxLayout(self), self.password, self.strength)

    def value(self) -> str:
        """Return the password."""
        return self.password.value()

    def set_value(self, value: str) -> None:
        """Put a password in."""
        self.password.set_value(value)
