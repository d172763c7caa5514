"""The row of buttons at the foot of a window."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

_MARGIN = 20
_SPACING = 8


class Footer(QFrame):
    """A row with buttons at its right end, and perhaps some at its left.

    Args:
        margin: Pixels at both ends, as what stands above has them.
    """

    def __init__(self, *buttons: QWidget, margin: int = _MARGIN) -> None:
        super().__init__()
        self.setProperty("kind", "footer")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(margin, 12, margin, 12)
        self._row.setSpacing(_SPACING)
        self._row.addStretch(1)
        self._on_the_left = 0
        for one in buttons:
            self._row.addWidget(one)

    def add_left(self, widget: QWidget) -> None:
        """Put a widget at the left end, behind those that are there."""
        self._row.insertWidget(self._on_the_left, widget)
        self._on_the_left += 1
