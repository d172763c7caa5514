"""A new password, with how strong it is while one types."""

from collections.abc import Callable
from typing import Final, Protocol

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from core.translation import _
from desktop.theme import Metric, Role, Theme
from desktop.widgets.form.fields import Field
from desktop.widgets.marks import icon_button, label
from desktop.widgets.tips import plain_tip

_STEPS: Final = 4
_BAR_HEIGHT = 4
_ROLES = (Role.FAILURE, Role.FAILURE, Role.WARNING, Role.SUCCESS, Role.SUCCESS)
_LONGEST = 1_000


class Report(Protocol):
    """How good a password is."""

    @property
    def score(self) -> int:
        """From 0, the worst, to 4."""

    @property
    def valid(self) -> bool:
        """Whether it may be used."""

    @property
    def issues(self) -> tuple[str, ...]:
        """What is wrong with it, or could be better, in words."""


class PasswordField(Field):
    """A hidden line that can be shown, and below it a bar and what is wrong.

    Args:
        report: Judges a password at once; None where it is not to be judged, as at sign-in.
    """

    def __init__(self, theme: Theme, report: Callable[[str], Report] | None = None) -> None:
        self._line = QLineEdit()
        super().__init__(self._line)
        self._theme, self._report = theme, report
        self._line.setEchoMode(QLineEdit.EchoMode.Password)
        self._line.setMaxLength(_LONGEST)
        self._line.textEdited.connect(self._edited)
        self.show_button = icon_button(theme, "eye", _("Show the password"), self._toggle)
        self.show_button.setCheckable(True)
        self.bar = StrengthBar(theme)
        self.words = label("", "muted")
        self.issues = label("", "muted", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(Metric.GRID // 2)
        row.addWidget(self._line, 1)
        row.addWidget(self.show_button)
        self._below = QWidget()
        below = QVBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(4)
        strength = QHBoxLayout()
        strength.setSpacing(Metric.GRID)
        strength.addWidget(self.bar, 1)
        strength.addWidget(self.words)
        below.addLayout(strength)
        below.addWidget(self.issues)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addWidget(self._below)
        self._judge()

    def value(self) -> str:
        """Return the password."""
        return self._line.text()

    def set_value(self, value: str) -> None:
        """Set the password."""
        self._line.setText(value)
        self._judge()

    def problem(self) -> str:
        """Return what has to be changed before the password can be used."""
        if self._report is None or not self.value():
            return ""
        valid = self._report(self.value()).valid
        return "" if valid else _("This password cannot be used yet. Make it stronger.")

    def _edited(self) -> None:
        self._judge()
        self.changed.emit()

    def _judge(self) -> None:
        judged = self._report is not None and bool(self.value())
        self._below.setVisible(judged)
        if self._report is None or not judged:
            return
        report = self._report(self.value())
        self.bar.show_score(report.score)
        self.words.setText(strength_words(report.score))
        self.issues.setText("\n".join(report.issues))
        self.issues.setVisible(bool(report.issues))
        self.bar.setAccessibleDescription(" ".join(report.issues))

    def _toggle(self) -> None:
        shown = self.show_button.isChecked()
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self._line.setEchoMode(mode)
        words = _("Hide the password") if shown else _("Show the password")
        self.show_button.setIcon(self._theme.icon("eye-slash" if shown else "eye"))
        self.show_button.setToolTip(plain_tip(words))
        self.show_button.setAccessibleName(words)


class StrengthBar(QWidget):
    """Four pieces, as many of them coloured as the score says."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.score = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_score(self, score: int) -> None:
        """Show another score, 0 to 4."""
        self.score = score
        self.setAccessibleName(
            _("Strength of the password: {words}").format(words=strength_words(score))
        )
        self.update()

    def sizeHint(self) -> QSize:
        """Return a low bar."""
        return QSize(120, _BAR_HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the pieces."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        role = (Role.FAILURE, Role.FAILURE, Role.WARNING, Role.SUCCESS, Role.SUCCESS)[
            self.score
        ]
        width = (self.width() - 3 * _BAR_HEIGHT) / _STEPS
        for step in range(_STEPS):
            reached = step < max(self.score, 1)
            painter.setBrush(self._theme.color(role if reached else Role.LINE))
            place = QRectF(step * (width + _BAR_HEIGHT), 0, width, _BAR_HEIGHT)
            painter.drawRoundedRect(place, 2, 2)
        painter.end()


def strength_words(score: int) -> str:
    """Return a score of 0 to 4 in words."""
    return (_("Very weak"), _("Weak"), _("Fair"), _("Strong"), _("Very strong"))[score]
