"""The problems that a check found, in words, to be read and copied."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from core.translation import _
from desktop.theme import FontRole, Metric, Theme
from desktop.widgets.marks import button, copy_text, label

_LINES = 6
_LONGEST = 2_000


class Findings(QWidget):
    """Lines, each a problem; nothing is to be seen while there are none."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._all = ""
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(name)
        self.text.setFont(theme.font(FontRole.MONO))
        self.text.setTabChangesFocus(True)
        self.copy_button = button(_("Copy"), lambda: copy_text(self._all), "quiet")
        head = QHBoxLayout()
        head.addWidget(label(name, "muted"), 1)
        head.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Metric.GRID // 2)
        column.addLayout(head)
        column.addWidget(self.text)
        self.hide()

    def show_findings(self, findings: Sequence[str]) -> None:
        """Show problems, or none."""
        words = "\n".join(findings)
        if words != self._all:
            self._all = words
            self.text.setPlainText("\n".join(line[:_LONGEST] for line in findings))
            lines = min(max(len(findings), 2), _LINES)
            self.text.setFixedHeight(self.text.fontMetrics().lineSpacing() * lines + 22)
        self.setVisible(bool(findings))
