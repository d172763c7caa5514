"""An amount of money with its currency."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QStyledItemDelegate

from core.database.fields.errors import FieldError
from core.database.fields.money import Money
from core.translation import _
from desktop.figures import locale
from desktop.theme import set_kind
from desktop.widgets.form.fields import Field, keep_wheel_for_focus

USUAL: Final = ("USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "KRW", "CAD", "AUD", "BRL")
_CURRENCY_WIDTH = 92


class MoneyField(Field):
    """A line for the amount, as the locale writes numbers, and the currency beside it.

    The value is None while no amount is given, or one that ``problem`` tells of.

    Args:
        currencies: What can be chosen, the usual one first; that of a value is added.
    """

    def __init__(self, currencies: Sequence[str] = USUAL) -> None:
        self._line = QLineEdit()
        super().__init__(self._line)
        self._line.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._line.setMaxLength(60)
        self._line.setPlaceholderText(locale().toString(0.0, "f", 2))
        self._line.textEdited.connect(self.changed)
        self.currency = QComboBox()
        self.currency.setAccessibleName(_("Currency"))
        self.currency.addItems(list(currencies))
        self.currency.setItemDelegate(QStyledItemDelegate(self.currency))
        self.currency.setFixedWidth(_CURRENCY_WIDTH)
        self.currency.activated.connect(self.changed)
        keep_wheel_for_focus(self.currency)
        self._fill(QHBoxLayout(self), self._line, self.currency)

    def value(self) -> Money | None:
        """Return the amount, None where none is given or it cannot be read."""
        try:
            return self._read()
        except FieldError:
            return None

    def set_value(self, value: Money | None) -> None:
        """Show an amount, or none."""
        self._line.setText("" if value is None else _written(value))
        if value is not None:
            if self.currency.findText(value.currency) < 0:
                self.currency.addItem(value.currency)
            self.currency.setCurrentText(value.currency)

    def problem(self) -> str:
        """Return why the amount cannot be read."""
        try:
            self._read()
        except FieldError as error:
            return str(error)
        return ""

    def set_message(self, message: str) -> None:
        """Mark the amount."""
        super().set_message(message)
        set_kind(self._line, "invalid" if message else "")

    def _read(self) -> Money | None:
        from core.database.fields.exact import read_decimal

        text = self._line.text().strip()
        if not text:
            return None
        return Money(read_decimal(text, locale().name()), self.currency.currentText())


def _written(value: Money) -> str:
    whole, _point, rest = f"{value.amount:f}".partition(".")
    return f"{whole}{locale().decimalPoint()}{rest}" if rest else whole
