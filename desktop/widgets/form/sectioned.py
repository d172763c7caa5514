"""A form in sections: a list of them at the left, the fields of one at the right."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.translation import _
from desktop.theme import Metric, Role, Theme
from desktop.widgets.form.fields import Field
from desktop.widgets.form.form import Form
from desktop.widgets.marks import label, separator

_LIST_WIDTH = 184
_ITEM_HEIGHT = 34


class SectionedForm(Form):
    """Named fields, of which one section is in sight; a section with a mistake is marked.

    Each section begins with ``add_section``; there is none before the first.

    Attributes:
        above: Takes what stands over every section.

    Signals:
        turned: Another section is in sight.
    """

    turned = Signal()

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._section_of: dict[str, int] = {}
        self._icons: list[str] = []
        self._areas: list[QScrollArea] = []
        self._columns: list[QVBoxLayout] = []
        self.sections = QListWidget()
        self.sections.setProperty("kind", "flush")
        self.sections.setAccessibleName(name)
        self.sections.setFixedWidth(_LIST_WIDTH)
        self.sections.setIconSize(QSize(Metric.ICON, Metric.ICON))
        self.sections.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.pages = QStackedWidget()
        self.above = QVBoxLayout()
        self._lay_out()
        self.sections.currentRowChanged.connect(self._turn)
        for keys, step in (("Ctrl+PgDown", 1), ("Ctrl+PgUp", -1)):
            QShortcut(QKeySequence(keys), self).activated.connect(
                lambda step=step: self._step(step)
            )

    @property
    def area(self) -> QScrollArea:
        """What the fields of the section in sight lie in."""
        return self._areas[max(self.pages.currentIndex(), 0)]

    def add_section(self, title: str, icon: str = "", lead: str = "") -> None:
        """Begin a section.

        Args:
            icon: A name that ``Theme.icon`` takes.
            lead: A sentence over its fields.
        """
        page = QWidget()
        self._layout = QVBoxLayout(page)
        self._layout.setContentsMargins(20, 16, 20, 16)
        self._layout.setSpacing(2 * Metric.GRID)
        self._last_line = None
        if lead:
            self._layout.addWidget(label(lead, "muted", wrap=True))
        area = QScrollArea()
        area.setAccessibleName(title)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(page)
        self._areas.append(area)
        self._columns.append(self._layout)
        self._icons.append(icon)
        self.pages.addWidget(area)
        item = QListWidgetItem(self._theme.icon(icon, Role.MUTED), title)
        item.setSizeHint(QSize(0, _ITEM_HEIGHT))
        self.sections.addItem(item)
        if self.sections.currentRow() < 0:
            self.sections.setCurrentRow(0)

    def add(
        self, name: str, label: str, field: Field, *, hint: str = "", beside: bool = False
    ) -> Field:
        """Add a field to the last section and return it."""
        self._section_of[name] = self.pages.count() - 1
        return super().add(name, label, field, hint=hint, beside=beside)

    def finish(self) -> None:
        """Keep the fields of each section at its top."""
        for column in self._columns:
            column.addStretch(1)

    def set_errors(self, errors: Mapping[str, str]) -> None:
        """Show a message under each field named, and turn to the section of the first."""
        wrong = [self._section_of[name] for name in self._rows if errors.get(name)]
        if wrong and self.pages.currentIndex() not in wrong:
            self.sections.setCurrentRow(wrong[0])
        here = self.pages.currentIndex()
        super().set_errors(errors)
        for name in self._rows:
            if errors.get(name) and self._section_of[name] == here:
                self._rows[name].field.setFocus(Qt.FocusReason.OtherFocusReason)
                break
        self._mark()

    def show_problem(self, name: str) -> None:
        """Say what is wrong with the input of one field, and mark its section."""
        super().show_problem(name)
        self._mark()

    def turn_to(self, name: str) -> None:
        """Bring the section of a field into sight."""
        self.sections.setCurrentRow(self._section_of[name])

    def _edited(self, name: str) -> None:
        super()._edited(name)
        self._mark()

    def _mark(self) -> None:
        """Show at each section whether one of its fields has a message."""
        wrong = {self._section_of[name] for name in self._rows if self.error(name)}
        for place, icon in enumerate(self._icons):
            item = self.sections.item(place)
            bad = place in wrong
            name, role = ("warning-circle", Role.FAILURE) if bad else (icon, Role.MUTED)
            item.setIcon(self._theme.icon(name, role))
            told = _("{section}: something is wrong here").format(section=item.text())
            item.setData(Qt.ItemDataRole.AccessibleTextRole, told if bad else item.text())

    def _turn(self, place: int) -> None:
        self.pages.setCurrentIndex(place)
        self.turned.emit()

    def _step(self, step: int) -> None:
        place = (self.sections.currentRow() + step) % self.sections.count()
        self.sections.setCurrentRow(place)

    def _lay_out(self) -> None:
        outer = self._layout
        outer.removeWidget(self._general)
        outer.setSpacing(0)
        self.above.setContentsMargins(20, 12, 20, 0)
        self.above.addWidget(self._general)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addLayout(self.above)
        right.addWidget(self.pages, 1)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(_pane(self.sections))
        body.addWidget(separator(vertical=True))
        body.addLayout(right, 1)
        outer.addLayout(body, 1)


def _pane(sections: QListWidget) -> QFrame:
    """Return a list on the ground of a pane, a little below its top."""
    pane = QFrame()
    pane.setProperty("kind", "pane")
    column = QVBoxLayout(pane)
    column.setContentsMargins(0, Metric.GRID, 0, 0)
    column.addWidget(sections)
    return pane
