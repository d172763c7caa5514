"""The row of buttons at the foot of a window."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget


def footer(*buttons: QWidget, left: QWidget | None = None) -> QFrame:
    """Return a row with buttons at its right end, and perhaps one at its left."""
    made = QFrame()
    made.setProperty("kind", "footer")
    row = QHBoxLayout(made)
    row.setContentsMargins(20, 12, 20, 12)
    if left is not None:
        row.addWidget(left)
    row.addStretch(1)
    for one in buttons:
        row.addWidget(one)
    return made
