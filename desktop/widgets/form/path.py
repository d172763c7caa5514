"""The path of a file or folder, typed or chosen."""

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton

from core.translation import _
from desktop.async_dialogs import choose_file
from desktop.tasks import TaskRunner
from desktop.widgets.form.fields import Field


class PathField(Field):
    """A line with a button that opens the system's dialog.

    Args:
        tasks: Runs the dialog.
        title: The title of the dialog.
        folder: Whether a folder is asked for.
        filter_text: Which files the dialog offers, as Qt writes it.
    """

    def __init__(
        self,
        tasks: TaskRunner,
        *,
        title: str,
        folder: bool = True,
        filter_text: str = "",
        placeholder: str = "",
    ) -> None:
        self._line = QLineEdit()
        super().__init__(self._line)
        self._tasks = tasks
        self._title = title
        self._folder = folder
        self._filter = filter_text
        self._line.setPlaceholderText(placeholder)
        self._line.textEdited.connect(self.changed)
        self.button = QPushButton(_("Browse…"))
        self.button.setAccessibleName(title)
        self.button.setAutoDefault(False)
        self.button.clicked.connect(lambda: self._tasks.run(self._browse()))
        self._fill(QHBoxLayout(self), self._line, self.button)

    def value(self) -> str:
        """Return the path as it was typed."""
        return self._line.text()

    def set_value(self, value: str) -> None:
        """Set the path."""
        self._line.setText(value)

    async def _browse(self) -> None:
        chosen = await choose_file(
            self,
            title=self._title,
            filter_text=self._filter,
            folder=self._folder,
            start=self._line.text(),
        )
        if chosen is not None:
            self._line.setText(chosen)
            self.changed.emit()
