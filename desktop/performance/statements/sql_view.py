"""SQL to be read: monospaced, wrapped, and never so much of it that the window would wait."""

from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy

from core.translation import _
from desktop.figures import number
from desktop.theme import FontRole, Theme

LONGEST = 8_000
_LEAST_LINES, _MOST_LINES = 2, 10
_ROOM = 22


class SqlView(QPlainTextEdit):
    """One statement; a long one is cut where it is shown.

    Attributes:
        sql: All of it, to be copied.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.sql = ""
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(theme.font(FontRole.MONO))
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTabChangesFocus(True)
        self.setAccessibleName(_("SQL of the statement"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._fit())
        self._fit()

    def show_sql(self, sql: str) -> None:
        """Show another statement."""
        if sql == self.sql:
            return
        self.sql = sql
        more = len(sql) - LONGEST
        cut = _("… and {count} characters more; copying takes all").format(count=number(more))
        self.setPlainText(sql if more <= 0 else f"{sql[:LONGEST]}\n{cut}")

    def _fit(self) -> None:
        lines = round(self.document().size().height())
        shown = min(max(lines, _LEAST_LINES), _MOST_LINES)
        self.setFixedHeight(shown * self.fontMetrics().lineSpacing() + _ROOM)
