"""What stands where nothing is yet: why it is empty, and the first thing to do."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.theme import Metric, Role, Theme

_ICON = 40
_TEXT_WIDTH = 400


class EmptyState(QWidget):
    """An icon, a title, a sentence, and one main action.

    Args:
        action: The words of the button; none when empty.
        width: Pixels that the sentence may take.

    Signals:
        triggered: The button was pressed.
    """

    triggered = Signal()

    def __init__(
        self,
        theme: Theme,
        *,
        icon: str,
        title: str,
        text: str = "",
        action: str = "",
        width: int = _TEXT_WIDTH,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._width = width
        self._icon = QLabel(self)
        self._title = QLabel(self)
        self._title.setProperty("kind", "title")
        self._text = QLabel(self)
        self._text.setProperty("kind", "muted")
        self._text.setWordWrap(True)
        self._text.setFixedWidth(width)
        self.button = QPushButton(self)
        self.button.setProperty("kind", "primary")
        self.button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.button.clicked.connect(self.triggered)
        self._lay_out()
        self._name = icon
        theme.changed.connect(self._paint_icon)
        self.say(icon=icon, title=title, text=text, action=action)

    def say(self, *, icon: str, title: str, text: str = "", action: str = "") -> None:
        """Say something else."""
        self._name = icon
        self._paint_icon()
        for label, words in ((self._title, title), (self._text, text)):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setText(words)
            label.setVisible(bool(words))
        self.button.setText(action)
        self.button.setVisible(bool(action))
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self._fit_text()

    def event(self, event: QEvent) -> bool:
        """Give the wrapped text its whole height once its font is known, or another one."""
        handled = super().event(event)
        if event.type() in (QEvent.Type.Show, QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._fit_text()
        return handled

    def _fit_text(self) -> None:
        # A layout that centres a wrapped label asks for its height without its width.
        self._text.ensurePolished()
        self._text.setFixedHeight(max(self._text.heightForWidth(self._width), 0))

    def _paint_icon(self) -> None:
        icon = self._theme.icon(self._name, Role.MUTED)
        self._icon.setPixmap(icon.pixmap(_ICON, _ICON))

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setSpacing(Metric.GRID)
        layout.addStretch(2)
        for label in (self._icon, self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(Metric.GRID)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
