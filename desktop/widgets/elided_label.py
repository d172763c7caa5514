"""A label that shortens its text to the room it has and tells the whole in its tool tip."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from desktop.widgets.tips import explain


class ElidedLabel(QLabel):
    """One line of plain text that never widens its window.

    Args:
        text: What it says; names and paths of people are taken literally, never as markup.
        mode: Where the dots go: the middle is right for paths.
    """

    def __init__(
        self,
        text: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802
        """Say something else."""
        super().setText(text.replace("\n", " "))
        self._explain()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return room for hardly more than the dots."""
        dots = self.fontMetrics().horizontalAdvance("MM…")
        return QSize(min(dots, self.sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the tool tip for text that does not fit."""
        super().resizeEvent(event)
        self._explain()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Paint what fits."""
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            self.alignment().value,
            self.palette(),
            self.isEnabled(),
            self._fitting(),
            self.foregroundRole(),
        )
        painter.end()

    def _fitting(self) -> str:
        return self.fontMetrics().elidedText(
            self.text(), self._mode, self.contentsRect().width()
        )

    def _explain(self) -> None:
        explain(self, self.text() if self._fitting() != self.text() else "")
