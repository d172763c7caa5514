"""One figure as a card that is a button: what it counts, how many, and a word on it."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from core.errors import AppError
from core.translation import _
from core.users.insights.schemas import PeopleCount
from desktop.figures import number
from desktop.theme import FontRole, Metric, Role, Theme
from desktop.widgets.tips import plain_tip

_SIZE = QSize(180, 96)
_MARGIN = 16
_WAITING = "…"
_NONE = "—"


class FigureTile(QAbstractButton):
    """A figure; a click asks for the list behind it, or again for what failed.

    Signals:
        opened: The list behind the figure is wanted; carries its ``ListQuery``.
        retried: The person wants to try again after a failure.
    """

    opened = Signal(object)
    retried = Signal()

    def __init__(self, theme: Theme, caption: str) -> None:
        super().__init__()
        self._theme, self._caption = theme, caption
        self._figure, self._note = _WAITING, ""
        self._count: PeopleCount | None = None
        self._failed = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._open)
        theme.changed.connect(self.update)
        self._tell()

    @property
    def figure(self) -> str:
        """The figure as it is written."""
        return self._figure

    def show_count(self, count: PeopleCount, note: str = "") -> None:
        """Show a figure with a word on it."""
        self._count, self._figure, self._note = count, number(count.count), note
        self._failed = False
        self.setToolTip(_("Show these people"))
        self._tell()

    def show_caption(self, caption: str) -> None:
        """Count something else; the figure is on its way."""
        self._caption, self._figure, self._note, self._count = caption, _WAITING, "", None
        self._tell()

    def fail(self, error: AppError) -> None:
        """Say why there is no figure, or no newer one."""
        self._failed = True
        self._note = error.title
        if self._count is None:
            self._figure = _NONE
        text = f"{error.as_text()}\n{_('Click to try again.')}"
        self.setToolTip(plain_tip(text))
        self._tell()

    def sizeHint(self) -> QSize:
        """Return the room of a tile."""
        return _SIZE

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the least room of a tile."""
        return QSize(140, _SIZE.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint card and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_card(painter)
        inner = self.rect().adjusted(_MARGIN, 12, -_MARGIN, -12)
        line = Qt.AlignmentFlag.AlignLeft.value | Qt.AlignmentFlag.AlignTop.value
        for text, font, color, top in (
            (self._caption, FontRole.MUTED, Role.MUTED, 0),
            (self._figure, FontRole.FIGURE, Role.TEXT, 20),
            (self._note, FontRole.MUTED, Role.FAILURE if self._failed else Role.MUTED, 54),
        ):
            painter.setFont(self._theme.font(font))
            painter.setPen(self._theme.color(color))
            mode = Qt.TextElideMode.ElideRight
            fitting = painter.fontMetrics().elidedText(text, mode, inner.width())
            painter.drawText(inner.adjusted(0, top, 0, 0), line, fitting)
        painter.end()

    def _paint_card(self, painter: QPainter) -> None:
        marked = self.hasFocus() or self.underMouse()
        ground = Role.HOVER if self.isDown() else Role.PANE
        painter.setBrush(self._theme.color(ground))
        painter.setPen(QPen(self._theme.color(Role.ACCENT if marked else Role.LINE), 1))
        card = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(card, Metric.CARD_RADIUS, Metric.CARD_RADIUS)

    def _tell(self) -> None:
        self.setAccessibleName(f"{self._caption}: {self._figure}")
        self.setAccessibleDescription(self._note)
        self.update()

    def _open(self) -> None:
        if self._failed:
            self.retried.emit()
        elif self._count is not None:
            self.opened.emit(self._count.behind)


class Tiles(QObject):
    """The place of figures that come together.

    Signals:
        retried: The person wants to try again after a failure.
    """

    retried = Signal()

    def __init__(self, tiles: Sequence[FigureTile], parent: QObject) -> None:
        super().__init__(parent)
        self.tiles = tuple(tiles)
        for tile in tiles:
            tile.retried.connect(self.retried)

    def wait(self) -> None:
        """Leave what is shown: a tile says by itself that its figure is on its way."""

    def ready(self) -> None:
        """Leave what is shown: each figure has been shown already."""

    def fail(self, error: AppError) -> None:
        """Say why there are no figures, or no newer ones."""
        for tile in self.tiles:
            tile.fail(error)
