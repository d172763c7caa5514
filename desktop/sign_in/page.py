"""What the pages before a workspace have in common: one card in the middle, calm around it."""

from itertools import pairwise

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core import paths
from core.errors import AppError, ValidationError
from core.translation import _
from desktop.sign_in.message import Message
from desktop.sign_in.password_field import PasswordField
from desktop.theme import Role, Theme
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.form import Form
from desktop.widgets.marks import button, label

CARD_WIDTH = 440
_LOGO = 40


class CardPage(QScrollArea):
    """A page with one card; it scrolls where the window is low.

    Args:
        workspace: The name of the workspace, shown over the card.
        title: What the page is for.
        intro: What is to be known before; may be empty.

    Signals:
        submitted: The main button, or Return.
        leave_wanted: The way out at the bottom was chosen.
    """

    submitted = Signal()
    leave_wanted = Signal()

    def __init__(self, theme: Theme, workspace: str, title: str, intro: str = "") -> None:
        super().__init__()
        self.theme = theme
        self.message = Message(theme)
        self.form = Form()
        self.main_button = button("", self.submit, "primary")
        self.leave_button = button("", self.leave_wanted.emit, "link")
        self.busy = False
        self._bar = _busy_bar()
        self.heading = label(title, "title", wrap=True)
        self.intro = label(intro, wrap=True)
        if not intro:
            self.intro.hide()
        self.card = QFrame()
        self.card.setProperty("kind", "card")
        self.card.setFixedWidth(CARD_WIDTH)
        self.column = QVBoxLayout(self.card)
        self._arrange(workspace)
        self.setAccessibleName(title)
        self.form.changed.connect(lambda _name: self.message.say(""))

    def submit(self) -> None:
        """Hand over what was typed, unless the last answer is still awaited."""
        if not self.busy:
            self.submitted.emit()

    def set_busy(self, busy: bool) -> None:
        """Take no input while an answer is awaited."""
        self.busy = busy
        self._bar.setVisible(busy)
        self.main_button.setEnabled(not busy)
        self.form.setEnabled(not busy)

    def show_failure(self, error: AppError, wait_s: float = 0) -> None:
        """Show an error beside the fields that it is about, or over them."""
        if isinstance(error, ValidationError):
            fields = dict(error.fields)
            general = "\n".join(
                text for name, text in fields.items() if name not in self.form.values()
            )
            self.message.say(general)
            self.form.set_errors({k: v for k, v in fields.items() if k in self.form.values()})
        else:
            self.message.tell(error, wait_s)
        self.ensureVisible(0, 0)
        focused = self.focusWidget()
        if focused is not None:
            self.ensureWidgetVisible(focused, 50, 80)

    def say(self, text: str, role: Role = Role.ACCENT) -> None:
        """Show a message over the fields."""
        self.message.say(text, role)

    def wipe(self) -> None:
        """Forget all passwords that were typed."""
        for field in self.findChildren(PasswordField):
            field.wipe()

    def focus_main(self) -> None:
        """Give the keyboard to the first field that is empty, or else to the last."""
        lines = [one for one in self.form.findChildren(QLineEdit) if one.isVisibleTo(self)]
        empty = [one for one in lines if not one.text()]
        for line in (empty or lines[-1:])[:1]:
            line.setFocus(Qt.FocusReason.OtherFocusReason)

    def connect_lines(self) -> None:
        """Let Return in any line hand over the page, and Tab go down it; called at the end."""
        for line in self.form.findChildren(QLineEdit):
            line.returnPressed.connect(self.submit)
        self._order_tabs()

    def _order_tabs(self) -> None:
        """Follow the page from above: buttons that were made first would come first."""
        items = [self.column.itemAt(place) for place in range(self.column.count())]
        parts = [item.widget() for item in items if item is not None]
        stops = [
            one
            for part in [*parts, self.leave_button]
            if part is not None
            for one in (part, *part.findChildren(QWidget))
            if one.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _arrange(self, workspace: str) -> None:
        self.column.setContentsMargins(28, 24, 28, 24)
        self.column.setSpacing(14)
        self.column.addWidget(self.heading)
        self.column.addWidget(self.intro)
        self.column.addWidget(self.message)
        self.column.addWidget(self.form)
        self.column.addWidget(self._bar)
        self.column.addWidget(self.main_button)
        whole = QVBoxLayout()
        whole.setSpacing(16)
        whole.addStretch(2)
        whole.addLayout(_header(workspace))
        whole.addWidget(self.card)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.leave_button)
        foot.addStretch(1)
        whole.addLayout(foot)
        whole.addStretch(3)
        body = QWidget()
        body.setProperty("kind", "page")
        row = QHBoxLayout(body)
        row.setContentsMargins(24, 24, 24, 24)
        row.addStretch(1)
        row.addLayout(whole)
        row.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(body)


def _header(workspace: str) -> QHBoxLayout:
    logo = QLabel()
    icon = QIcon(str(paths.resource("icons", "buildbench.svg")))
    logo.setPixmap(icon.pixmap(QSize(_LOGO, _LOGO)))
    name = ElidedLabel(workspace, Qt.TextElideMode.ElideMiddle)
    name.setProperty("kind", "muted")
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(label("Buildbench", "title"))
    words.addWidget(name)
    row = QHBoxLayout()
    row.setContentsMargins(4, 0, 4, 0)
    row.setSpacing(12)
    row.addWidget(logo)
    row.addLayout(words, 1)
    return row


def _busy_bar() -> QProgressBar:
    bar = QProgressBar()
    bar.setTextVisible(False)
    bar.setRange(0, 0)
    bar.setAccessibleName(_("An answer is awaited"))
    bar.hide()
    return bar
