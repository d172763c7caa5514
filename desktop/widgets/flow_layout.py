"""A layout that sets widgets one after another and goes on in the next line."""

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Lines of widgets, each as wide as it wants to be.

    Args:
        parent: The widget that is laid out.
        gap: Pixels between widgets and between lines.
        stretch_last: Whether the last widget takes the rest of its line.
    """

    def __init__(self, parent: QWidget, gap: int, *, stretch_last: bool = False) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap, self._stretch_last = gap, stretch_last
        self.setContentsMargins(QMargins())

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802
        """Add an item behind the others."""
        self._items.append(item)

    def count(self) -> int:
        """Return the number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        """Return an item, None where there is none."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        """Take an item out."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802
        """Want no more room than is needed."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """Say that narrow means high."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Return the height of all lines at a width."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        """Return the room of all widgets in one line."""
        sizes = [item.sizeHint() for item in self._shown()]
        margins = self.contentsMargins()
        width = sum(size.width() + self._gap for size in sizes) - self._gap * bool(sizes)
        height = max((size.height() for size in sizes), default=0)
        return QSize(width, height).grownBy(margins)

    def minimumSize(self) -> QSize:  # noqa: N802
        """Return the room of the largest widget."""
        least = QSize()
        for item in self._shown():
            least = least.expandedTo(item.minimumSize())
        return least.grownBy(self.contentsMargins())

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802
        """Set the widgets into their places."""
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        """Return the height that the lines take; place the widgets where ``move``."""
        margins = self.contentsMargins()
        inner = rect.marginsRemoved(margins)
        left, top, line = inner.left(), inner.top(), 0
        shown = self._shown()
        for item in shown:
            size = item.sizeHint().boundedTo(QSize(max(inner.width(), 0), 1 << 20))
            if left > inner.left() and left + size.width() > inner.right() + 1:
                left, top, line = inner.left(), top + line + self._gap, 0
            if self._stretch_last and item is shown[-1]:
                size.setWidth(max(inner.right() + 1 - left, size.width()))
            if move:
                item.setGeometry(QRect(QPoint(left, top), size))
            left += size.width() + self._gap
            line = max(line, size.height())
        return top + line - rect.top() + margins.bottom()
