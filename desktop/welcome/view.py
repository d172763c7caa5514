"""The welcome page: recent workspaces, New, Open, Try the demo."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QIcon
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from core import paths
from core.errors import AppError
from core.translation import _
from core.workspaces.schemas import RecentWorkspace
from desktop.theme import Role, Theme
from desktop.welcome.recent_list import ROW_HEIGHT, RecentList
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.marks import Mark, button, label

_WIDTH = 760
_LOGO = 56
_SHOWN_ROWS = 6


class WelcomeView(QWidget):
    """What is shown while no workspace is open.

    Signals:
        new_wanted, open_wanted, demo_wanted: A button was pressed.
        path_chosen: A recent workspace, or a file that was dropped, is to be opened.
        remove_wanted: A path is to leave the list.
        restore_wanted: A backup is to take the place of what could not be opened.
    """

    new_wanted = Signal()
    open_wanted = Signal()
    demo_wanted = Signal()
    path_chosen = Signal(object)
    remove_wanted = Signal(object)
    restore_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setAcceptDrops(True)
        self.error = ErrorPanel(theme, _("Restore a backup…"))
        self.error.triggered.connect(self.restore_wanted)
        self.recent = RecentList(theme)
        self.recent.chosen.connect(self.path_chosen)
        self.recent.remove_wanted.connect(self.remove_wanted)
        self.new_button = button(_("New workspace…"), self.new_wanted.emit, "primary")
        self.open_button = button(_("Open…"), self.open_wanted.emit)
        self.demo_button = button(_("Try the demo"), self.demo_wanted.emit)
        self._busy = label("", "muted")
        self._bar = QProgressBar()
        self._card = self._make_card()
        self._arrange()
        self.show_busy("")
        self.show_recent(())

    def show_recent(self, recent: tuple[RecentWorkspace, ...]) -> None:
        """Show the workspaces that were opened before."""
        self.recent.show_recent(recent)
        self.recent.setVisible(bool(recent))
        self._first_time.setVisible(not recent)
        self.recent.setFixedHeight(min(len(recent), _SHOWN_ROWS) * ROW_HEIGHT + 2)

    def show_busy(self, text: str) -> None:
        """Say what is being done; an empty text ends it."""
        self._busy.setText(text)
        self._busy.setVisible(bool(text))
        self._bar.setVisible(bool(text))
        for part in (self.new_button, self.open_button, self.demo_button, self.recent):
            part.setEnabled(not text)

    def show_error(self, error: AppError, *, restorable: bool = False) -> None:
        """Show in place why a workspace could not be opened.

        Args:
            restorable: Whether a backup could take its place.
        """
        self.error.action_button.setVisible(restorable)
        self.error.show_error(error)

    def focus_main(self) -> None:
        """Give the keyboard to the recent workspaces, or to New."""
        (self.recent if self.recent.count() else self.new_button).setFocus()

    def _arrange(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(16)
        column.addStretch(2)
        column.addLayout(self._header())
        column.addWidget(self.error)
        column.addWidget(self._card)
        column.addWidget(self._hint())
        column.addStretch(3)
        middle = QWidget()
        middle.setMaximumWidth(_WIDTH)
        middle.setLayout(column)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(24, 24, 24, 24)
        outer.addStretch(1)
        outer.addWidget(middle, 100)
        outer.addStretch(1)

    def _header(self) -> QHBoxLayout:
        logo = QLabel()
        logo.setPixmap(_program_icon().pixmap(QSize(_LOGO, _LOGO)))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(label("Buildbench", "figure"))
        words.addWidget(label(_("Your builds, in one file that you own."), "muted"))
        words.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(logo)
        row.addLayout(words, 1)
        for choice in (self.demo_button, self.open_button, self.new_button):
            row.addWidget(choice, 0, Qt.AlignmentFlag.AlignVCenter)
        self._tips()
        return row

    def _tips(self) -> None:
        self.new_button.setToolTip(_("Make an empty workspace (Ctrl+N)"))
        self.open_button.setToolTip(_("Open a workspace, or any SQLite file (Ctrl+O)"))
        self.demo_button.setToolTip(
            _("Make a workspace with small projects that are really built")
        )

    def _make_card(self) -> QFrame:
        card = QFrame()
        card.setProperty("kind", "card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(1, 14, 1, 6)
        layout.setSpacing(10)
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, 16, 0)
        head.addWidget(label(_("Recent workspaces"), "heading"), 1)
        head.addWidget(self._busy)
        layout.addLayout(head)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(_("A workspace is being opened"))
        self._bar.setRange(0, 0)
        layout.addWidget(self._bar)
        self._first_time = self._make_first_time()
        layout.addWidget(self._first_time)
        layout.addWidget(self.recent)
        return card

    def _make_first_time(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(24, 28, 24, 36)
        layout.setSpacing(8)
        centre = Qt.AlignmentFlag.AlignHCenter
        layout.addWidget(Mark(self._theme, "database", Role.MUTED, 32), 0, centre)
        layout.addWidget(label(_("No workspace was opened yet"), "heading"), 0, centre)
        words = label(
            _(
                "A workspace is one SQLite file with your projects, their builds and logs. "
                "Make one, or try the demo: it builds a few small projects on this machine."
            ),
            "muted",
            wrap=True,
        )
        words.setAlignment(centre)
        layout.addWidget(words)
        return page

    def _hint(self) -> QLabel:
        hint = label(_("A file that is dropped here is opened."), "muted")
        hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        return hint

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take one local file."""
        if _dropped_path(event) is not None:
            event.acceptProposedAction()
            self._mark_drop(True)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:  # noqa: N802
        """Let it go again."""
        self._mark_drop(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Open the file."""
        self._mark_drop(False)
        path = _dropped_path(event)
        if path is not None:
            event.acceptProposedAction()
            self.path_chosen.emit(path)

    def _mark_drop(self, over: bool) -> None:
        accent = self._theme.color(Role.ACCENT).name()
        rule = f"QFrame[kind=card] {{ border: 2px dashed {accent}; }}" if over else ""
        self._card.setStyleSheet(rule)


def _dropped_path(event: QDropEvent) -> Path | None:
    urls = event.mimeData().urls()
    if len(urls) == 1 and urls[0].isLocalFile():
        return Path(urls[0].toLocalFile())
    return None


def _program_icon() -> QIcon:
    return QIcon(str(paths.resource("icons", "buildbench.svg")))
