"""The card that says what a database of another program is here."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from core.translation import _
from core.workspaces.schemas import WorkspaceInfo
from desktop.theme import Role, Theme
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.marks import Mark, label


class PlainCard(QFrame):
    """Where the file lies, what reads it, and that nothing in it was touched."""

    def __init__(self, theme: Theme, info: WorkspaceInfo) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setAccessibleName(info.name)
        path = ElidedLabel(str(info.path), Qt.TextElideMode.ElideMiddle)
        path.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        head = QHBoxLayout()
        head.setSpacing(10)
        name = ElidedLabel(info.name)
        name.setProperty("kind", "title")
        head.addWidget(name)
        head.addWidget(path, 1)
        read_with = _("Read with SQLite {version}").format(version=info.sqlite_version)
        head.addWidget(label(read_with, "muted"))
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addLayout(head)
        words.addWidget(label(_explanation(), "muted", wrap=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(14)
        row.addWidget(Mark(theme, "database", Role.ACCENT, 28), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)


def _explanation() -> str:
    return _(
        "This is a SQLite database of another program. It is only read, unless you have "
        "something done on the pages of maintenance and recommendations; what is measured is "
        "kept in your own data folder. Projects and builds are kept in "
        "Buildbench's own workspaces: use File → New workspace to make one."
    )
