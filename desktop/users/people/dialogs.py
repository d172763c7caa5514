"""The small dialogs of the section: a value, a confirmation, a password shown once."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.translation import _
from core.users.schemas import UserRow, erasure_rule
from desktop.theme import FontRole, Metric, Theme
from desktop.widgets.footer import Footer
from desktop.widgets.form import Field, Form
from desktop.widgets.marks import button, copy_text, label
from desktop.widgets.tips import plain_tip

_WIDTH = 460


class SmallDialog(QDialog):
    """A few lines over a row with two buttons.

    Args:
        title: What it is about.
        text: What follows from going on.
        action: The words of the button that goes on.
        danger: Whether that destroys something.
    """

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        text: str,
        action: str,
        *,
        danger: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDTH)
        self.text = label(text, wrap=True)
        if not text:
            self.text.hide()
        self.text.setMinimumWidth(_WIDTH - 40)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(20, 16, 20, 16)
        self.body.setSpacing(12)
        self.body.addWidget(label(title, "title", wrap=True))
        self.body.addWidget(self.text)
        self.action_button = QPushButton(action)
        self.action_button.setProperty("kind", "danger" if danger else "primary")
        self.action_button.setDefault(not danger)
        self.action_button.clicked.connect(self.accept)
        self.cancel_button = button(_("Cancel"), self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self.body, 1)
        layout.addWidget(Footer(self.cancel_button, self.action_button))


class ValueDialog(SmallDialog):
    """Asks for one value."""

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        text: str,
        action: str,
        *,
        words: str,
        field: Field,
    ) -> None:
        super().__init__(parent, title, text, action)
        self.form = Form()
        self.form.add("value", words, field)
        self.body.addWidget(self.form)
        self.body.addStretch(1)
        field.setFocus()

    def accept(self) -> None:
        """Close, unless what was given cannot be taken."""
        problems = self.form.problems()
        if not problems and not self.form.values()["value"]:
            problems = {"value": _("This is needed.")}
        self.form.set_errors(problems)
        if not problems:
            super().accept()


class EraseDialog(SmallDialog):
    """Tells what erasing means, and waits until the user name is typed."""

    def __init__(self, parent: QWidget | None, row: UserRow, days: int) -> None:
        super().__init__(
            parent,
            _("Erase “{name}” for good?").format(name=row.username),
            erasure_rule(days),
            _("Erase for good"),
            danger=True,
        )
        self._name = row.username
        self.line = QLineEdit()
        self.line.setPlaceholderText(row.username)
        self.line.setAccessibleName(_("User name, to confirm"))
        self.line.textChanged.connect(self._follow)
        self.body.addWidget(
            label(_("There is no way back. Type the user name to confirm:"), "heading")
        )
        self.body.addWidget(self.line)
        self.body.addStretch(1)
        self.line.setFocus()
        self._follow()

    def _follow(self) -> None:
        same = self.line.text().strip() == self._name
        self.action_button.setEnabled(same)
        missing = "" if same else _("Type the user name first.")
        self.action_button.setToolTip(plain_tip(missing))


class PasswordDialog(SmallDialog):
    """Shows a temporary password, this once."""

    def __init__(
        self, parent: QWidget | None, theme: Theme, username: str, password: str
    ) -> None:
        super().__init__(
            parent,
            _("The temporary password of “{name}”").format(name=username),
            _("It is shown this once. Hand it over in a safe way; at the next sign-in it has"
              " to be changed."),
            _("Done"),
        )  # fmt: skip
        self.line = QLineEdit(password)
        self.line.setReadOnly(True)
        self.line.setFont(theme.font(FontRole.MONO))
        self.line.setAccessibleName(_("Temporary password"))
        self.line.setCursorPosition(0)
        self.copy_button = button(_("Copy"), lambda: copy_text(self.line.text()))
        row = QHBoxLayout()
        row.setSpacing(Metric.GRID)
        row.addWidget(self.line, 1)
        row.addWidget(self.copy_button)
        self.body.addLayout(row)
        self.body.addStretch(1)
        self.cancel_button.hide()
        self.copy_button.setFocus(Qt.FocusReason.OtherFocusReason)
