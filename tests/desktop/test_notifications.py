"""Notifications: at most four, errors stay longest, the same one only counts up."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from desktop.frame.toasts import Toasts
from desktop.notifications import AT_MOST, Choice, Kind, Notifications
from desktop.theme import Theme


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    made.resize(1000, 700)
    qtbot.addWidget(made)
    made.show()
    return made


def test_at_most_four_and_errors_stay_longest() -> None:
    notifications = Notifications()
    notifications.notify("bad", kind="error")
    for number in range(6):
        notifications.notify(f"calm {number}")
    titles = [n.title for n in notifications.shown]
    assert len(titles) == AT_MOST
    assert titles == ["bad", "calm 3", "calm 4", "calm 5"]


def test_the_newest_error_is_always_seen() -> None:
    notifications = Notifications()
    for number in range(AT_MOST + 1):
        notifications.notify(f"bad {number}", kind=Kind.ERROR)
    assert [n.title for n in notifications.shown] == ["bad 1", "bad 2", "bad 3", "bad 4"]


def test_the_same_again_only_counts_up() -> None:
    notifications = Notifications()
    first = notifications.notify("again", "why")
    assert notifications.notify("again", "why") == first
    (only,) = notifications.shown
    assert only.count == 2
    assert notifications.notify("again", "another reason") != first


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="loud"):
        Notifications().notify("x", kind="loud")


def test_errors_stay_longest_and_all_go(theme: Theme, window: QWidget) -> None:
    notifications = Notifications()
    toasts = Toasts(theme, notifications, window, 30)
    notifications.notify("calm")
    notifications.notify("bad", "why", "error")
    calm, bad = toasts.cards()
    assert calm._timer.isActive()
    # Seen failing where an error stayed for ever, over the buttons of every page.
    assert bad._timer.isActive()
    assert bad._timer.interval() > 2 * calm._timer.interval()
    notifications.page_left.emit()
    assert bad._timer.interval() == calm._timer.interval()
    # Its time begins anew when the keyboard leaves it, not when it goes on elsewhere.
    moved = QApplication.instance().focusChanged  # type: ignore[union-attr]
    moved.emit(None, calm.close_button)
    assert not calm._timer.isActive()
    moved.emit(window, bad)  # seen failing where each move began its time anew
    assert not calm._timer.isActive()
    moved.emit(calm.close_button, window)
    assert calm._timer.isActive()


def test_cards_are_stacked_inside_the_window(theme: Theme, window: QWidget) -> None:
    notifications = Notifications()
    toasts = Toasts(theme, notifications, window, 30)
    for number in range(3):
        notifications.notify(f"number {number}", "words " * 15)
    window.resize(900, 600)
    cards = toasts.cards()
    assert all(window.rect().contains(card.frame) for card in cards)
    assert cards[-1].frame.top() >= 30
    tops = [card.y() for card in cards]
    assert tops == sorted(tops, reverse=True)
    assert not cards[0].frame.intersects(cards[1].frame)


def test_a_long_detail_is_cut_until_asked_for(theme: Theme, window: QWidget) -> None:
    notifications = Notifications()
    toasts = Toasts(theme, notifications, window, 30)
    detail = "because " * 60
    notifications.notify("bad", detail, "warning")
    (card,) = toasts.cards()
    assert card.detail.text().endswith("…")
    card.details_button.click()
    assert card.detail.text() == detail
    assert not card._timer.isActive()
    card.copy_button.click()
    assert QGuiApplication.clipboard().text() == f"bad\n\n{detail}"


def test_keyboard_reaches_and_puts_away(theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    notifications = Notifications()
    toasts = Toasts(theme, notifications, window, 30)
    notifications.notify("older", kind="error")
    notifications.notify("newer")
    window.activateWindow()
    toasts.focus_newest()
    newest = toasts.cards()[-1]
    qtbot.keyClick(newest, Qt.Key.Key_Escape)
    assert [n.title for n in notifications.shown] == ["older"]


def test_a_choice_acts_and_puts_away(theme: Theme, window: QWidget, qtbot: QtBot) -> None:
    notifications = Notifications()
    toasts = Toasts(theme, notifications, window, 30)
    chosen: list[str] = []
    notifications.notify("x", actions=[Choice("Do", lambda: chosen.append("done"))])
    (card,) = toasts.cards()
    (do,) = [b for b in card.findChildren(QWidget) if getattr(b, "text", str)() == "Do"]
    qtbot.mouseClick(do, Qt.MouseButton.LeftButton)
    assert chosen == ["done"]
    assert notifications.shown == ()


@pytest.mark.parametrize("words", [60, 20_000])
def test_a_detail_that_is_shown_whole_leaves_the_card_in_the_window(
    theme: Theme, window: QWidget, words: int
) -> None:
    notifications = Notifications()
    toasts = Toasts(theme, notifications, window, 30)
    notifications.notify("older", kind="error")
    notifications.notify("bad", "because " * words, "error")
    older, card = toasts.cards()
    before = card.height()
    card.details_button.click()
    assert before < card.height() <= window.height() // 2
    assert window.rect().contains(card.frame)
    assert not older.frame.intersects(card.frame)
    close = card.close_button
    assert card.rect().contains(close.geometry())
    area = card.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    needed = card.detail.heightForWidth(area.width())
    assert (area.height() < needed) is (words > 60)
