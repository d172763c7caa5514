"""The first password of a person, judged by the rules of the workspace as one types."""

from collections.abc import Awaitable, Callable

import shiboken6

from core.errors import AppError
from core.sign_in.schemas import PasswordReport
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.form import PasswordField

Judge = Callable[[str], Awaitable[PasswordReport]]
_NOTHING_YET = PasswordReport(valid=True, score=0, issues=())


class JudgedPasswordField(PasswordField):
    """Shows the last report that came; whether a password is taken is for the core to say.

    Args:
        judge: Reports on a password.
    """

    def __init__(self, theme: Theme, tasks: TaskRunner, judge: Judge) -> None:
        self._tasks, self._judge_it = tasks, judge
        self.last = _NOTHING_YET
        super().__init__(theme, lambda _password: self.last)
        self.changed.connect(self.look)

    def look(self) -> None:
        """Ask for a new report; what it must not be made of may be different now."""
        self._tasks.latest(self, self._ask(self.value()))

    def problem(self) -> str:
        """Find nothing wrong: the report is one of a moment ago."""
        return ""

    async def _ask(self, password: str) -> None:
        if not password:
            return
        try:
            report = await self._judge_it(password)
        except AppError:
            return  # it is judged again when it is handed over, and told then
        if shiboken6.isValid(self) and self.value() == password:
            self.last = report
            self._judge()
