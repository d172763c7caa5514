"""A card with a heading, a sentence on what is seen, and a table or why there is none."""

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from desktop.theme import Metric, Theme
from desktop.widgets.figure_table import FigureTable
from desktop.widgets.marks import label
from desktop.widgets.paged_table import Column

R = TypeVar("R")


class TableCard(QFrame, Generic[R]):
    """A table on a card.

    Args:
        explanation: What the rows are, in a sentence.
        empty: What is said while there are none.
        most: So many rows are in sight at the most.

    Attributes:
        head: Takes what stands at the right of the heading.
    """

    def __init__(
        self,
        theme: Theme,
        title: str,
        columns: Sequence[Column[R]],
        *,
        key: Callable[[R], Hashable],
        explanation: str = "",
        empty: str = "",
        most: int | None = 8,
    ) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setAccessibleName(title)
        self.setAccessibleDescription(explanation)
        self.table = FigureTable(theme, columns, name=title, key=key, most=most)
        self.empty = label(empty, "muted", wrap=True)
        self.empty.setContentsMargins(14, 2, 14, 8)
        self.head = QHBoxLayout()
        self.head.setSpacing(Metric.GRID)
        self.head.setContentsMargins(14, 0, 14, 0)
        self.head.addWidget(label(title, "heading"))
        self.head.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 12, 1, Metric.GRID)
        layout.setSpacing(6)
        layout.addLayout(self.head)
        if explanation:
            words = label(explanation, "muted", wrap=True)
            words.setContentsMargins(14, 0, 14, 0)
            layout.addWidget(words)
        layout.addWidget(self.empty)
        layout.addWidget(self.table, 1 if most is None else 0)
        if most is not None:
            layout.addStretch(1)
        self.table.hide()

    def show_rows(self, rows: Sequence[R]) -> None:
        """Show other rows, or that there are none."""
        self.table.show_rows(rows)
        self.table.setVisible(bool(rows))
        self.empty.setVisible(not rows)
