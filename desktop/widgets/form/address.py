"""A postal address, part by part."""

import itertools

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QGridLayout,
    QLineEdit,
    QStyledItemDelegate,
    QWidget,
)

from core.database.fields.addresses import Address, AddressKind, countries
from core.database.fields.errors import FieldError
from core.database.fields.locales import find_locale
from core.translation import _
from desktop.figures import locale
from desktop.theme import Metric
from desktop.widgets.form.fields import Field, keep_wheel_for_focus

_LINES = ("street", "extra", "postal_code", "city", "region")


class AddressField(Field):
    """The parts of an address; its value is None while all of them are empty.

    Args:
        country: Two letters of the country chosen at first.
    """

    def __init__(self, country: str = "US") -> None:
        self._lines = {name: QLineEdit() for name in _LINES}
        super().__init__(self._lines["street"])
        self._usual = country
        words = _words()
        for name, line in self._lines.items():
            line.setPlaceholderText(words[name])
            line.setAccessibleName(words[name])
            line.setMaxLength(200)
            line.textEdited.connect(self.changed)
        self.kind = _combo(_("Kind of address"))
        for kind, kind_words in _kinds():
            self.kind.addItem(kind_words, kind)
        self.country = _combo(_("Country"))
        names = find_locale(locale().name()).territories
        for code in sorted(countries(), key=lambda code: names.get(code, code)):
            self.country.addItem(names.get(code, code), code)
        self.country.setEditable(True)
        self.country.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer = QCompleter(self.country.model(), self.country)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.country.setCompleter(completer)
        for combo in (self.kind, self.country):
            combo.activated.connect(self.changed)
        self.country.editTextChanged.connect(self._country_typed)
        self._lay_out()
        self.set_value(None)

    def value(self) -> Address | None:
        """Return the address, None where there is none or it is wrong."""
        try:
            return self._read()
        except FieldError:
            return None

    def set_value(self, value: Address | None) -> None:
        """Show an address, or none."""
        for name, line in self._lines.items():
            line.setText("" if value is None else getattr(value, name))
        kind = AddressKind.HOME if value is None else value.kind
        self.kind.setCurrentIndex(self.kind.findData(kind))
        code = self._usual if value is None else value.country
        self.country.setCurrentIndex(self.country.findData(code))

    def problem(self) -> str:
        """Return what is wrong with the address."""
        try:
            self._read()
        except FieldError as error:
            return str(error)
        return ""

    def part(self, name: str) -> QLineEdit:
        """Return the line of a part."""
        return self._lines[name]

    def _read(self) -> Address | None:
        parts = {name: line.text().strip() for name, line in self._lines.items()}
        if not any(parts.values()):
            return None
        kind = AddressKind(self.kind.currentData())
        return Address(kind=kind, country=self._country(), **parts)

    def _country_typed(self) -> None:
        if self.country.hasFocus():
            self.changed.emit()

    def _country(self) -> str:
        """Return the code of what stands in the combo box, typed or chosen."""
        typed = self.country.currentText().strip()
        place = self.country.findText(typed, Qt.MatchFlag.MatchFixedString)
        return str(self.country.itemData(place)) if place >= 0 else typed

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(Metric.GRID)
        for row, places in enumerate(
            (
                ((self.kind, 1), (self._lines["street"], 2)),
                ((self._lines["extra"], 3),),
                ((self._lines["postal_code"], 1), (self._lines["city"], 2)),
                ((self._lines["region"], 1), (self.country, 2)),
            )
        ):
            column = 0
            for widget, width in places:
                grid.addWidget(widget, row, column, 1, width)
                column += width
        for column in range(3):
            grid.setColumnStretch(column, 1)
        order = [self.kind, *self._lines.values(), self.country]
        for first, second in itertools.pairwise(order):
            QWidget.setTabOrder(first, second)


def _combo(name: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setItemDelegate(QStyledItemDelegate(combo))
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(8)
    keep_wheel_for_focus(combo)
    return combo


def _words() -> dict[str, str]:
    return {
        "street": _("Street and number"),
        "extra": _("Floor, company, box"),
        "postal_code": _("Postal code"),
        "city": _("City"),
        "region": _("State or region"),
    }


def _kinds() -> tuple[tuple[AddressKind, str], ...]:
    return (
        (AddressKind.HOME, _("Home")),
        (AddressKind.WORK, _("Work")),
        (AddressKind.OTHER, _("Other")),
    )
