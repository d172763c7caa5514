"""A page of the pane that asks the core when it is looked at."""

from collections.abc import Awaitable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from core.errors import AppError
from core.users.schemas import UserRow
from desktop.refresher import Refresher
from desktop.tabs import TabContext
from desktop.users.people.presenter import PeoplePresenter
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.marks import label


class LoadedPage(QScrollArea):
    """Fetches what it shows of a person once it is in sight, and again when that changed.

    Subclasses fetch in ``fetch`` and put widgets into ``column``, before the stretch.
    """

    def __init__(self, context: TabContext, presenter: PeoplePresenter) -> None:
        super().__init__()
        self.context, self.presenter = context, presenter
        self.row: UserRow | None = None
        self._loaded_of: int | None = None
        self._refresher = Refresher(context.tasks, self._load)
        self.error = ErrorPanel(context.theme)
        self.said = label("", "muted", wrap=True)
        self.said.hide()
        inner = QWidget()
        inner.setProperty("kind", "pane")
        inner.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(16, 14, 12, 16)
        self.column.setSpacing(10)
        self.column.addWidget(self.error)
        self.column.addWidget(self.said)
        self.column.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setWidget(inner)

    def show_person(self, row: UserRow) -> None:
        """Take note of whom it is about; another person's things leave at once."""
        if self.row is None or row.id != self.row.id:
            self._loaded_of = None
            self.error.clear()
            self.clear()
        self.row = row

    def load(self) -> None:
        """Fetch what is shown, unless it is there."""
        if self.row is not None and self._loaded_of != self.row.id:
            self._loaded_of = self.row.id
            self._refresher.ask()

    def refresh(self) -> None:
        """Fetch again what is shown."""
        if self.row is not None:
            self._refresher.ask()

    def say(self, text: str) -> None:
        """Show a sentence in place of what there is not; none when empty."""
        self.said.setText(text)
        self.said.setVisible(bool(text))

    def clear(self) -> None:
        """Take away what is shown."""
        raise NotImplementedError

    def fetch(self, row: UserRow) -> Awaitable[None]:
        """Fetch and show what belongs to a person, if it is still they who are shown."""
        raise NotImplementedError

    def is_about(self, row: UserRow) -> bool:
        """Tell whether this person is still shown."""
        return self.row is not None and self.row.id == row.id

    async def _load(self) -> None:
        row = self.row
        if row is None:
            return
        try:
            await self.fetch(row)
        except AppError as error:
            if self.is_about(row):
                self._loaded_of = None
                self.error.show_error(error)
        else:
            self.error.clear()
