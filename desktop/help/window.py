"""Help → Diagnostics."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.translation import _
from desktop.help.diagnostics import Facts
from desktop.theme import FontRole, Theme
from desktop.widgets.footer import Footer
from desktop.widgets.marks import button, copy_text, label

_SIZE = (760, 560)
_MARGIN = 24


class DiagnosticsWindow(QDialog):
    """Shows the facts, copies them, and opens the folder of the log."""

    def __init__(self, theme: Theme, facts: Facts, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._facts = facts
        self.setWindowTitle(_("Diagnostics"))
        self.resize(*_SIZE)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.log.setFont(theme.font(FontRole.MONO))
        self.log.setAccessibleName(_("The end of the program's log"))
        self.log.setPlainText(facts.log or _("The log is empty."))
        pages = QTabWidget()
        pages.addTab(self._facts_page(), _("Versions and places"))
        pages.addTab(self._log_page(), _("Log"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(pages, 1)
        layout.addWidget(self._foot())
        self.copy_button.setFocus()

    def _facts_page(self) -> QScrollArea:
        body = QWidget()
        body.setProperty("kind", "pane")
        form = QFormLayout(body)
        form.setContentsMargins(_MARGIN, 20, _MARGIN, 20)
        form.setHorizontalSpacing(32)
        form.setVerticalSpacing(6)
        for name, value in (*self._facts.versions, *self._facts.places):
            form.addRow(label(name, "muted"), _selectable(value))
        scroll = QScrollArea()
        scroll.setAccessibleName(_("Versions and places"))
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        return scroll

    def _log_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addWidget(self.log)
        return page

    def _foot(self) -> Footer:
        self.copy_button = button(_("Copy all"), lambda: copy_text(self._facts.as_text()))
        self.folder_button = button(_("Open the log's folder"), self._open_folder)
        foot = Footer(button(_("Close"), self.reject, "primary"), margin=_MARGIN)
        foot.add_left(self.copy_button)
        foot.add_left(self.folder_button)
        return foot

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._facts.log_folder)))


def _selectable(text: str) -> QLabel:
    words = label(text, wrap=True)
    words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return words
