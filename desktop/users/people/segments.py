"""A row of buttons of which one holds: which people are shown."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget


class Segments(QWidget):
    """A few words, one of them chosen.

    Args:
        choices: Name and words of each.
        name: What is chosen here, for screen readers.

    Signals:
        chosen: The person chose another; carries its name.
    """

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str]], name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for key, words in choices:
            made = QPushButton(words)
            made.setCheckable(True)
            made.setAutoDefault(False)
            made.clicked.connect(lambda _on=False, key=key: self.chosen.emit(key))
            self.buttons[key] = made
            self._group.addButton(made)
            row.addWidget(made)
        self.show_choice(choices[0][0])

    @property
    def choice(self) -> str:
        """The name of what is chosen."""
        return next(key for key, made in self.buttons.items() if made.isChecked())

    def show_choice(self, key: str) -> None:
        """Mark another one as chosen, without telling."""
        self.buttons[key].setChecked(True)
