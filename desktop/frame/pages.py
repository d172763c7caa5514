"""The pages of the frame itself: starting, and a plain database."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.translation import _
from core.workspaces.schemas import WorkspaceInfo, WorkspaceStatus
from desktop import figures
from desktop.theme import Role, Theme
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.marks import Mark, label, separator

_CARD_WIDTH = 560


class StartingPage(QWidget):
    """What stands in the window until the core can be called; made of text alone."""

    def __init__(self) -> None:
        super().__init__()
        self.words = label(_("Starting…"), "muted")
        layout = QVBoxLayout(self)
        layout.addWidget(self.words, 0, Qt.AlignmentFlag.AlignCenter)

    def say(self, text: str) -> None:
        """Say what is being waited for."""
        self.words.setText(text)


class PlainPage(QWidget):
    """The facts about a database that is not Buildbench's own."""

    def __init__(self, theme: Theme, info: WorkspaceInfo) -> None:
        super().__init__()
        self._size = _fact("…")
        card = QFrame()
        card.setProperty("kind", "card")
        card.setFixedWidth(_CARD_WIDTH)
        layout = QVBoxLayout(card)
        layout.setContentsMargins(28, 24, 28, 24)
        layout.setSpacing(12)
        layout.addWidget(Mark(theme, "database", Role.ACCENT, 28))
        layout.addWidget(label(info.name, "title"))
        layout.addWidget(label(_explanation(), wrap=True))
        layout.addWidget(separator())
        layout.addLayout(self._facts(info))
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        # An alignment would lose the height that the wrapped words need.
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card)
        row.addStretch(1)
        outer.addLayout(row)
        outer.addStretch(3)

    def show_status(self, status: WorkspaceStatus) -> None:
        """Show the sizes as asked last."""
        self._size.setText(
            _("{size} ({bytes} bytes)").format(
                size=figures.size(status.database_bytes),
                bytes=figures.number(status.database_bytes),
            )
        )

    def _facts(self, info: WorkspaceInfo) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        facts = (
            (_("File"), _fact(str(info.path))),
            (_("Size"), self._size),
            (_("Read with"), _fact(f"SQLite {info.sqlite_version}")),
        )
        for line, (name, value) in enumerate(facts):
            grid.addWidget(label(name, "muted"), line, 0)
            grid.addWidget(value, line, 1)
        return grid


def _explanation() -> str:
    return _(
        "This is a SQLite database of another program. It is open for reading and nothing "
        "in it was touched. Projects and builds are kept in Buildbench's own workspaces: "
        "use File → New workspace to make one."
    )


def _fact(text: str) -> QLabel:
    fact = ElidedLabel(text, Qt.TextElideMode.ElideMiddle)
    fact.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return fact
