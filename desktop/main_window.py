"""The main window: menus, tab row, banners, pages, activity panel, status bar, toasts.

It shows what it is given and tells what was asked; it knows neither the core nor how a
workspace is opened. Nothing that is slow to import is imported for it.
"""

from PySide6.QtCore import QByteArray, QEvent, QObject, QSettings, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QIcon
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from core.translation import _
from desktop.actions import MenuName
from desktop.activity.model import Activity
from desktop.activity.panel import ActivityPanel
from desktop.failures import Failures
from desktop.frame.banners import Banners
from desktop.frame.failure_dialog import FailureDialog
from desktop.frame.menus import Menus, SectionedMenu
from desktop.frame.pages import StartingPage
from desktop.frame.toasts import Toasts
from desktop.notifications import Notifications
from desktop.sign_in.account_button import AccountButton
from desktop.status_bar import StatusBar
from desktop.tabs import Tab
from desktop.theme import Theme

_SIZE = (1280, 800)
_SMALLEST = (880, 560)
_ROW_HEIGHT = 47
_HEADS = 132  # menus, the row of tabs, and the head of a page with its main actions


class MainWindow(QMainWindow):
    """The window of Buildbench.

    Signals:
        close_wanted: The window is asked to close; whoever decides hides it.
        painted: The window was painted for the first time.
        activity_shown: The activity panel came into sight or left it.
        tab_chosen: The key of the tab that is shown now.
    """

    close_wanted = Signal()
    painted = Signal()
    activity_shown = Signal(bool)
    tab_chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        notifications: Notifications,
        failures: Failures,
        activity: Activity,
        state: QSettings,
    ) -> None:
        super().__init__()
        self._theme, self._state = theme, state
        self._tabs: dict[str, Tab] = {}
        self.menus = Menus(self.menuBar())
        self.appearance_menu = self.menus.add_inner(
            MenuName.VIEW, "appearance", _("Appearance")
        )
        self.status = StatusBar(theme, activity)
        self.setStatusBar(self.status)
        self.banners = Banners(theme)
        self.starting = StartingPage()
        self.pages = QStackedWidget()
        self.pages.addWidget(self.starting)
        self._activity, self._notifications = activity, notifications
        self._panel: ActivityPanel | None = None
        self._row = self._make_row()
        self._arrange()
        self.toasts = Toasts(theme, notifications, self, _HEADS)
        self.failure_dialog = FailureDialog(theme, failures, self)
        activity.panel_wanted.connect(lambda: self.show_activity(True))
        self.show_title("")
        self._restore()
        self.starting.installEventFilter(self)

    def _make_row(self) -> QFrame:
        self.tab_bar = QTabBar()
        self.tab_bar.setProperty("kind", "main")
        self.tab_bar.setDrawBase(False)
        self.tab_bar.setExpanding(False)
        self.tab_bar.setAccessibleName(_("Tabs"))
        self.tab_bar.currentChanged.connect(self._show_current)
        row = QFrame()
        row.setProperty("kind", "bar")
        row.setFixedHeight(_ROW_HEIGHT)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.addWidget(self.tab_bar, 0, Qt.AlignmentFlag.AlignBottom)
        layout.addStretch(1)
        self.account = AccountButton(self._theme, self.menus[MenuName.ACCOUNT].menu)
        layout.addWidget(self.account)
        return row

    def _arrange(self) -> None:
        self._middle = QHBoxLayout()
        self._middle.setSpacing(0)
        self._middle.addWidget(self.pages, 1)
        body = QWidget()
        body.setProperty("kind", "page")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._row)
        layout.addWidget(self.banners)
        layout.addLayout(self._middle, 1)
        self._cover = QStackedWidget()
        self._cover.addWidget(body)
        self.setCentralWidget(self._cover)
        self.setMinimumSize(*_SMALLEST)

    # What is shown

    def show_title(self, name: str) -> None:
        """Show the name of the open workspace in the title, none when empty."""
        self.setWindowTitle(
            _("Buildbench — {name}").format(name=name) if name else "Buildbench"
        )

    def show_page(self, page: QWidget) -> None:
        """Show a page of the frame in the place of the tabs."""
        if self.pages.indexOf(page) < 0:
            self.pages.addWidget(page)
        self._row.hide()
        self.pages.setCurrentWidget(page)

    def drop_page(self, page: QWidget) -> None:
        """Take a page of the frame out for good."""
        self.pages.removeWidget(page)
        page.deleteLater()

    def show_tabs(self, tabs: dict[str, Tab], chosen: str) -> None:
        """Show these tabs and choose one; its keys are those of the table of tabs."""
        self._row.show()
        self.tab_bar.blockSignals(True)
        for key, tab in tabs.items():
            self._tabs[key] = tab
            self.pages.addWidget(tab.widget)
            place = self.tab_bar.addTab(self._theme.icon(tab.icon), _literal(tab.title))
            self.tab_bar.setTabData(place, key)
        self.tab_bar.blockSignals(False)
        keys = list(self._tabs)
        self.tab_bar.setCurrentIndex(keys.index(chosen) if chosen in keys else 0)
        self._show_current(self.tab_bar.currentIndex())

    def choose_tab(self, key: str) -> None:
        """Choose one of the tabs that are shown."""
        self.tab_bar.setCurrentIndex(list(self._tabs).index(key))

    def drop_tabs(self) -> None:
        """Take all tabs out; their widgets are deleted."""
        self.tab_bar.blockSignals(True)
        while self.tab_bar.count():
            self.tab_bar.removeTab(0)
        self.tab_bar.blockSignals(False)
        for tab in self._tabs.values():
            self.drop_page(tab.widget)
        self._tabs.clear()

    @property
    def chosen_tab(self) -> str:
        """The key of the tab that is shown, empty without tabs."""
        return str(self.tab_bar.tabData(self.tab_bar.currentIndex()) or "")

    def show_activity(self, shown: bool) -> None:
        """Bring the activity panel into sight, or take it away."""
        if shown or self._panel is not None:
            self.panel.setVisible(shown)
        self._state.setValue("window/activity", shown)
        self.activity_shown.emit(shown)
        if shown:
            self.panel.focus_main()

    def restore_activity(self) -> None:
        """Show the activity panel where it was in sight last time."""
        if self._state.value("window/activity", False, type=bool):
            self.panel.show()
            self.activity_shown.emit(True)

    @property
    def activity_is_shown(self) -> bool:
        """Whether the activity panel is in sight."""
        return self._panel is not None and self._panel.isVisibleTo(self)

    @property
    def panel(self) -> ActivityPanel:
        """The activity panel; made when first asked for, which the first paint is not."""
        if self._panel is None:
            self._panel = ActivityPanel(
                self._theme, self._activity, lambda: self.show_activity(False)
            )
            self._panel.hide()
            self._middle.addWidget(self._panel)
        return self._panel

    def bring_forward(self) -> None:
        """Show the window before all others."""
        self.show()
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()

    def toggle_full_screen(self) -> None:
        """Fill the screen, or stop doing so."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def cover(self, page: QWidget) -> None:
        """Show a page alone, over and in place of everything but the title."""
        self.toasts.hold(True)
        self.menuBar().hide()
        self.status.hide()
        self._cover.addWidget(page)
        self._cover.setCurrentWidget(page)

    def uncover(self, page: QWidget) -> None:
        """Show again what was covered; the page is deleted."""
        self._cover.removeWidget(page)
        page.deleteLater()
        self.menuBar().show()
        self.status.show()
        self.toasts.hold(False)

    # Where actions go

    def place_action(self, action: QAction, menu: MenuName | None, section: str) -> None:
        """Take an action into the window and, where named, into a menu."""
        self.addAction(action)
        if menu is not None:
            target: SectionedMenu = self.menus[menu]
            if (menu, section) == (MenuName.VIEW, "appearance"):
                target = self.appearance_menu
            target.add(action, section)

    def remove_action(self, action: QAction) -> None:
        """Take it out again."""
        self.removeAction(action)
        self.menus.remove(action)

    def action_icon(self, name: str) -> QIcon:
        """Return the icon of this name; it follows the colours by itself."""
        return self._theme.icon(name)

    def action_parent(self) -> QObject:
        """Return the owner of the actions."""
        return self

    # What is kept

    def save_state(self) -> None:
        """Keep size, place and chosen tab for the next start."""
        self._state.setValue("window/geometry", self.saveGeometry())
        if len(self._tabs) > 1:  # else nobody chose it
            self._state.setValue("window/tab", self.chosen_tab)
        self._state.sync()

    def _restore(self) -> None:
        geometry = self._state.value("window/geometry")
        if not isinstance(geometry, QByteArray) or not self.restoreGeometry(geometry):
            self.resize(*_SIZE)

    # Qt's own

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask whoever decides; the window never closes by itself."""
        event.ignore()
        self.close_wanted.emit()

    def event(self, event: QEvent) -> bool:
        """Let no hint of a menu be written over the status bar; tool tips give them."""
        return event.type() == QEvent.Type.StatusTip or super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Tell of the first time that the window is painted."""
        if watched is self.starting and event.type() == QEvent.Type.Paint:
            self.starting.removeEventFilter(self)
            self.painted.emit()
        return super().eventFilter(watched, event)

    def _show_current(self, place: int) -> None:
        key = str(self.tab_bar.tabData(place) or "")
        if key:
            self.pages.setCurrentWidget(self._tabs[key].widget)
            self.tab_chosen.emit(key)
            self._notifications.page_left.emit()


def _literal(title: str) -> str:
    """Return a title whose ampersands are shown, and make no mnemonic."""
    return title.replace("&&", "&").replace("&", "&&")
