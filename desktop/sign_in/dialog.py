"""What the dialogs about an account have in common: fields, a message, two buttons."""

from collections.abc import Callable, Coroutine
from typing import Any

import shiboken6
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QVBoxLayout, QWidget

from core.errors import AppError, ValidationError
from core.translation import _
from desktop.sign_in.message import Message
from desktop.sign_in.password_field import PasswordField
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.footer import Footer
from desktop.widgets.form import Form
from desktop.widgets.marks import button, label

_MARGIN = 24


class AccountDialog(QDialog):
    """Holds a form; it cannot be closed while an answer is awaited.

    Args:
        title: Of the window.
        intro: What is to be known before; may be empty.
        size: Width and height in pixels.
    """

    def __init__(
        self,
        parent: QWidget | None,
        theme: Theme,
        tasks: TaskRunner,
        title: str,
        intro: str = "",
        size: tuple[int, int] = (480, 420),
    ) -> None:
        super().__init__(parent)
        self.theme, self.tasks = theme, tasks
        self.busy = False
        self.setWindowTitle(title)
        self.resize(*size)
        self.intro = label(intro, wrap=True)
        if not intro:
            self.intro.hide()
        self.message = Message(theme)
        self.form = Form()
        self.main_button = button("", self.submit, "primary")
        self.main_button.setDefault(True)
        self.close_button = button(_("Cancel"), self.reject)
        self.form.changed.connect(lambda _name: self.message.say(""))
        self.foot = Footer(self.close_button, self.main_button, margin=_MARGIN)
        self._arrange()
        self.finished.connect(lambda _result: self.wipe())

    def submit(self) -> None:
        """Do what the main button says; each dialog says what."""
        raise NotImplementedError

    def reject(self) -> None:
        """Close, but not while an answer is awaited."""
        if not self.busy:
            super().reject()

    def wipe(self) -> None:
        """Forget all passwords that were typed."""
        for field in self.findChildren(PasswordField):
            field.wipe()

    def start(
        self, call: Coroutine[Any, Any, Any], then: Callable[[Any], object] | None = None
    ) -> None:
        """Await a call; its answer goes to ``then``, its error is shown in place."""
        self.message.say("")
        self.set_busy(True)
        self.tasks.run(self._await(call, then))

    def set_busy(self, busy: bool) -> None:
        """Take no input while an answer is awaited."""
        self.busy = busy
        self.main_button.setEnabled(not busy)
        self.form.setEnabled(not busy)

    def show_failure(self, error: AppError) -> None:
        """Show an error beside the fields that it is about, or over them."""
        if isinstance(error, ValidationError):
            known = self.form.values()
            self.form.set_errors({k: v for k, v in error.fields.items() if k in known})
            others = [text for name, text in error.fields.items() if name not in known]
            self.message.say("\n".join(others))
        else:
            self.message.tell(error)

    async def _await(
        self, call: Coroutine[Any, Any, Any], then: Callable[[Any], object] | None
    ) -> None:
        try:
            answer = await call
        except AppError as error:
            if not shiboken6.isValid(self):
                raise
            self.set_busy(False)
            self.show_failure(error)
            return
        if shiboken6.isValid(self):
            self.set_busy(False)
            if then is not None:
                then(answer)

    def _arrange(self) -> None:
        body = QWidget()
        self.column = QVBoxLayout(body)
        self.column.setContentsMargins(_MARGIN, 20, _MARGIN, 20)
        self.column.setSpacing(14)
        self.column.addWidget(self.intro)
        self.column.addWidget(self.message)
        self.column.addWidget(self.form)
        self.column.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(scroll, 1)
        layout.addWidget(self.foot)
