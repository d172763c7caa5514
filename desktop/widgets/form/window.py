"""A form in a window of its own, from the first word typed until it is stored."""

from collections.abc import Mapping
from typing import Any

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError, ValidationError
from core.translation import _
from desktop.async_dialogs import ask_to_discard
from desktop.tasks import TaskRunner
from desktop.theme import Metric
from desktop.widgets.footer import Footer
from desktop.widgets.form.form import Form
from desktop.widgets.marks import button


class FormWindow(QDialog):
    """Stays open until what it asks for is stored or given up.

    It cannot be closed while the core works on it, so that the answer finds its place.
    Each window adds its fields to ``form`` and calls ``arrange`` then.

    Args:
        action: The words of the button that stores.
        unsaved: What is told before something typed is lost.
        size: Width and height in pixels.
        form: What takes the fields, where that is not a plain form.

    Signals:
        saved: It was stored; carries what the core returned.
        answered: The core has answered, well or not; the form can be used again.
    """

    saved = Signal(object)
    answered = Signal()

    def __init__(
        self,
        parent: QWidget | None,
        tasks: TaskRunner,
        *,
        title: str,
        action: str,
        unsaved: str,
        size: tuple[int, int],
        form: Form | None = None,
    ) -> None:
        super().__init__(parent)
        self.tasks = tasks
        self.dirty = self.busy = self._asking = False
        self._unsaved = unsaved
        self.setWindowTitle(title)
        self.resize(*size)
        self.form = Form() if form is None else form
        self.save_button = QPushButton(action)
        self.save_button.setProperty("kind", "primary")
        self.save_button.setDefault(True)
        self.save_button.clicked.connect(self.submit)
        self.cancel_button = button(_("Cancel"), self.reject)
        # Return alone makes a new line in a field of several.
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self).activated.connect(self.submit)

    def read_input(self) -> tuple[Any | None, Mapping[str, str]]:
        """Return what was typed as the core takes it, None with the problems by field."""
        raise NotImplementedError

    async def store(self, data: Any) -> Any:
        """Store what was read.

        Raises:
            AppError: The core refuses it.
        """
        raise NotImplementedError

    def explain(self, error: AppError) -> None:
        """Show why it was not stored, at the place that it is about."""
        if isinstance(error, ValidationError):
            self.show_errors(error.fields or {"": error.as_text()})
        else:
            self.show_errors({"": error.as_text()})

    def submit(self) -> None:
        """Check what was typed and store it; messages stand beside the fields."""
        if self.busy or self._asking:
            return
        data, wrong = self.read_input()
        problems = self.form.problems()
        if data is None or problems:
            self.show_errors({**wrong, **problems})
            return
        self.form.set_errors({})
        self.set_busy(True)
        self.tasks.run(self._submit(data))

    def reject(self) -> None:
        """Close, after asking when something typed would be lost; not while it saves."""
        if self.busy or self._asking:
            return
        if self.dirty:
            self._asking = True
            self.tasks.run(self._ask_to_discard())
        else:
            super().reject()

    def set_busy(self, busy: bool) -> None:
        """Take no orders while the core works."""
        self.busy = busy
        for part in (self.save_button, self.cancel_button):
            part.setDisabled(busy)

    def show_errors(self, errors: Mapping[str, str]) -> None:
        """Show messages and bring the first of them into sight."""
        self.form.set_errors(errors)
        focused = self.focusWidget()
        if self.form.error("") or focused is None:
            self.scroll_area.ensureVisible(0, 0)
        else:
            self.scroll_area.ensureWidgetVisible(focused, 50, 80)

    def arrange(
        self,
        scroll_area: QScrollArea,
        *,
        pages: QWidget | None = None,
        left: QWidget | None = None,
    ) -> None:
        """Put the window together, and follow what is typed from here on.

        Args:
            scroll_area: What the form lies in.
            pages: What the scroll area lies in, if that is not the window.
            left: A button at the left end of the row below.
        """
        self.form.changed.connect(self._note_edit)
        self.scroll_area = scroll_area
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(pages or scroll_area, 1)
        foot = Footer(self.cancel_button, self.save_button)
        if left is not None:
            foot.add_left(left)
        outer.addWidget(foot)

    def _note_edit(self, _name: str) -> None:
        self.dirty = True

    async def _submit(self, data: Any) -> None:
        try:
            stored = await self.store(data)
        except AppError as error:
            if not shiboken6.isValid(self):
                raise  # the tab has closed it; whoever takes failures tells this one
            self.explain(error)
        else:
            if shiboken6.isValid(self):
                self.dirty = False
                self.saved.emit(stored)
                self.accept()
        finally:
            if shiboken6.isValid(self):
                self.set_busy(False)
                self.answered.emit()

    async def _ask_to_discard(self) -> None:
        try:
            discard = await ask_to_discard(self, self._unsaved)
        finally:
            self._asking = False
        if discard:
            super().reject()


def scrolled(*widgets: QWidget) -> QScrollArea:
    """Return widgets below each other that can be scrolled."""
    inner = QWidget()
    layout = QVBoxLayout(inner)
    layout.setContentsMargins(20, 16, 20, 16)
    layout.setSpacing(2 * Metric.GRID)
    for widget in widgets:
        layout.addWidget(widget)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(inner)
    return area
