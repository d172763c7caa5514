"""Badges, sparklines, labels and empty states say in words what they paint."""

import pytest
from PySide6.QtCore import QItemSelectionModel, QRect, Qt
from PySide6.QtGui import QImage, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from core.builds.schemas import BuildState, FailureReason
from core.projects.schemas import RecentBuild
from desktop.theme import Role, Theme
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.figure_table import FigureTable
from desktop.widgets.paged_table import Column
from desktop.widgets.sparkline import MOST_BARS, heights, paint_sparkline, spoken
from desktop.widgets.state_badge import (
    BADGE_ROLE,
    BadgeDelegate,
    StateBadge,
    badge_size,
    build_badge,
    paint_badge,
)


@pytest.mark.parametrize("state", list(BuildState))
def test_every_state_has_a_word_and_an_icon(theme: Theme, state: BuildState) -> None:
    badge = build_badge(state)
    assert badge.word
    icon = theme.icon(badge.icon).pixmap(32, 32).toImage()
    assert any(icon.pixelColor(x, y).alpha() for x in range(32) for y in range(32))


@pytest.mark.parametrize("reason", list(FailureReason))
def test_every_reason_of_a_failure_has_a_word(reason: FailureReason) -> None:
    assert build_badge(BuildState.FAILED, reason).word in (
        *("Failed", "Lost", "Timed out", "No output"),
    )


def test_a_badge_says_its_word_and_takes_its_room(theme: Theme, qtbot: QtBot) -> None:
    label = StateBadge(theme)
    qtbot.addWidget(label)
    assert label.isHidden()
    badge = build_badge(BuildState.CANCELLED)
    label.set_badge(badge)
    assert label.accessibleName() == "Cancelled"
    assert label.sizeHint() == badge_size(badge, theme)


def test_a_badge_is_painted_on_the_ground_of_its_tone(theme: Theme) -> None:
    image = QImage(160, 32, QImage.Format.Format_RGB32)
    image.fill(theme.color(Role.PANE))
    painter = QPainter(image)
    paint_badge(painter, QRect(0, 0, 160, 32), build_badge(BuildState.SUCCESS), theme)
    painter.end()
    assert image.pixelColor(5, 16) == theme.color(Role.SUCCESS_GROUND)
    assert image.pixelColor(155, 16) == theme.color(Role.PANE)


def test_the_delegate_paints_the_badge_of_the_model(theme: Theme, qtbot: QtBot) -> None:
    badge = build_badge(BuildState.FAILED)
    item = QStandardItem(badge.word)
    model = QStandardItemModel()
    model.appendRow(item)
    table = QTableView()
    qtbot.addWidget(table)
    table.setModel(model)
    table.setItemDelegate(BadgeDelegate(theme, table))
    table.setColumnWidth(0, 160)
    item.setData(badge, BADGE_ROLE)
    shown = table.viewport().grab().toImage()
    middle = table.visualRect(model.index(0, 0)).center().y()
    assert shown.pixelColor(17, middle) == theme.color(Role.FAILURE_GROUND)


def _builds(*durations: int | None) -> list[RecentBuild]:
    states = (BuildState.SUCCESS, BuildState.FAILED, BuildState.CANCELLED)
    return [
        RecentBuild(number, states[number % 3].value, duration)
        for number, duration in enumerate(durations)
    ]


def test_bars_are_as_high_as_builds_were_long() -> None:
    assert heights(_builds(0, 50, 100), 20) == [3, 11.5, 20]
    assert heights(_builds(None, 100), 20) == [3, 20]
    assert heights(_builds(None, None), 20) == [3, 3]
    assert heights([], 20) == []


def test_bars_are_told_in_words() -> None:
    assert spoken([]) == "No builds yet"
    assert spoken(_builds(1)) == "The last build: 1 successful, 0 failed"
    assert spoken(_builds(1, 2, 3, 4)) == "The last 4 builds: 2 successful, 1 failed"


@pytest.mark.parametrize("count", [0, 1, 5, MOST_BARS, 100])
@pytest.mark.parametrize("width", [0, 3, 30, 200])
def test_bars_stay_in_their_place(theme: Theme, count: int, width: int) -> None:
    image = QImage(300, 40, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    place = QRect(50, 10, width, 18)
    paint_sparkline(painter, place, _builds(*[9] * count), theme)
    painter.end()
    white = image.pixel(0, 0)
    inked = {(x, y) for x in range(300) for y in range(40) if image.pixel(x, y) != white}
    assert all(place.contains(x, y) for x, y in inked)
    assert bool(inked) == (count > 0 and width >= 3)


def test_a_label_that_does_not_fit_tells_the_rest(theme: Theme, qtbot: QtBot) -> None:
    label = ElidedLabel("/home/ada/<b>src</b>/a-rather-long-name", Qt.TextElideMode.ElideMiddle)
    qtbot.addWidget(label)
    label.resize(80, 20)
    label.show()
    assert label.accessibleDescription() == "/home/ada/<b>src</b>/a-rather-long-name"
    assert label.toolTip() == ("<qt>/home/ada/&lt;b&gt;src&lt;/b&gt;/a-rather-long-name</qt>")
    assert label.minimumSizeHint().width() < 80
    label.resize(800, 20)
    assert label.toolTip() == ""
    label.setText("two\nlines")
    assert label.text() == "two lines"


def test_an_empty_state_offers_its_action(theme: Theme, qtbot: QtBot) -> None:
    empty = EmptyState(theme, icon="folder-open", title="No projects", action="New project…")
    qtbot.addWidget(empty)
    pressed: list[bool] = []
    empty.triggered.connect(lambda: pressed.append(True))
    empty.button.click()
    assert pressed == [True]
    empty.say(icon="warning", title="It failed", text="There is no such folder.")
    assert empty.button.isHidden()
    assert empty.accessibleName() == "It failed"
    assert empty.accessibleDescription() == "There is no such folder."


def test_rows_stay_chosen_while_others_come_and_go(theme: Theme, qtbot: QtBot) -> None:
    """Seen failing where the current row alone was chosen again."""
    table = FigureTable[int](theme, [Column("n", "N", str)], name="Numbers", key=abs)
    qtbot.addWidget(table)
    flags = QItemSelectionModel.SelectionFlag
    told: list[int | None] = []
    table.chosen.connect(told.append)

    def marked() -> list[int]:
        places = [index.row() for index in table.selectionModel().selectedRows()]
        return sorted(table.list_model.rows[place] for place in places)

    table.show_rows([1, 2, 3])
    table.choose(2)
    more = table.list_model.index(2, 0)
    table.selectionModel().select(more, flags.Select | flags.Rows)
    table.show_rows([0, 1, 2, 3])
    assert (table.current, marked()) == (2, [2, 3])
    table.show_rows([0, 1, -2, 3])
    assert (table.current, marked()) == (-2, [-2, 3])
    table.show_rows([3, 0])
    assert (table.current, marked()) == (None, [3])
    table.show_rows([0, 3])
    assert marked() == [3]
    assert told == [2, 2]
