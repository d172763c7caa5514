"""The parts that windows are put together from: a split list, one window at a time, a foot."""

from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.widgets.footer import Footer
from desktop.widgets.list_split import ListSplit
from desktop.widgets.single_window import SingleWindow


def _split(qtbot: QtBot, settings: QSettings) -> ListSplit:
    made = ListSplit(QLabel("details"), "People", (400, 200))
    made.column.addWidget(QLabel("list"))
    qtbot.addWidget(made)
    made.restore(settings, "split")
    made.resize(601, 100)
    made.show()
    return made


def test_the_line_stays_where_it_was_put(qtbot: QtBot, tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    first = _split(qtbot, settings)
    assert first.sizes() == [400, 200]
    first.setSizes((250, 350))
    first.save(settings, "split")
    again = _split(qtbot, settings)
    assert again.sizes() == [250, 350]
    again.resize(801, 100)
    assert again.sizes() == [450, 350], "more width goes to the list"


def test_there_is_one_window_at_a_time(qtbot: QtBot) -> None:
    """Mutants that fail: made although one is open; ``after`` called before it is let go."""
    made: list[QDialog] = []
    gone: list[bool] = []
    windows = SingleWindow[QDialog](lambda: gone.append(windows.shown is None))

    def make() -> QDialog:
        made.append(QDialog())
        qtbot.addWidget(made[-1])
        return made[-1]

    windows.close()
    for _time in range(2):
        windows.open(make)
    assert made == [windows.shown]
    assert made[0].isVisible()
    windows.close()
    assert (windows.shown, gone) == (None, [True])
    windows.open(make)
    assert windows.shown is made[1]
    made[1].accept()
    assert gone == [True, True]


def test_buttons_of_a_foot_stand_in_the_order_in_which_they_came(qtbot: QtBot) -> None:
    buttons = [QPushButton(words) for words in ("Copy", "Open", "Cancel", "Save")]
    foot = Footer(*buttons[2:])
    qtbot.addWidget(foot)
    for one in buttons[:2]:
        foot.add_left(one)
    foot.resize(800, 60)
    foot.show()
    assert sorted(buttons, key=lambda one: one.x()) == buttons
    assert buttons[1].geometry().right() < 400 < buttons[2].x()
