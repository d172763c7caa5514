"""The projects at the left: a filter, a button for a new one, and the list."""

from datetime import UTC, datetime

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.translation import _
from desktop.builds import words
from desktop.builds.project_model import (
    PROJECT_ROLE,
    ListedProject,
    ProjectFilter,
    ProjectsModel,
)
from desktop.theme import FontRole, Metric, Role, Theme
from desktop.widgets.sparkline import paint_sparkline
from desktop.widgets.state_badge import badge_size, paint_badge

_ROW = 60
_MARGIN = 12
_SPARK = QSize(78, 17)
_WIDTH = 288

Index = QModelIndex | QPersistentModelIndex


class ProjectDelegate(QStyledItemDelegate):
    """Paints name and state above type, success rate and the bars of the last builds."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """Return the room of a row."""
        return QSize(_WIDTH // 2, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a project."""
        listed = index.data(PROJECT_ROLE)
        if not isinstance(listed, ListedProject):
            return
        place: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        self._paint_ground(painter, place, state)
        inside = place.adjusted(_MARGIN, 9, -_MARGIN, -9)
        top = QRect(inside.left(), inside.top(), inside.width(), 20)
        below = QRect(inside.left(), inside.bottom() - 18, inside.width(), 18)
        badge = listed.badge(datetime.now(UTC))
        room = top.width()
        if badge is not None:
            paint_badge(painter, top, badge, self._theme, right=True)
            room -= badge_size(badge, self._theme).width() + Metric.GRID
        name = QRect(top.left(), top.top(), room, top.height())
        muted = not listed.row.active
        self._write(painter, name, listed.row.name, FontRole.STRONG, muted=muted)
        line = below.adjusted(0, 0, -_SPARK.width() - Metric.GRID, 0)
        self._write(painter, line, words.project_line(listed.row), FontRole.MUTED, muted=True)
        bars = QRect(QPoint(0, 0), _SPARK)
        bars.moveBottomRight(below.bottomRight())
        paint_sparkline(painter, bars, listed.row.recent, self._theme)
        painter.restore()

    def _paint_ground(self, painter: QPainter, place: QRect, state: QStyle.StateFlag) -> None:
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, self._theme.color(Role.ACCENT_GROUND))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, self._theme.color(Role.HOVER))
        line = QRect(place.left(), place.bottom(), place.width(), 1)
        painter.fillRect(line, self._theme.color(Role.LINE))
        if state & QStyle.StateFlag.State_HasFocus:
            edge = QRect(place.left(), place.top(), 3, place.height() - 1)
            painter.fillRect(edge, self._theme.color(Role.ACCENT))

    def _write(
        self, painter: QPainter, place: QRect, text: str, role: FontRole, *, muted: bool
    ) -> None:
        font = self._theme.font(role)
        painter.setFont(font)
        painter.setPen(self._theme.color(Role.MUTED if muted else Role.TEXT))
        elided = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(
            place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided
        )


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
        self.setProperty("kind", "pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(_("Filter projects"))
        self.filter.setAccessibleName(_("Filter projects"))
        self.filter.setClearButtonEnabled(True)
        self.add_button = QToolButton()
        self.add_button.setDefaultAction(new)
        self.add_button.setProperty("kind", "bordered")
        self.add_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.add_button.setAccessibleName(new.text().replace("&", ""))
        self.proxy = ProjectFilter(model, self)
        self.list = self._make_list(theme)
        self._actions: list[QAction] = []
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._make_no_match())
        self._lay_out()
        self.filter.textChanged.connect(self._filter)
        for change in (self.proxy.rowsInserted, self.proxy.rowsRemoved, model.dataChanged):
            change.connect(self._fit)

    def choose(self, project_id: int | None) -> None:
        """Show a project as chosen; the filter gives way where it hides it."""
        place = self._source.place(project_id) if project_id is not None else -1
        index = self.proxy.mapFromSource(self._source.index(place))
        if place >= 0 and not index.isValid():
            self.filter.clear()
            index = self.proxy.mapFromSource(self._source.index(place))
        if index != self.list.currentIndex() or not self.list.selectionModel().hasSelection():
            self._choosing = True
            self.list.selectionModel().setCurrentIndex(
                index, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
            self._choosing = False
            self.list.scrollTo(index)

    def offer(self, actions: list[QAction], delete: QAction) -> None:
        """Take the actions of the context menu, one of which the Delete key triggers."""
        self._actions = actions
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
        clear.clicked.connect(self.filter.clear)
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
        self._no_match.setText(_("No project matches “{text}”.").format(text=text.strip()))
        self._fit()

    def _fit(self) -> None:
        hidden = self._source.rowCount() > 0 and self.proxy.rowCount() == 0
        self._stack.setCurrentIndex(1 if hidden else 0)

    def _current_changed(self, current: QModelIndex) -> None:
        listed = current.data(PROJECT_ROLE)
        if isinstance(listed, ListedProject) and not self._choosing:
            self.chosen.emit(listed.row.id)

    def _show_menu(self, place: QPoint) -> None:
        if not self.list.indexAt(place).isValid():
            return
        menu = QMenu(self.list)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addActions(self._actions)
        menu.popup(self.list.viewport().mapToGlobal(place))
