"""The editors of a condition's value, one for each kind of field."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from core.database.query.schemas import FieldDescription, Operator
from core.translation import _
from desktop.figures import locale
from desktop.theme import Metric, set_kind
from desktop.widgets.filter_bar.conditions import (
    NULLS,
    NUMBERS,
    SEVERAL,
    LastDays,
    number_words,
    read_number,
)
from desktop.widgets.number_box import NumberBox

_MOST_DAYS = 36_500
_USUAL_DAYS = 30
_LIST_ROWS = 8
_LONGEST = 500


class InvalidValueError(ValueError):
    """What stands in an editor is no value; the text says what is needed."""


class ValueEditor(QWidget):
    """An editor of one value, or of two or several."""

    def __init__(self, first: QWidget, name: str) -> None:
        super().__init__()
        self.first = first
        self.setFocusProxy(first)
        first.setAccessibleName(name)

    def value(self) -> Any:
        """Return the value.

        Raises:
            InvalidValueError: It is none.
        """
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value."""
        raise NotImplementedError

    def mark(self, message: str) -> None:
        """Mark the editor as wrong, or right where the message is empty."""
        set_kind(self.first, "invalid" if message else "")
        self.first.setAccessibleDescription(message)

    def _fill(self, *widgets: QWidget, vertical: bool = False) -> None:
        layout = QVBoxLayout(self) if vertical else QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Metric.GRID if not vertical else 2)
        for widget in widgets:
            layout.addWidget(widget)


class LineEditor(ValueEditor):
    """A text, or a number that ``read`` makes of one."""

    def __init__(
        self,
        name: str,
        read: Callable[[str], Any],
        show: Callable[[Any], str],
        *,
        pair: bool = False,
    ) -> None:
        self._lines = [QLineEdit() for _each in range(2 if pair else 1)]
        super().__init__(self._lines[0], name)
        self._read, self._show = read, show
        between: list[QWidget] = []
        for number, line in enumerate(self._lines):
            line.setMaxLength(_LONGEST)
            between += [QLabel(_("and"))] * (number > 0) + [line]
        if pair:
            self._lines[1].setAccessibleName(_("and"))
        self._fill(*between)

    def value(self) -> Any:
        """Return one value, or two in their order."""
        values = tuple(self._read_line(line) for line in self._lines)
        if len(values) == 1:
            return values[0]
        if values[0] > values[1]:
            raise InvalidValueError(_("the first value is larger than the second"))
        return values

    def mark(self, message: str) -> None:
        """Mark the line that is wrong."""
        for line in self._lines:
            wrong = message if line is self.first else ""
            set_kind(line, "invalid" if wrong else "")
            line.setAccessibleDescription(wrong)

    def _read_line(self, line: QLineEdit) -> Any:
        self.first = line
        self.setFocusProxy(line)
        return self._read(line.text())

    def set_value(self, value: Any) -> None:
        """Show one value, or two."""
        values = value if isinstance(value, tuple) else (value,)
        for line, part in zip(self._lines, values, strict=False):
            line.setText(self._show(part))


class ChoiceEditor(ValueEditor):
    """One of the choices."""

    def __init__(self, name: str, choices: Sequence[tuple[Any, str]]) -> None:
        self._combo = QComboBox()
        super().__init__(self._combo, name)
        for value, words in choices:
            self._combo.addItem(words, value)
        self._combo.setItemDelegate(QStyledItemDelegate(self._combo))
        self._fill(self._combo)

    def value(self) -> Any:
        """Return the chosen value."""
        return self._combo.currentData()

    def set_value(self, value: Any) -> None:
        """Choose a value; one that is not there leaves the choice as it is."""
        self._combo.setCurrentIndex(max(self._combo.findData(value), 0))


