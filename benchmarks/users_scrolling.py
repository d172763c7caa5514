"""The longest pause of the window while a list of 1,000,000 people is looked through."""

import asyncio
import random
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from benchmarks.figures import RUNS, Figure
from benchmarks.users_reading import USERS, the_million
from benchmarks.window import GapMeter, Gaps, gap_figures, run_with_qt, tab, until, window
from core.app import open_core
from core.paths import UserFolders
from core.settings import load_settings
from core.users.schemas import UserRow
from core.workspaces.memory import ChosenWorkspaces
from desktop.app import Application
from desktop.users import UsersTab
from desktop.users.people import PeopleSection
from desktop.widgets.filter_bar import FilterBar
from desktop.widgets.paged_table import PagedModel, PagedTable, State

WHEEL_TURNS = 120
DRAGS = 60
JUMPS = 12
FRAME_S = 0.016
_SEARCHES = ("smith", "guadalupe", "an", "王丽丽", "zzyzzyx")


class List:
    """The list of people as a person at the window uses it."""

    def __init__(self, section: PeopleSection) -> None:
        model, table, filters = (
            section.presenter.model,
            section.view.table,
            section.view.filters,
        )
        if model is None or table is None or filters is None:
            raise TypeError("The list of people is not there.")
        self.model: PagedModel[UserRow] = model
        self.table: PagedTable = table
        self.filters: FilterBar = filters
        self._chance = random.Random(3)

    async def scroll(self) -> None:
        """Turn the wheel down and up again, three rows a frame, and drag the scroll bar."""
        bar = self.table.verticalScrollBar()
        for turn in range(WHEEL_TURNS):
            step = 3 * self.table.rowHeight(0)
            bar.setValue(bar.value() + (step if turn < WHEEL_TURNS * 2 // 3 else -step))
            await asyncio.sleep(FRAME_S)
        await self.at_rest()
        for turn in range(DRAGS):
            bar.setValue(bar.maximum() * turn // DRAGS)
            await asyncio.sleep(FRAME_S)
        await self.at_rest()

    async def jump(self) -> None:
        """Go to the end, to places anywhere, to the beginning; order it by other columns."""
        bar = self.table.verticalScrollBar()
        places = [self._chance.randrange(bar.maximum()) for _ in range(JUMPS)]
        for place in (bar.maximum(), *places, 0):
            bar.setValue(place)
            await self.at_rest()
        for order in (("display_name",), ("-last_active_at",), ("username",)):
            self.table.header.sorted_by.emit(order)
            await until(partial(self._shows_order, order))
            await self.at_rest()

    async def search(self) -> None:
        """Type words, a letter a time, and take them away again."""
        for words in _SEARCHES:
            for letter in words:
                self._type(letter)
                await asyncio.sleep(0.08)
            await until(partial(self._shows_search, words))
            await self.at_rest()
            self.filters.search.clear()
            await until(partial(self._shows_search, ""))
            await self.at_rest()

    async def at_rest(self) -> None:
        """Wait until the rows in sight are there, and painted."""
        await until(self._all_there)
        await asyncio.sleep(FRAME_S)

    async def counted(self) -> None:
        """Wait until the length of the list is known."""
        await until(lambda: self.model.rowCount() > USERS // 2)

    def _type(self, letter: str) -> None:
        # QTest types no Chinese.
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            key = QKeyEvent(kind, Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier, letter)
            QCoreApplication.sendEvent(self.filters.search, key)

    def _shows_order(self, order: tuple[str, ...]) -> bool:
        query = self.model.pages.query
        return query is not None and query.order == order

    def _shows_search(self, words: str) -> bool:
        query = self.model.pages.query
        return query is not None and query.search == words

    def _all_there(self) -> bool:
        if self.model.state is State.EMPTY:
            return True
        first, last = self.table.rows_in_sight()
        ready = self.model.state is State.READY
        return ready and all(self.model.row_at(place) for place in range(first, last + 1))


def run() -> list[Figure]:
    """Measure in the real window, offscreen; idle is measured beside it."""
    file = the_million().resolve()
    found = run_with_qt(lambda qt, _folder: _measure(qt, file))
    idle = found.pop("idle")
    return [
        figure
        for name, gaps in found.items()
        for figure in gap_figures(f"UI gap, 1 M users, {name}", gaps, idle)
    ]


async def _measure(qt: QApplication, file: Path) -> dict[str, Gaps]:
    async with open_core(load_settings()) as core:
        uid = (await core.workspaces.open(file)).info.uid
    ChosenWorkspaces(UserFolders.of_this_user().open_file).add(file, uid)
    async with window(qt, file) as application:
        application.window.tab_bar.setCurrentIndex(0)
        people = List(await _section(application))
        await people.counted()
        await people.at_rest()
        return await _use(people)


async def _use(people: List) -> dict[str, Gaps]:
    async def idle() -> None:
        await asyncio.sleep(1)

    uses = {
        "idle": idle,
        "scrolling": people.scroll,
        "jumping": people.jump,
        "searching": people.search,
    }
    meter = GapMeter()
    found: dict[str, Gaps] = {name: [] for name in uses}
    for _ in range(RUNS):
        for name, use in uses.items():
            await people.counted()
            meter.start()
            await use()
            found[name].append(meter.stop())
    return found


async def _section(application: Application) -> PeopleSection:
    users = tab(application, "users")
    if not isinstance(users, UsersTab):
        raise TypeError(f"This is no tab of users: {users}")
    await until(lambda: "people" in users.sections)
    section = users.sections["people"]
    if not isinstance(section, PeopleSection):
        raise TypeError("The people are not there.")
    await until(lambda: section.view.table is not None)
    return section
