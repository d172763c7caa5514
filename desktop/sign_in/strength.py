"""How good a password is: a bar of four parts, a word, and what is wrong in words."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.sign_in.schemas import PasswordReport
from core.translation import _
from desktop.theme import Role, Theme, set_kind
from desktop.widgets.marks import label

_PARTS = 4
_GAP = 4
_HEIGHT = 4
_BAR_WIDTH = 132


class _Bar(QWidget):
    """Four parts, as many of them coloured as the password is good."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._score, self._role = 0, Role.FAILURE
        self.setFixedSize(_BAR_WIDTH, _HEIGHT)

    def show_score(self, score: int, role: Role) -> None:
        """Colour so many parts."""
        self._score, self._role = score, role
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the parts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        width = (self.width() - _GAP * (_PARTS - 1)) / _PARTS
        for part in range(_PARTS):
            role = self._role if part < self._score else Role.LINE
            painter.setBrush(self._theme.color(role))
            left = part * (width + _GAP)
            painter.drawRoundedRect(QRectF(left, 0, width, self.height()), 2, 2)
        painter.end()


class Strength(QWidget):
    """Shows the report on the password that is being typed; hidden while there is none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._bar = _Bar(theme)
        self.verdict = label("", "muted")
        self.issues = label("", "muted", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.verdict)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.issues)
        self.hide()

    def show_report(self, report: PasswordReport | None) -> None:
        """Show what is known about a password; None hides everything."""
        self.setVisible(report is not None)
        if report is None:
            return
        words, role, kind = _verdict(report)
        # At least one part, so that something typed is never the empty bar.
        self._bar.show_score(max(report.score, 1), role)
        self.verdict.setText(words)
        set_kind(self.verdict, kind)
        self.issues.setText("\n".join(report.issues))
        self.issues.setVisible(bool(report.issues))
        self.setAccessibleName(_("Strength of the password: {words}").format(words=words))
        self.setAccessibleDescription(" ".join(report.issues))


def _verdict(report: PasswordReport) -> tuple[str, Role, str]:
    if not report.valid:
        return _("Not good enough yet"), Role.FAILURE, "error"
    if report.score <= 2:
        return _("Allowed, but easy to guess"), Role.WARNING, "warning"
    if report.score == 3:
        return _("Good"), Role.SUCCESS, "success"
    return _("Very good"), Role.SUCCESS, "success"
