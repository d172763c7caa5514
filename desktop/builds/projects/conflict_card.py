"""The card that tells that somebody else changed what is being edited."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from core.errors import AppError
from core.translation import _
from desktop.theme import Metric
from desktop.widgets.marks import label


class ConflictCard(QFrame):
    """What happened, and the two ways on; nothing typed is lost before one is chosen.

    Signals:
        keep_mine: What was typed goes over what is stored.
        take_theirs: What is stored takes the place of what was typed.
    """

    keep_mine = Signal()
    take_theirs = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self._title = label("", "heading", wrap=True)
        self._text = label("", "warning", wrap=True)
        self.mine_button = QPushButton(_("Save mine over it"))
        self.theirs_button = QPushButton(_("Show what is stored"))
        self.mine_button.clicked.connect(self.keep_mine)
        self.theirs_button.clicked.connect(self.take_theirs)
        buttons = QHBoxLayout()
        for button in (self.theirs_button, self.mine_button):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(Metric.GRID)
        layout.addWidget(self._title)
        layout.addWidget(self._text)
        layout.addLayout(buttons)
        self.hide()

    def explain(self, error: AppError) -> None:
        """Show what happened."""
        self._title.setText(error.title)
        consequence = _(
            "Save mine over it: what the other person changed is lost."
            " Show what is stored: what you typed here is lost."
        )
        self._text.setText("\n".join(part for part in (error.detail, consequence) if part))
        self.show()
        self.mine_button.setFocus()
