"""The button that chooses which projects are listed, and in which order."""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from core.translation import _
from desktop.builds.projects.filter import Activity, Arrangement, Order, Shown
from desktop.theme import Metric, Role, Theme
from desktop.widgets.tips import plain_tip

C = TypeVar("C", bound=StrEnum)


class ArrangeButton(QToolButton):
    """Opens the menu; filled with the accent while projects are left out.

    Signals:
        arranged: The person chose another ``Arrangement``.
    """

    arranged = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._arrangement = Arrangement()
        self.choices: dict[tuple[str, str], QAction] = {}
        self.setProperty("kind", "bordered")
        self.setIconSize(QSize(Metric.ICON, Metric.ICON))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        self._add(menu, _("Last build"), shown_words, self._choose_shown)
        self._add(menu, _("Projects"), activity_words, self._choose_activity)
        self._add(menu, _("Order"), order_words, self._choose_order)
        self.setMenu(menu)
        self.show_arrangement(self._arrangement)

    def show_arrangement(self, arrangement: Arrangement) -> None:
        """Show what is chosen."""
        self._arrangement = arrangement
        for choice in (arrangement.shown, arrangement.activity, arrangement.order):
            self.choices[type(choice).__name__, choice].setChecked(True)
        name, role = (
            ("funnel-fill", Role.ACCENT) if arrangement.hides else ("funnel", Role.TEXT)
        )
        self.setIcon(self._theme.icon(name, role))
        told = _("Filter and order: {choice}").format(choice=described(arrangement))
        self.setToolTip(plain_tip(told))
        self.setAccessibleName(told)

    def _add(
        self,
        menu: QMenu,
        title: str,
        words: Callable[[], dict[C, str]],
        choose: Callable[[C], None],
    ) -> None:
        menu.addSection(title)
        group = QActionGroup(menu)
        for choice, text in words().items():
            action = menu.addAction(text)
            action.setCheckable(True)
            action.triggered.connect(lambda _on=False, choice=choice: choose(choice))
            group.addAction(action)
            self.choices[type(choice).__name__, choice] = action

    def _choose_shown(self, choice: Shown) -> None:
        self.arranged.emit(replace(self._arrangement, shown=choice))

    def _choose_activity(self, choice: Activity) -> None:
        self.arranged.emit(replace(self._arrangement, activity=choice))

    def _choose_order(self, choice: Order) -> None:
        self.arranged.emit(replace(self._arrangement, order=choice))


def described(arrangement: Arrangement) -> str:
    """Return in words what is shown, and in which order."""
    parts = [order_words()[arrangement.order]]
    if arrangement.activity is not Activity.ALL:
        parts.insert(0, activity_words()[arrangement.activity])
    if arrangement.shown is not Shown.ALL:
        parts.insert(0, shown_words()[arrangement.shown])
    return " · ".join(parts)


def shown_words() -> dict[Shown, str]:
    """Return the words for each state."""
    return {
        Shown.ALL: _("Any state"),
        Shown.BUSY: _("Running or waiting"),
        Shown.FAILED: _("Failed"),
        Shown.SUCCESS: _("Successful"),
        Shown.NEVER: _("Never built"),
    }


def activity_words() -> dict[Activity, str]:
    """Return the words for active projects and others."""
    return {
        Activity.ALL: _("Active and inactive"),
        Activity.ACTIVE: _("Active"),
        Activity.INACTIVE: _("Inactive"),
    }


def order_words() -> dict[Order, str]:
    """Return the words for each order."""
    return {
        Order.NAME: _("By name"),
        Order.LATEST: _("Latest build first"),
        Order.FAILURES: _("Failures first"),
        Order.RATE: _("Lowest success rate first"),
    }
