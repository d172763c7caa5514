"""The projects at the left: a filter, a button for a new one, and the list."""

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.translation import _
from desktop.actions import plain_text
from desktop.builds.projects.arranging import ArrangeButton, described
from desktop.builds.projects.delegate import ProjectDelegate
from desktop.builds.projects.filter import Arrangement, ProjectFilter
from desktop.builds.projects.model import PROJECT_ROLE, ListedProject, ProjectsModel
from desktop.theme import Metric, Theme
from desktop.widgets.tips import plain_tip

_MARGIN = 12
_WIDTH = 288


class _List(QListView):
    """Return acts on the project under the focus, as a double click does."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Activate on Return whatever the platform thinks of it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self.doubleClicked.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class ProjectPanel(QWidget):
    """The left side of the tab.

    Signals:
        chosen: The person chose a project; carries its id.
        edit_wanted: Return or a double click on a project.
    """

    chosen = Signal(int)
    edit_wanted = Signal()

    def __init__(self, theme: Theme, model: ProjectsModel, new: QAction) -> None:
        super().__init__()
        self._source = model
        self._choosing = False
        self._chosen: int | None = None
        self.setProperty("kind", "pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(_("Filter projects"))
        self.filter.setAccessibleName(_("Filter projects"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setToolTip(plain_tip(_("By name, type, tag, folder or description")))
        self.arrange_button = ArrangeButton(theme)
        self.add_button = QToolButton()
        self.add_button.setDefaultAction(new)
        self.add_button.setProperty("kind", "bordered")
        self.add_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.add_button.setAccessibleName(plain_text(new.text()))
        self.proxy = ProjectFilter(model, self)
        self.list = self._make_list(theme)
        self._actions: list[QAction] = []
        self._general: list[QAction] = []
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._make_no_match())
        self._lay_out()
        self.filter.textChanged.connect(self._filter)
        self.arrange_button.arranged.connect(self.arrange)
        for change in (self.proxy.rowsInserted, self.proxy.rowsRemoved, model.dataChanged):
            change.connect(self._fit)

    def choose(self, project_id: int | None) -> None:
        """Show a project as chosen; the filter gives way where it hides it."""
        self._chosen = project_id
        place = self._source.place(project_id) if project_id is not None else -1
        index = self.proxy.mapFromSource(self._source.index(place))
        if place >= 0 and not index.isValid():
            self.show_all()
            index = self.proxy.mapFromSource(self._source.index(place))
        if index != self.list.currentIndex() or not self.list.selectionModel().hasSelection():
            self._choosing = True
            self.list.selectionModel().setCurrentIndex(
                index, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
            self._choosing = False
            self.list.scrollTo(index)

    def arrange(self, arrangement: Arrangement) -> None:
        """Show the projects of an arrangement, in its order."""
        self.proxy.arrange(arrangement)
        self.arrange_button.show_arrangement(arrangement)
        self._say_no_match()
        self._fit()
        self._choose_again()

    def show_all(self) -> None:
        """Leave nothing out."""
        self.filter.clear()
        self.arrange(self.proxy.arrangement.showing_all())

    def offer(self, actions: list[QAction], general: list[QAction], delete: QAction) -> None:
        """Take the actions of the context menu, one of which the Delete key triggers.

        Args:
            actions: What can be done with a project.
            general: What can be done without one.
        """
        self._actions, self._general = actions, general
        delete.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.list.addAction(delete)

    def _make_list(self, theme: Theme) -> QListView:
        view = _List()
        view.setProperty("kind", "flush")
        view.setAccessibleName(_("Projects"))
        view.setModel(self.proxy)
        view.setItemDelegate(ProjectDelegate(theme, view))
        view.setUniformItemSizes(True)
        view.setMouseTracking(True)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._show_menu)
        view.doubleClicked.connect(self.edit_wanted)
        view.selectionModel().currentChanged.connect(self._current_changed)
        theme.changed.connect(view.viewport().update)
        return view

    def _make_no_match(self) -> QWidget:
        page = QWidget()
        self._no_match = QLabel()
        self._no_match.setProperty("kind", "muted")
        self._no_match.setTextFormat(Qt.TextFormat.PlainText)
        self._no_match.setWordWrap(True)
        self._no_match.setAlignment(Qt.AlignmentFlag.AlignCenter)
        clear = QPushButton(_("Clear the filter"))
        clear.setProperty("kind", "link")
        clear.clicked.connect(self.show_all)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(_MARGIN, 3 * Metric.GRID, _MARGIN, _MARGIN)
        layout.addWidget(self._no_match)
        layout.addWidget(clear, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        return page

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(_MARGIN, 10, _MARGIN, 10)
        head.setSpacing(Metric.GRID)
        head.addWidget(self.filter, 1)
        head.addWidget(self.arrange_button)
        head.addWidget(self.add_button)
        line = QWidget()
        line.setProperty("kind", "bar")
        line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        line.setFixedHeight(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(line)
        layout.addWidget(self._stack, 1)
        self.setMinimumWidth(200)

    def sizeHint(self) -> QSize:
        """Return the width that shows a name and the bars."""
        return QSize(_WIDTH, 400)

    def _filter(self, text: str) -> None:
        self.proxy.setFilterFixedString(text.strip())
        self._say_no_match()
        self._fit()
        self._choose_again()

    def _say_no_match(self) -> None:
        text, arrangement = self.filter.text().strip(), self.proxy.arrangement
        told = _("No project is listed by “{choice}”.").format(choice=described(arrangement))
        if text:
            told = _("No project matches “{text}”.").format(text=text)
        self._no_match.setText(told)

    def _choose_again(self) -> None:
        """Show what is chosen as chosen once the filter lets it through again."""
        place = self._source.place(self._chosen) if self._chosen is not None else -1
        index = self.proxy.mapFromSource(self._source.index(place))
        if place >= 0 and index.isValid():
            self.choose(self._chosen)

    def _fit(self) -> None:
        hidden = self._source.rowCount() > 0 and self.proxy.rowCount() == 0
        self._stack.setCurrentIndex(1 if hidden else 0)

    def _current_changed(self, current: QModelIndex) -> None:
        listed = current.data(PROJECT_ROLE)
        if isinstance(listed, ListedProject) and not self._choosing:
            self.chosen.emit(listed.row.id)

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self.list)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        if self.list.indexAt(place).isValid():
            menu.addActions(self._actions)
            menu.addSeparator()
        menu.addActions(self._general)
        menu.popup(self.list.viewport().mapToGlobal(place))
