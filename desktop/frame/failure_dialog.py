"""The one dialog for bugs: says what it means, and holds the details for copying."""

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from core.translation import _, ngettext
from desktop.failures import Failures
from desktop.theme import FontRole, Role, Theme
from desktop.widgets.marks import Mark, button, copy_text, label

_SIZE = (640, 380)


class FailureDialog(QDialog):
    """Shows the report of ``Failures``; opened once, it only grows. It blocks nothing."""

    def __init__(self, theme: Theme, failures: Failures, parent: QWidget) -> None:
        super().__init__(parent)
        self._failures = failures
        self.setWindowTitle(_("Something went wrong in Buildbench"))
        self.resize(*_SIZE)
        self.count = label("", "muted")
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setFont(theme.font(FontRole.MONO))
        self.details.setAccessibleName(_("Details of the failure"))
        self._arrange(theme)
        failures.bug_found.connect(self._grow)
        self.finished.connect(lambda _result: failures.acknowledge())

    def _arrange(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(Mark(theme, "warning-circle", Role.FAILURE, 24))
        head.addWidget(label(_("Something went wrong in Buildbench"), "title"), 1)
        words = label(
            _(
                "This is a fault of the program, not of yours. Your data is safe: a change "
                "is stored whole or not at all. You can go on working; if it happens "
                "again, start Buildbench anew and report these details."
            ),
            wrap=True,
        )
        foot = QHBoxLayout()
        foot.addWidget(self.count, 1)
        self.copy_button = button(
            _("Copy details"), lambda: copy_text(self.details.toPlainText())
        )
        self.close_button = button(_("Close"), self.close, "primary")
        foot.addWidget(self.copy_button)
        foot.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(words)
        layout.addWidget(self.details, 1)
        layout.addLayout(foot)

    def _grow(self) -> None:
        count = self._failures.bug_count
        self.details.setPlainText(self._failures.report())
        self.count.setText(
            ngettext("{count} failure", "{count} failures", count).format(count=count)
        )
        if not self.isVisible():
            self.show()
            self.close_button.setFocus()
