"""Help → About: version, licence, and the libraries that Buildbench stands on."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core import paths
from core.translation import _
from core.version import VERSION
from desktop.help.diagnostics import LIBRARIES, licence_of, version_of
from desktop.theme import Theme
from desktop.widgets.marks import button, label

_SIZE = (560, 540)
_LOGO = 64


class AboutWindow(QDialog):
    """Shows what Buildbench is and under which terms."""

    def __init__(self, _theme: Theme, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("About Buildbench"))
        self.resize(*_SIZE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(14)
        layout.addLayout(self._head())
        layout.addWidget(label(_("It stands on the work of many others:"), "muted"))
        layout.addWidget(self._libraries(), 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(button(_("Close"), self.reject, "primary"))
        layout.addLayout(foot)

    def _head(self) -> QHBoxLayout:
        logo = QLabel()
        icon = QIcon(str(paths.resource("icons", "buildbench.svg")))
        logo.setPixmap(icon.pixmap(QSize(_LOGO, _LOGO)))
        self.version = label(_("Version {version}").format(version=VERSION), "muted")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label("Buildbench", "figure"))
        words.addWidget(self.version)
        words.addWidget(
            label(_("Free software under the MIT licence, without any warranty."), "muted")
        )
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(logo)
        row.addLayout(words, 1)
        return row

    def _libraries(self) -> QScrollArea:
        body = QFrame()
        body.setProperty("kind", "card")
        grid = QGridLayout(body)
        grid.setContentsMargins(16, 12, 16, 12)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(2, 1)
        for line, name in enumerate(LIBRARIES):
            grid.addWidget(label(name), line, 0)
            grid.addWidget(label(version_of(name), "muted"), line, 1)
            grid.addWidget(label(licence_of(name), "muted", wrap=True), line, 2)
        scroll = QScrollArea()
        scroll.setAccessibleName(_("Libraries and their licences"))
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        return scroll
