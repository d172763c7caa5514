"""The dialog that asks for the passphrase of exported keys."""

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.translation import _, ngettext
from desktop.theme import set_kind
from desktop.widgets.marks import button, label

SHORTEST = 12
_WIDTH = 440


class PassphraseDialog(QDialog):
    """Asks for a passphrase: once to open, twice where a new one is chosen."""

    def __init__(self, parent: QWidget, *, title: str, text: str, go: str, new: bool) -> None:
        super().__init__(parent)
        self._new = new
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDTH)
        self.first, self.second = _field(), _field()
        self.message = label("", "error", wrap=True)
        self.go = button(go, self._accept_if_right, "primary")
        self.go.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(6)
        layout.addWidget(label(title, "title"))
        layout.addWidget(label(text, wrap=True))
        layout.addSpacing(10)
        self._add(layout, _("Passphrase"), self.first)
        if new:
            self._add(layout, _("The same once more"), self.second)
        layout.addWidget(self.message)
        layout.addSpacing(12)
        layout.addLayout(self._foot())
        self.first.textChanged.connect(self._follow)
        self.second.textChanged.connect(self._follow)
        self._follow()
        self.first.setFocus()

    def passphrase(self) -> str:
        """Return what was typed."""
        return self.first.text()

    def _add(self, layout: QVBoxLayout, words: str, field: QLineEdit) -> None:
        name = label(words)
        name.setBuddy(field)
        field.setAccessibleName(words)
        layout.addWidget(name)
        layout.addWidget(field)
        layout.addSpacing(6)

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(button(_("Cancel"), self.reject))
        row.addWidget(self.go)
        return row

    def _follow(self) -> None:
        self._say("")
        self.go.setEnabled(bool(self.first.text()))

    def _accept_if_right(self) -> None:
        problem = self._problem()
        if problem:
            self._say(problem)
            return
        self.accept()

    def _problem(self) -> str:
        if not self._new:
            return ""
        if len(self.first.text()) < SHORTEST:
            return ngettext(
                "Take at least {count} character; several words are easiest to remember.",
                "Take at least {count} characters; several words are easiest to remember.",
                SHORTEST,
            ).format(count=SHORTEST)
        if self.first.text() != self.second.text():
            return _("The two are not the same.")
        return ""

    def _say(self, message: str) -> None:
        self.message.setText(message)
        self.message.setVisible(bool(message))
        for field in (self.first, self.second):
            set_kind(field, "invalid" if message else "")
            field.setAccessibleDescription(message)


def _field() -> QLineEdit:
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    return field
