"""The line over the log: how much there is, which lines are shown, where a search stands."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
)

from core.builds.schemas import LogLevel, LogSummary
from core.translation import _
from desktop.builds import words
from desktop.builds.panes.log_levels import Shown
from desktop.theme import Metric, Role, Theme, set_kind
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.log_view import Times
from desktop.widgets.marks import icon_button

_HEIGHT = 40


class LogBar(QFrame):
    """Counts, filter, search and view of the log.

    Signals:
        level_wanted: The count of a level was clicked; carries ``LogLevel``.
        shown_wanted: Other lines are to be shown; carries ``Shown``.
        times_wanted: Other times are to be shown; carries ``Times``.
        next_wanted: The match after is wanted.
        previous_wanted: The match before is wanted.
    """

    level_wanted = Signal(object)
    shown_wanted = Signal(object)
    times_wanted = Signal(object)
    next_wanted = Signal()
    previous_wanted = Signal()

    def __init__(self, theme: Theme, folding: Sequence[QAction]) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "bar")
        self.setFixedHeight(_HEIGHT)
        self.lines = QLabel()
        self.lines.setProperty("kind", "muted")
        self.lines.setAccessibleName(_("Size of the log"))
        self.errors = self._count("x-circle-fill", Role.FAILURE, LogLevel.ERROR)
        self.warnings = self._count("warning-fill", Role.WARNING, LogLevel.WARNING)
        self.errors.setToolTip(_("Go to the next error (F8)"))
        self.warnings.setToolTip(_("Go to the next warning"))
        self.status = ElidedLabel()
        self.status.setProperty("kind", "muted")
        self.status.setAccessibleName(_("Matches of the search"))
        self.status.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.previous_button = icon_button(
            theme, "caret-up", _("Previous match (Shift+F3)"), self.previous_wanted.emit
        )
        self.next_button = icon_button(
            theme, "caret-down", _("Next match (F3)"), self.next_wanted.emit
        )
        self.shown = self._make_shown()
        self.view_button = self._make_view(folding)
        self._lay_out()
        self.tell_search("", mistaken=False)

    @property
    def counts(self) -> str:
        """What the counts say."""
        shown = (self.lines, self.errors, self.warnings)
        return " · ".join(one.text() for one in shown if not one.isHidden() and one.text())

    def add(self, button: QPushButton) -> None:
        """Put a button at the end of the line."""
        self._row.addWidget(button)

    def tell(self, summary: LogSummary | None) -> None:
        """Show how much log there is."""
        self.lines.setText(words.line_count(summary.lines) if summary else "")
        errors, warnings = (summary.errors, summary.warnings) if summary else (0, 0)
        self.errors.setText(words.error_count(errors))
        self.warnings.setText(words.warning_count(warnings))
        self.errors.setVisible(errors > 0)
        self.warnings.setVisible(warnings > 0)

    def tell_search(self, told: str, *, mistaken: bool) -> None:
        """Show where the search stands, or what is wrong with it."""
        set_kind(self.status, "error" if mistaken else "muted")
        self.status.setText(told)
        for button in (self.previous_button, self.next_button):
            button.setVisible(bool(told) and not mistaken)

    def show_shown(self, shown: Shown) -> None:
        """Show which lines are shown."""
        self.shown.blockSignals(True)
        self.shown.setCurrentIndex(self.shown.findData(shown))
        self.shown.blockSignals(False)

    def show_times(self, times: Times) -> None:
        """Show which times are shown."""
        for action in self._times.actions():
            action.setChecked(Times(action.data()) is times)

    def _count(self, icon: str, role: Role, level: LogLevel) -> QToolButton:
        made = QToolButton()
        made.setProperty("kind", "line")
        made.setIcon(self._theme.icon(icon, role))
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        made.clicked.connect(lambda _checked=False: self.level_wanted.emit(level))
        made.hide()
        return made

    def _make_shown(self) -> QComboBox:
        combo = QComboBox()
        combo.addItem(_("All lines"), Shown.ALL)
        combo.addItem(_("Warnings and errors"), Shown.LOUD)
        combo.addItem(_("Errors"), Shown.ERRORS)
        combo.setAccessibleName(_("Lines that are shown"))
        combo.setToolTip(_("Which lines are shown"))
        combo.currentIndexChanged.connect(
            lambda _place: self.shown_wanted.emit(Shown(combo.currentData()))
        )
        return combo

    def _make_view(self, folding: Sequence[QAction]) -> QPushButton:
        button = QPushButton(_("View"))
        button.setProperty("kind", "menu")
        menu = QMenu(button)
        self._times = QActionGroup(menu)
        for times, text in (
            (Times.OFF, _("No times")),
            (Times.RELATIVE, _("Times since the start")),
            (Times.CLOCK, _("Times of the clock")),
        ):
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setData(times)
            action.setChecked(times is Times.OFF)
            self._times.addAction(action)
        self._times.triggered.connect(lambda one: self.times_wanted.emit(Times(one.data())))
        menu.addSeparator()
        menu.addActions(list(folding))
        button.setMenu(menu)
        button.setToolTip(_("Times and groups"))
        return button

    def _lay_out(self) -> None:
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(2 * Metric.GRID, 0, 12, 0)
        row.setSpacing(4)
        for widget in (self.lines, self.errors, self.warnings):
            row.addWidget(widget)
        self.status.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row.addWidget(self.status, 1)
        row.addWidget(self.previous_button)
        row.addWidget(self.next_button)
        row.addSpacing(4)
        row.addWidget(self.shown)
        row.addWidget(self.view_button)
