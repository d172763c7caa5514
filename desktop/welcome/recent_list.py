"""The list of workspaces opened before, for mouse and keyboard."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from core.translation import _
from core.workspaces.schemas import RecentWorkspace, WorkspaceKind
from desktop import figures
from desktop.theme import Role, Theme
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.marks import Mark, button, label
from desktop.widgets.tips import explain

ROW_HEIGHT = 56


class RecentRow(QWidget):
    """Name, folder, kind and time of one workspace; grey with Remove when it is gone."""

    def __init__(self, theme: Theme, recent: RecentWorkspace) -> None:
        super().__init__()
        self.recent = recent
        managed = recent.kind is WorkspaceKind.MANAGED
        role = (Role.ACCENT if managed else Role.MUTED) if recent.exists else Role.MUTED
        self.name = label(recent.path.name, "heading" if recent.exists else "muted")
        folder = _short_folder(recent.path.parent)
        self._folder = ElidedLabel(folder, Qt.TextElideMode.ElideMiddle)
        self._folder.setProperty("kind", "muted")
        self.remove_button = button(_("Remove"), lambda: None, "link")
        if recent.exists:
            self.remove_button.hide()
        self.remove_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addStretch(1)
        words.addWidget(self.name)
        words.addWidget(self._folder)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 12, 0)
        row.setSpacing(12)
        row.addWidget(Mark(theme, "database" if recent.exists else "question", role, 20))
        row.addLayout(words, 1)
        row.addWidget(label(self._facts(), "muted"))
        row.addWidget(self.remove_button)
        explain(self, f"{recent.path}\n{figures.exact(recent.opened_at)}")

    def spoken(self) -> str:
        """Return what a screen reader says."""
        path = self.recent.path
        return _("{name}, {facts}, {folder}").format(
            name=path.name, facts=self._facts(), folder=path.parent
        )

    def _facts(self) -> str:
        if not self.recent.exists:
            return _("Missing")
        when = figures.ago(self.recent.opened_at)
        if self.recent.kind is WorkspaceKind.PLAIN:
            return _("SQLite file · {when}").format(when=when)
        return _("Workspace · {when}").format(when=when)


class RecentList(QListWidget):
    """Recent workspaces, the newest first.

    Signals:
        chosen: The path of the one to open.
        remove_wanted: The path of the one to take out of the list.
    """

    chosen = Signal(object)
    remove_wanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "flush")
        self.setAccessibleName(_("Recent workspaces"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda point: self._menu(self.itemAt(point)))
        self.itemClicked.connect(self._choose)
        self.installEventFilter(self)

    def show_recent(self, recent: tuple[RecentWorkspace, ...]) -> None:
        """Put these in the place of what was there."""
        self.clear()
        for one in recent:
            row = RecentRow(self._theme, one)
            row.remove_button.clicked.connect(
                lambda _checked=False, path=one.path: self.remove_wanted.emit(path)
            )
            item = QListWidgetItem()
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            item.setData(Qt.ItemDataRole.UserRole, one.path)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, row.spoken())
            self.addItem(item)
            self.setItemWidget(item, row)
        if recent:
            self.setCurrentRow(0)

    def rows(self) -> list[RecentRow]:
        """Return what is shown."""
        widgets = (self.itemWidget(self.item(place)) for place in range(self.count()))
        return [widget for widget in widgets if isinstance(widget, RecentRow)]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Enter opens, Delete removes."""
        if watched is not self or not isinstance(event, QKeyEvent):
            return False
        item = self.currentItem()
        if event.type() != QEvent.Type.KeyPress or item is None:
            return False
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(item)
            return True
        if event.key() == Qt.Key.Key_Delete:
            self.remove_wanted.emit(_path_of(item))
            return True
        return False

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(_path_of(item))

    def _menu(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        path = _path_of(item)
        menu.addAction(_("Open"), lambda: self.chosen.emit(path))
        menu.addAction(_("Remove from this list"), lambda: self.remove_wanted.emit(path))
        menu.popup(self.viewport().mapToGlobal(self.visualItemRect(item).center()))


def _path_of(item: QListWidgetItem) -> Path:
    path: Path = item.data(Qt.ItemDataRole.UserRole)
    return path


def _short_folder(folder: Path) -> str:
    home = Path.home()
    if folder.is_relative_to(home):
        return str(Path("~") / folder.relative_to(home))
    return str(folder)
