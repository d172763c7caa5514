"""Shows the notifications: quiet cards, stacked at the upper right, the newest on top.

Below them stand the end of a log and the bars with progress, above them the main actions.
"""

import functools

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.translation import _
from desktop.notifications import Choice, Kind, Notification, Notifications
from desktop.theme import Role, Theme
from desktop.widgets.marks import Mark, button, copy_text, icon_button, label
from desktop.widgets.shadow import paint_shadow

_WIDTH = 384
_MARGIN = 4
_GAP = -16
_INK_TOP = 5
_HIDE_MS = 8000
_HIDE_ERROR_MS = 60_000
_SHORT_DETAIL = 110
_SHADOW = 12  # the margin of the kind "toast"
_RADIUS = 8

_MARKS = {
    Kind.INFO: ("info", Role.ACCENT),
    Kind.SUCCESS: ("check-circle", Role.SUCCESS),
    Kind.WARNING: ("warning", Role.WARNING),
    Kind.ERROR: ("x-circle", Role.FAILURE),
}


class Toast(QFrame):
    """One notification. It goes by itself, an error late, unless it is being looked at.

    Signals:
        expanded: All of a long detail is shown, so another height is needed.
    """

    expanded = Signal()

    def __init__(
        self,
        theme: Theme,
        notifications: Notifications,
        notification: Notification,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self.notification = notification
        self._notifications = notifications
        self.setProperty("kind", "toast")
        self.setFixedWidth(_WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        error = notification.kind is Kind.ERROR
        lasting_ms = _HIDE_ERROR_MS if error else _HIDE_MS
        self._timer = QTimer(self, singleShot=True, interval=lasting_ms)
        self._timer.timeout.connect(self.dismiss)
        self._arrange(theme)
        self.rest()

    def _arrange(self, theme: Theme) -> None:
        shown = self.notification
        many = f" ×{shown.count}" if shown.count > 1 else ""
        self.title = label(shown.title + many, "heading", wrap=True)
        self.detail = label(_shortened(shown.detail), "muted", wrap=True)
        if not shown.detail:
            self.detail.hide()
        self.close_button = icon_button(theme, "x", _("Put away"), self.dismiss)
        head = QHBoxLayout()
        head.setSpacing(10)
        top = Qt.AlignmentFlag.AlignTop
        mark = QVBoxLayout()
        mark.setContentsMargins(0, _INK_TOP, 0, 0)
        mark.addWidget(Mark(theme, *_MARKS[shown.kind], size=18), 0, top)
        self.title.setContentsMargins(0, _INK_TOP, 0, 0)
        head.addLayout(mark)
        head.addWidget(self.title, 1, top)
        head.addWidget(self.close_button, 0, top)
        layout = self._outer = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 8, 8)
        layout.setSpacing(4)
        layout.addLayout(head)
        self._scroll: QScrollArea | None = None
        self._inner = QVBoxLayout()
        self._inner.setContentsMargins(28, 0, 6, 0)
        self._inner.addWidget(self.detail)
        layout.addLayout(self._inner)
        layout.addLayout(self._buttons())
        self.setAccessibleName(shown.title)
        self.setAccessibleDescription(shown.detail)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(20, 0, 0, 0)
        row.setSpacing(4)
        shown = self.notification
        for choice in shown.choices:
            row.addWidget(button(choice.text, functools.partial(self._choose, choice), "link"))
        self.details_button = button(_("Details"), self.expand, "quiet")
        if _shortened(shown.detail) == shown.detail:
            self.details_button.hide()
        self.copy_button = button(_("Copy"), lambda: copy_text(shown.as_text()), "quiet")
        if not shown.detail and shown.kind is not Kind.ERROR:
            self.copy_button.hide()
        row.addWidget(self.details_button)
        row.addWidget(self.copy_button)
        row.addStretch(1)
        return row

    def expand(self) -> None:
        """Show all of the detail, and stay."""
        self.detail.setText(self.notification.detail)
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details_button.hide()
        self._timer.stop()
        self.copy_button.setFocus()
        self._scroll = self._make_scroll_area()
        self._inner.addWidget(self._scroll)
        self._scroll.show()  # now: what is hidden has no height in the layout
        self.expanded.emit()

    def fit(self, most: int) -> None:
        """Take the height that is needed, but not over ``most`` pixels where it can scroll."""
        if self._scroll is not None:
            margins = self._inner.contentsMargins() + self._outer.contentsMargins()
            width = self.contentsRect().marginsRemoved(margins).width()
            room = most - self._height_with(0)
            least = 2 * self.fontMetrics().lineSpacing()
            self._height_with(max(min(self.detail.heightForWidth(width), room), least))
        self.resize(_WIDTH, self.heightForWidth(_WIDTH))

    def _height_with(self, detail: int) -> int:
        """Give the detail a height and return the one of the card."""
        if self._scroll is not None:
            self._scroll.setFixedHeight(detail)
        # The inner layout would go on with what it knows until the next event.
        self._inner.invalidate()
        self._outer.invalidate()
        return self.heightForWidth(_WIDTH)

    def _make_scroll_area(self) -> QScrollArea:
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setAccessibleName(_("Details"))
        self.detail.setAlignment(Qt.AlignmentFlag.AlignTop)
        area.setWidget(self.detail)
        # The card is what is seen behind it.
        self.detail.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        return area

    def stay(self) -> None:
        """Stop the time, while it is being looked at."""
        self._timer.stop()

    def rest(self) -> None:
        """Let the time run after which it goes."""
        if not self.details_open:
            self._timer.start()

    def hurry(self) -> None:
        """Go as soon as a calm one does: the person turned to something else."""
        if self._timer.remainingTime() > _HIDE_MS:
            self._timer.start(_HIDE_MS)

    @property
    def details_open(self) -> bool:
        """Whether a long detail is shown as a whole."""
        return len(self.detail.text()) > _SHORT_DETAIL + 1

    @property
    def frame(self) -> QRect:
        """Where the card is in the window, without its shadow."""
        return self.geometry().adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW)

    def dismiss(self) -> None:
        """Put the notification away."""
        self._notifications.dismiss(self.notification.id)

    def _choose(self, choice: Choice) -> None:
        self.dismiss()
        choice.handler()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the shadow, and the card upon it."""
        painter = QPainter(self)
        paint_shadow(painter, self.rect(), _SHADOW, _RADIUS)
        painter.end()
        super().paintEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """Stay while the pointer is on it."""
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Go on when the pointer leaves."""
        self.rest()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape puts it away."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)


