"""Both versions of a person whom two changed at once, field by field."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from core.translation import _
from core.users.schemas import FieldDifference, UserConflictError
from desktop.theme import Metric
from desktop.widgets.marks import label

MINE, THEIRS = "mine", "theirs"
_LONGEST = 400
_LINE = 24


class ConflictView(QWidget):
    """For each field what it was, what is stored now, and what was typed here.

    Where only one of the two changed a field, that one is chosen at first; where both did,
    what was typed here.

    Args:
        field_words: Returns what a field is called.
        value_words: Returns the value of a field as people read it.
    """

    def __init__(
        self, field_words: Callable[[str], str], value_words: Callable[[str, object], str]
    ) -> None:
        super().__init__()
        self._field_words, self._value_words = field_words, value_words
        self._groups: dict[str, QButtonGroup] = {}
        self.choices: dict[str, dict[str, QRadioButton]] = {}
        self.differences: tuple[FieldDifference, ...] = ()
        self._title = label("", "title", wrap=True)
        self._text = label("", wrap=True)
        self._card: QFrame | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(12)
        self._layout.addWidget(self._title)
        self._layout.addWidget(self._text)
        self._layout.addStretch(1)

    def show_conflict(self, error: UserConflictError) -> None:
        """Show the differences."""
        self._title.setText(error.title)
        self._text.setText(" ".join(part for part in (error.detail, error.hint) if part))
        self.differences = error.differences
        self._groups.clear()
        self.choices.clear()
        if self._card is not None:
            self._card.deleteLater()
        self._card = self._make_card()
        self._layout.insertWidget(2, self._card)
        first = next(iter(self.choices.values()), None)
        if first is not None:
            next(one for one in first.values() if one.isChecked()).setFocus()

    def chosen(self) -> dict[str, str]:
        """Return for each field whose value holds: ``mine`` or ``theirs``."""
        return {
            name: THEIRS if buttons[THEIRS].isChecked() else MINE
            for name, buttons in self.choices.items()
        }

    def _make_card(self) -> QFrame:
        card = QFrame()
        card.setProperty("kind", "card")
        grid = QGridLayout(card)
        grid.setContentsMargins(16, 12, 16, 14)
        grid.setHorizontalSpacing(2 * Metric.GRID)
        grid.setVerticalSpacing(10)
        headings = (_("Field"), _("When you opened it"), _("Stored now"), _("Yours"))
        for column, words in enumerate(headings):
            grid.addWidget(label(words, "muted"), 0, column)
            grid.setColumnStretch(column, 0 if column == 0 else 1)
        for row, one in enumerate(self.differences, 1):
            self._add_row(grid, row, one)
        return card

    def _add_row(self, grid: QGridLayout, row: int, one: FieldDifference) -> None:
        top = Qt.AlignmentFlag.AlignTop
        base = self._words(one.field, one.base)
        name = self._field_words(one.field)
        for column, kind, words in ((0, "heading", name), (1, "muted", base)):
            shown = label(words, kind, wrap=column == 1)
            shown.setMinimumHeight(_LINE)
            grid.addWidget(shown, row, column, top)
        group = QButtonGroup(self)
        buttons = {}
        for column, key, value in ((2, THEIRS, one.theirs), (3, MINE, one.mine)):
            buttons[key] = self._button(one, key, value)
            group.addButton(buttons[key])
            cell = QWidget()
            inner = QGridLayout(cell)
            inner.setContentsMargins(0, 0, 0, 0)
            inner.setHorizontalSpacing(6)
            inner.addWidget(buttons[key], 0, 0, top)
            text: QLabel = label(self._words(one.field, value), wrap=True)
            text.setMinimumHeight(_LINE)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            inner.addWidget(text, 0, 1, top)
            inner.setColumnStretch(1, 1)
            grid.addWidget(cell, row, column, top)
        self._groups[one.field] = group
        self.choices[one.field] = buttons
        mine = one.clash or one.theirs == one.base
        buttons[MINE if mine else THEIRS].setChecked(True)

    def _button(self, one: FieldDifference, key: str, value: object) -> QRadioButton:
        made = QRadioButton()
        who = (
            _("{field}, stored now: {value}") if key == THEIRS else _("{field}, yours: {value}")
        )
        made.setAccessibleName(
            who.format(field=self._field_words(one.field), value=self._words(one.field, value))
        )
        return made

    def _words(self, name: str, value: object) -> str:
        shown = self._value_words(name, value)
        return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
