"""A length of time, in the unit that suits it."""

from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QStyledItemDelegate

from core.translation import _
from desktop.widgets.form.fields import Field, keep_wheel_for_focus
from desktop.widgets.number_box import NumberBox

_UNITS = (1, 60, 3600)


class DurationField(Field):
    """A number of seconds, minutes or hours, and a tick for none where ``none_text`` is given.

    Its value is in whole seconds.

    Args:
        most: Seconds that it can be at most.
        usual: Seconds at first.
    """

    def __init__(self, *, most: int, usual: int = 0, none_text: str = "") -> None:
        self._box = NumberBox(0, most)
        super().__init__(self._box)
        self._most = most
        self._setting = False
        self._box.setMinimumWidth(90)
        keep_wheel_for_focus(self._box)
        self.unit = QComboBox()
        for seconds, words in zip(
            _UNITS, (_("seconds"), _("minutes"), _("hours")), strict=True
        ):
            self.unit.addItem(words, seconds)
        self.unit.setItemDelegate(QStyledItemDelegate(self.unit))
        self.unit.setAccessibleName(_("Unit of time"))
        keep_wheel_for_focus(self.unit)
        self._none = QCheckBox(none_text)
        if not none_text:
            self._none.hide()
        self._none.toggled.connect(self._box.setDisabled)
        self._none.toggled.connect(self.unit.setDisabled)
        self._none.clicked.connect(self.changed)
        self._box.valueChanged.connect(self._tell)
        self.unit.activated.connect(self._tell)
        self.unit.currentIndexChanged.connect(self._limit)
        row = QHBoxLayout(self)
        self._fill(row, self._box, self.unit, self._none)
        row.addStretch(1)
        self.set_value(usual)

    def value(self) -> int | None:
        """Return seconds, None for none."""
        if self._none.isChecked():
            return None
        return self._box.value() * int(self.unit.currentData())

    def set_value(self, value: int | None) -> None:
        """Show seconds in the largest unit that tells them exactly; None ticks the box."""
        self._setting = True
        self._none.setChecked(value is None)
        if value is not None:
            fitting = [unit for unit in _UNITS if value and value % unit == 0]
            unit = max(fitting, default=1)
            self.unit.setCurrentIndex(_UNITS.index(unit))
            self._box.setValue(value // unit)
        self._setting = False

    def _limit(self) -> None:
        self._box.setMaximum(self._most // int(self.unit.currentData()))

    def _tell(self) -> None:
        if not self._setting:
            self.changed.emit()
