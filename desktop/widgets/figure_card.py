"""A figure on a card: what it counts, how many, and a word on it."""

from PySide6.QtWidgets import QFrame, QVBoxLayout

from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.marks import label


class FigureCard(QFrame):
    """What is counted, how many, and a word on it."""

    def __init__(self, caption: str) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self._caption = caption
        self.figure = label("…", "figure")
        self.note = ElidedLabel()
        self.note.setProperty("kind", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(2)
        layout.addWidget(label(caption, "muted"))
        layout.addWidget(self.figure)
        layout.addWidget(self.note)

    def show_figure(self, figure: str, note: str = "") -> None:
        """Show a figure, and a word on it."""
        self.figure.setText(figure)
        self.note.setText(note)
        self.setAccessibleName(f"{self._caption}: {figure}")
        self.setAccessibleDescription(note)