class SeveralEditor(ValueEditor):
    """Any number of the choices, each with a tick."""

    def __init__(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        self._ticks = {value: QCheckBox(words.replace("&", "&&")) for value, words in choices}
        first = next(iter(self._ticks.values()))
        super().__init__(first, first.text())
        self.setAccessibleName(name)
        if len(self._ticks) <= _LIST_ROWS:
            self._fill(*self._ticks.values(), vertical=True)
            return
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        for tick in self._ticks.values():
            column.addWidget(tick)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        area.setFixedHeight(_LIST_ROWS * 26)
        self._fill(area)

    def value(self) -> tuple[str, ...]:
        """Return what is ticked."""
        chosen = tuple(value for value, tick in self._ticks.items() if tick.isChecked())
        if not chosen:
            raise InvalidValueError(_("tick at least one"))
        return chosen

    def set_value(self, value: Any) -> None:
        """Tick values."""
        several = value if isinstance(value, tuple) else (value,)
        for each, tick in self._ticks.items():
            tick.setChecked(each in several)


class DaysEditor(ValueEditor):
    """A number of days."""

    def __init__(self, name: str) -> None:
        self._box = NumberBox(1, _MOST_DAYS)
        super().__init__(self._box, name)
        self._box.setValue(_USUAL_DAYS)
        self._fill(self._box, QLabel(_("days")))

    def value(self) -> LastDays:
        """Return the number."""
        return LastDays(self._box.value())

    def set_value(self, value: Any) -> None:
        """Show a number."""
        if isinstance(value, LastDays):
            self._box.setValue(value.days)


class DayEditor(ValueEditor):
    """A day of the calendar, or two."""

    def __init__(self, name: str, *, pair: bool = False) -> None:
        self._days = [_date_edit() for _each in range(2 if pair else 1)]
        super().__init__(self._days[0], name)
        if pair:
            self._days[0].setDate(QDate.currentDate().addDays(-_USUAL_DAYS))
            self._days[1].setAccessibleName(_("and"))
            self._fill(self._days[0], QLabel(_("and")), self._days[1])
        else:
            self._fill(*self._days)

    def value(self) -> Any:
        """Return one day, or two in their order."""
        days = tuple(_date(edit.date()) for edit in self._days)
        if len(days) == 1:
            return days[0]
        if days[0] > days[1]:
            raise InvalidValueError(_("the first day is after the second"))
        return days

    def set_value(self, value: Any) -> None:
        """Show one day, or two."""
        days = value if isinstance(value, tuple) else (value,)
        for edit, day in zip(self._days, days, strict=False):
            if isinstance(day, date):
                edit.setDate(QDate(day.year, day.month, day.day))


def editor_for(field: FieldDescription, operator: Operator) -> ValueEditor | None:
    """Return a new editor for a field and an operator, None where no value is needed."""
    name = _("Value of {field}").format(field=field.words)
    if operator in NULLS:
        return None
    if field.choices:
        several = operator in SEVERAL
        return (SeveralEditor if several else ChoiceEditor)(name, field.choices)
    if field.type == "boolean":
        return ChoiceEditor(name, ((True, _("yes")), (False, _("no"))))
    pair = operator is Operator.BETWEEN
    if field.type == "time":
        if operator is Operator.GT:
            return DaysEditor(name)
        return DayEditor(name, pair=pair)
    if field.type in NUMBERS:
        read = _whole if field.type == "integer" else _decimal
        return LineEditor(name, read, number_words, pair=pair)
    return LineEditor(name, _text, str, pair=pair)


def _text(text: str) -> str:
    if not text.strip():
        raise InvalidValueError(_("a text is needed"))
    return text.strip()


def _decimal(text: str) -> Any:
    try:
        return read_number(text)
    except ValueError as error:
        raise InvalidValueError(_("a number is needed")) from error


def _whole(text: str) -> int:
    found = _decimal(text)
    if found != found.to_integral_value() or abs(found) >= 2**63:
        raise InvalidValueError(_("a whole number is needed"))
    return int(found)


def _date_edit() -> QDateEdit:
    edit = QDateEdit(QDate.currentDate())
    edit.setLocale(locale())
    written = locale().dateFormat(QLocale.FormatType.ShortFormat)
    edit.setDisplayFormat(written if "yyyy" in written else written.replace("yy", "yyyy"))
    edit.setCalendarPopup(True)
    edit.setMinimumWidth(130)
    edit.lineEdit().setTextMargins(Metric.GRID, 0, 0, 0)
    edit.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return edit


def _date(day: QDate) -> date:
    return date(1, 1, 1) + timedelta(days=day.toJulianDay() - QDate(1, 1, 1).toJulianDay())
