"""The page of the frame itself that stands there first: starting."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.translation import _
from desktop.widgets.elided_label import ElidedLabel


class StartingPage(QWidget):
    """What stands in the window until the core can be called; made of text alone."""

    def __init__(self) -> None:
        super().__init__()
        self.words = ElidedLabel(_("Starting…"))
        self.words.setProperty("kind", "muted")
        layout = QVBoxLayout(self)
        layout.addWidget(self.words, 0, Qt.AlignmentFlag.AlignCenter)

    def say(self, text: str) -> None:
        """Say what is being waited for."""
        self.words.setText(text)
