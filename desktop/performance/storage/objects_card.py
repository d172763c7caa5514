"""The tables and indexes on a card, with a field that narrows them by name."""

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout

from core.performance.storage.schemas import StorageObject
from core.translation import _
from desktop.figures import number
from desktop.performance.storage.objects_table import ObjectsTable
from desktop.theme import Metric, Theme
from desktop.widgets.marks import label
from desktop.widgets.search_line import SearchLine


class ObjectsCard(QFrame):
    """The parts of a file.

    Args:
        most: So many rows are in sight at the most.
    """

    def __init__(self, theme: Theme, most: int) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setAccessibleName(_("Tables and indexes"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.table = ObjectsTable(theme, most)
        self.count = label("", "muted")
        self.search = SearchLine(_("Filter by name"))
        self.search.textChanged.connect(self._narrow)
        self._lay_out()

    def show_objects(self, objects: Sequence[StorageObject]) -> None:
        """Show other parts, as far as their names are looked for."""
        self.table.show_objects(objects)
        self._tell()

    def choose(self, name: str) -> None:
        """Choose a part by its name; what is typed gives way where it hides that."""
        one = self.table.named(name)
        if one is not None and not self.table.choose_object(one):
            self.search.clear()
            self.table.choose_object(one)

    def _narrow(self, text: str) -> None:
        self.table.narrow(text)
        self._tell()

    def _tell(self) -> None:
        shown, whole = self.table.counts
        words = number(whole)
        if self.search.text().strip():
            words = _("{shown} of {whole}").format(shown=number(shown), whole=number(whole))
        self.count.setText(words)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(14, 0, 14, 0)
        head.setSpacing(Metric.GRID)
        head.addWidget(label(_("Tables and indexes"), "heading"))
        head.addWidget(self.count)
        head.addStretch(1)
        head.addWidget(self.search)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 12, 1, Metric.GRID)
        column.setSpacing(Metric.GRID)
        column.addLayout(head)
        column.addWidget(self.table)
        column.addStretch(1)