class Toasts(QObject):
    """Keeps one card for each notification over a window, and places them.

    Args:
        window: Whose right side is used.
        below: Height in pixels to leave free at the top, for menus, tabs and main actions.
    """

    def __init__(
        self, theme: Theme, notifications: Notifications, window: QWidget, below: int
    ) -> None:
        super().__init__(window)
        self._theme, self._notifications = theme, notifications
        self._window, self._below = window, below
        self._cards: dict[int, Toast] = {}
        self._before: QWidget | None = None
        self._held = False
        window.installEventFilter(self)
        notifications.changed.connect(self._refresh)
        notifications.page_left.connect(self._hurry)
        QApplication.instance().focusChanged.connect(self._focus_moved)  # type: ignore[union-attr]

    def cards(self) -> list[Toast]:
        """Return the cards, the oldest first."""
        return [self._cards[n.id] for n in self._notifications.shown if n.id in self._cards]

    def focus_newest(self) -> None:
        """Give the keyboard to the newest card."""
        cards = self.cards()
        if cards:
            self._before = QApplication.focusWidget()
            cards[-1].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def hold(self, held: bool) -> None:
        """Show and say nothing for a while; what comes meanwhile is shown afterwards."""
        self._held = held
        for card in self._cards.values():
            if held:
                card.stay()
                card.hide()
            else:
                card.rest()
                _announce(card)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Follow the size of the window."""
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _refresh(self) -> None:
        shown = {n.id: n for n in self._notifications.shown}
        for key in list(self._cards):
            if shown.get(key) is not self._cards[key].notification:
                self._drop(self._cards.pop(key))
        for key, notification in shown.items():
            if key not in self._cards:
                card = Toast(self._theme, self._notifications, notification, self._window)
                card.expanded.connect(self._place)
                self._cards[key] = card
                if self._held:
                    card.stay()
                    card.hide()
                else:
                    _announce(card)
        self._place()

    def _hurry(self) -> None:
        for card in self._cards.values():
            card.hurry()

    def _drop(self, card: Toast) -> None:
        if _has(card, QApplication.focusWidget()):
            (self._before or self._window).setFocus()
        card.hide()
        card.deleteLater()

    def _place(self) -> None:
        if self._held:
            return
        top = self._below + _MARGIN - _SHADOW
        left = self._window.width() - _WIDTH - _MARGIN
        for card in reversed(self.cards()):
            card.fit(self._window.height() // 2)
            card.move(QPoint(left, top))
            top += card.height() + _GAP
            card.show()
            card.raise_()

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        for card in self._cards.values():
            if _has(card, new):
                card.stay()
            elif _has(card, old) and not card.underMouse() and not self._held:
                card.rest()


def _has(card: Toast, widget: QWidget | None) -> bool:
    """Tell whether a widget is a card or belongs to it."""
    return widget is not None and (widget is card or card.isAncestorOf(widget))


def _announce(card: Toast) -> None:
    """Let a screen reader say what came, without moving the keyboard there."""
    # Slow to load, and not needed for the first paint.
    from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

    words = f"{card.notification.title} {_shortened(card.notification.detail)}".strip()
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(card, words))


def _shortened(text: str) -> str:
    first = text.strip()
    if len(first) <= _SHORT_DETAIL:
        return first
    return first[:_SHORT_DETAIL].rstrip() + "…"
