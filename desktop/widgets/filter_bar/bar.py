"""The bar over a list: a search field, chips of conditions, and filters saved by name."""

import functools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

from PySide6.QtCore import QEvent, QObject, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton, QSizePolicy, QWidget

from core.database.query.schemas import FieldDescription, ListQuery
from core.translation import _
from desktop.theme import Metric, Theme
from desktop.widgets.chip import Chip
from desktop.widgets.filter_bar.conditions import Condition, as_filter, operators, words
from desktop.widgets.filter_bar.popover import ConditionPopover, NamePopover, Popover
from desktop.widgets.filter_bar.saved import SavedFilter, SavedFilters
from desktop.widgets.flow_layout import FlowLayout
from desktop.widgets.marks import button

_P = TypeVar("_P", bound=Popover)
_PAUSE_MS: Final = 150
_SEARCH_WIDTH = 260


def _now() -> datetime:
    return datetime.now(UTC)


class FilterBar(QWidget):
    """Lets a person narrow a list.

    Args:
        fields: What can be asked; those without operators are left out.
        settings: Where named filters are kept, already in a group of its own.
        placeholder: What stands in the empty search field.
        now: Tells the time, which "in the last days" counts from.

    Signals:
        changed: Another query is wanted; carries the ``ListQuery``, without an order.
    """

    changed = Signal(object)

    def __init__(
        self,
        theme: Theme,
        fields: Sequence[FieldDescription],
        *,
        settings: QSettings | None = None,
        placeholder: str = "",
        now: Callable[[], datetime] = _now,
    ) -> None:
        super().__init__()
        self._theme, self._now = theme, now
        self._fields = {field.name: field for field in fields if operators(field)}
        self.saved = SavedFilters(settings)
        self._conditions: list[Condition] = []
        self.chips: list[Chip] = []
        self.popover: Popover | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._tell)
        self.clear_button = button(_("Clear"), self.clear, "quiet")
        self.clear_button.setToolTip(_("Remove all filters and the search"))
        self.search = self._make_search(placeholder)
        self.add_button = self._make_button("plus", _("Filter"))
        self.add_button.setMenu(self._field_menu())
        self.saved_button = self._make_button("bookmark-simple", _("Saved"))
        self._saved_menu = QMenu(self)
        self._saved_menu.aboutToShow.connect(self._fill_saved_menu)
        self.saved_button.setMenu(self._saved_menu)
        self._layout = FlowLayout(self, Metric.GRID)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._shortcut()
        self._show_chips()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of the chips."""
        return tuple(self._conditions)

    @property
    def query(self) -> ListQuery:
        """What is wanted now, without an order."""
        filters = tuple(as_filter(condition, self._now()) for condition in self._conditions)
        return ListQuery(filters, self.search.text().strip())

    def show_conditions(self, conditions: Sequence[Condition], search: str = "") -> None:
        """Show other conditions; those on fields that are not there are left out."""
        self._conditions = [c for c in conditions if c.field in self._fields]
        self.search.setText(search)
        self._show_chips()
        self._tell()

    def clear(self) -> None:
        """Take all conditions and the search away."""
        self.show_conditions(())
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def add(self, condition: Condition) -> None:
        """Add a condition."""
        self.show_conditions([*self._conditions, condition], self.search.text())

    def ask(self, name: str) -> ConditionPopover:
        """Open the editor for a new condition on a field."""
        popover = ConditionPopover(self, self._fields[name], None, self.add)
        return self._open(popover, self.add_button)

    def edit(self, number: int) -> ConditionPopover:
        """Open the editor of a chip."""
        condition = self._conditions[number]

        def put(changed: Condition) -> None:
            self._conditions[number] = changed
            self.show_conditions(self._conditions, self.search.text())
            self.chips[number].setFocus(Qt.FocusReason.OtherFocusReason)

        popover = ConditionPopover(self, self._fields[condition.field], condition, put)
        return self._open(popover, self.chips[number])

    def remove(self, number: int) -> None:
        """Take a condition away; the focus goes to its neighbour, or to the search."""
        del self._conditions[number]
        self.show_conditions(self._conditions, self.search.text())
        place = min(number, len(self.chips) - 1)
        (self.chips[place] if place >= 0 else self.search).setFocus()

    def save_as(self) -> NamePopover:
        """Ask for a name for the present filter."""

        def keep(name: str) -> None:
            self.saved.save(name, self.query.search, self._conditions)

        popover = NamePopover(self, _("Save this filter"), "", self.saved.problem, keep)
        return self._open(popover, self.saved_button)

    def apply(self, kept: SavedFilter) -> None:
        """Show a saved filter."""
        self.show_conditions(kept.conditions, kept.search)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Let Esc clear the search, and Backspace go from its start to the last chip."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                self._tell()
                return True
            empty = not self.search.text()
            if event.key() == Qt.Key.Key_Backspace and empty and self.chips:
                self.chips[-1].setFocus(Qt.FocusReason.BacktabFocusReason)
                return True
        return super().eventFilter(watched, event)

    def _shortcut(self) -> None:
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WindowShortcut)
        find.activated.connect(self.focus_search)

    def focus_search(self) -> None:
        """Give the keyboard to the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _make_search(self, placeholder: str) -> QLineEdit:
        search = QLineEdit()
        search.setPlaceholderText(placeholder or _("Search"))
        search.setAccessibleName(placeholder or _("Search"))
        search.setFixedWidth(_SEARCH_WIDTH)
        search.setMaxLength(200)
        search.textChanged.connect(self._search_changed)
        search.returnPressed.connect(self._tell)
        search.installEventFilter(self)
        return search

    def _search_changed(self) -> None:
        self._offer_clear()
        self._pause.start()

    def _offer_clear(self) -> None:
        self.clear_button.setVisible(self._narrowed())

    def _make_button(self, icon: str, text: str) -> QPushButton:
        made = QPushButton(self._theme.icon(icon), text)
        made.setIconSize(QSize(14, 14))
        made.setProperty("kind", "menu")
        made.setAutoDefault(False)
        return made

    def _field_menu(self) -> QMenu:
        menu = QMenu(self)
        for name, field in self._fields.items():
            action = menu.addAction(field.words.replace("&", "&&"))
            action.triggered.connect(lambda _on=False, name=name: self.ask(name))
        return menu

    def _fill_saved_menu(self) -> None:
        menu = self._saved_menu
        menu.clear()
        for kept in self.saved.all():
            menu.addAction(_words(kept), functools.partial(self.apply, kept))
        menu.addSeparator()
        save = menu.addAction(_("Save this filter…"), self.save_as)
        save.setEnabled(self._narrowed())
        if self.saved.all():
            manage = menu.addMenu(_("Change saved filters"))
            for kept in self.saved.all():
                self._fill_manage_menu(manage.addMenu(_words(kept)), kept.name)

    def _fill_manage_menu(self, menu: QMenu, name: str) -> None:
        def overwrite() -> None:
            self.saved.save(name, self.query.search, self._conditions)

        menu.addAction(_("Rename…"), lambda: self.rename_saved(name))
        replace = menu.addAction(_("Replace with the present filter"), overwrite)
        replace.setEnabled(self._narrowed())
        menu.addAction(_("Delete"), lambda: self.saved.delete(name))

    def rename_saved(self, name: str) -> NamePopover:
        """Ask for another name of a saved filter."""
        popover = NamePopover(
            self,
            _("Rename the filter"),
            name,
            lambda new: self.saved.problem(new, but=name),
            lambda new: self.saved.rename(name, new),
        )
        return self._open(popover, self.saved_button)

    def _narrowed(self) -> bool:
        return bool(self._conditions or self.query.search)

    def _open(self, popover: _P, anchor: QWidget) -> _P:
        self.popover = popover
        popover.destroyed.connect(self._forget_popover)
        popover.show_below(anchor)
        popover.setFocus(Qt.FocusReason.PopupFocusReason)
        return popover

    def _forget_popover(self) -> None:
        self.popover = None

    def _show_chips(self) -> None:
        while self._layout.count():
            self._layout.takeAt(0)
        for chip in self.chips:
            chip.hide()
            chip.deleteLater()
        self.chips = [self._chip(n, c) for n, c in enumerate(self._conditions)]
        self._offer_clear()
        tail = (self.add_button, self.clear_button, self.saved_button)
        for widget in (self.search, *self.chips, *tail):
            self._layout.addWidget(widget)
        self.updateGeometry()

    def _chip(self, number: int, condition: Condition) -> Chip:
        chip = Chip(self._theme, words(condition, self._fields[condition.field]))
        chip.edited.connect(lambda: self.edit(number))
        chip.removed.connect(lambda: self.remove(number))
        return chip

    def _tell(self) -> None:
        self._pause.stop()
        self.changed.emit(self.query)


def _words(kept: SavedFilter) -> str:
    return kept.name.replace("&", "&&")
