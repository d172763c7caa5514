"""Where SQL is typed or pasted; what is too much for an editor is held without being shown."""

import asyncio
from pathlib import Path

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QPlainTextEdit

from core.errors import AppError, Category
from core.translation import _, ngettext
from desktop.figures import number, size
from desktop.theme import FontRole, Theme

MOST_SHOWN = 100_000
LONGEST_LINE = 20_000
MOST_BYTES = 8_000_000


class ScriptError(AppError):
    """A file with SQL cannot be taken."""

    code = "script"
    category = Category.VALIDATION


class ScriptField(QPlainTextEdit):
    """An editor for SQL.

    Signals:
        held: A text is held without being shown, or no longer; carries words about it.
    """

    held = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._held = ""
        self.setFont(theme.font(FontRole.MONO))
        self.setAccessibleName(_("SQL to be explained"))
        self.setPlaceholderText(
            _("Paste SQL here, one statement or several, or open a file. None of it is run.")
        )
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTabChangesFocus(True)
        self.textChanged.connect(self._typed)

    @property
    def script(self) -> str:
        """All that is to be explained."""
        return self._held or self.toPlainText()

    def take(self, text: str, name: str = "") -> None:
        """Take a text, of a file with that name; show it unless it is too much."""
        if not _is_large(text):
            self.setPlainText(text)
            return
        self.clear()
        self._held = text
        words = ngettext("{count} character", "{count} characters", len(text))
        told = words.format(count=number(len(text)))
        self.held.emit(
            _("{name}: {count}, too long to be shown").format(
                name=name or _("The pasted text"), count=told
            )
        )

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802
        """Paste; a text that is too much takes the place of all."""
        text = source.text()
        if _is_large(text) or len(text) + self.document().characterCount() > MOST_SHOWN:
            self.take(self.toPlainText() + text)
        else:
            super().insertFromMimeData(source)

    def _typed(self) -> None:
        if self._held:
            self._held = ""
            self.held.emit("")


async def read_script(path: Path) -> str:
    """Return the text of a file with SQL.

    Raises:
        ScriptError: It cannot be read, is no text, or is too large.
    """
    return await asyncio.to_thread(_read, path)


def _read(path: Path) -> str:
    refused = _("“{name}” cannot be explained.").format(name=path.name)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            detail = _("It is larger than {size}.").format(size=size(MOST_BYTES))
            hint = _("Paste the statements that matter.")
            raise ScriptError(refused, detail=detail, hint=hint)
        return data.decode("utf-8-sig")
    except OSError as error:
        raise ScriptError(refused, detail=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        hint = _("Save it as UTF-8 text, or choose another file.")
        raise ScriptError(refused, detail=_("It is not text."), hint=hint) from error


def _is_large(text: str) -> bool:
    if len(text) > MOST_SHOWN:
        return True
    return any(len(line) > LONGEST_LINE for line in text.split("\n"))
