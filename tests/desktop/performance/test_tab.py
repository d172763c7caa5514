"""The tab: pages are made when they are shown, and only the one in sight works."""

import functools
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from core.errors import AppError
from core.events import Changed, Event
from desktop.performance import PerformanceTab
from desktop.performance.page import Badge, GoTo, PageEntry
from desktop.performance.pages import PAGES
from desktop.performance.statements import StatementsPage
from desktop.performance.statements.page import MEASURED
from desktop.tabs import ShowsAlerts, TabContext
from tests.desktop.performance.conftest import Site
from tests.desktop.test_spoken import nameless
from tests.waiting import until


class NotedPage:
    """A page that notes what is done with it."""

    def __init__(self, key: str) -> None:
        self.widget = QLabel(key)
        self.noted: list[str] = []
        self.events: list[Event] = []

    def show(self) -> None:
        self.noted.append("show")

    def hide(self) -> None:
        self.noted.append("hide")

    def on_event(self, event: Event) -> None:
        self.events.append(event)

    def save_state(self) -> None:
        self.noted.append("save")

    def focus_main(self) -> None:
        self.noted.append("focus")

    def close(self) -> None:
        self.noted.append("close")


def entry(key: str, badge: Badge | None = None) -> PageEntry:
    def create(_context: TabContext, _go_to: GoTo) -> Any:
        return NotedPage(key)

    return PageEntry(key, key.title, "gauge", create, badge)


def _filled(page: Any) -> bool:
    return bool(page.holder.filled)


async def opened(site: Site, *entries: PageEntry) -> Any:
    return await site.show_tab(PerformanceTab(site.context, entries))


async def test_only_the_page_in_sight_is_made_and_works(site: Site) -> None:
    """Seen failing with pages that were told nothing of a tab out of sight."""
    tab = await opened(site, entry("one"), entry("two"))
    assert list(tab.pages) == ["one"]
    one = tab.pages["one"]
    tab.view.list.choose("two")
    two = tab.pages["two"]
    assert one.noted == ["show", "hide"]
    tab.view.hide()
    assert tab.shown is None
    tab.view.show()
    assert two.noted == ["show", "hide", "show"]
    tab.on_event(Changed(topics=frozenset({"builds"})))
    assert len(one.events) == len(two.events) == 1


async def test_arrows_and_keys_lead_through_the_pages(site: Site) -> None:
    tab = await opened(site, entry("one"), entry("two"))
    tab.focus_main()
    QTest.keyClick(tab.view.list, Qt.Key.Key_Down)
    assert tab.view.list.key == "two"
    action: QAction = site.context.actions["performance.one"]
    assert [key.toString() for key in action.shortcuts()] == ["Ctrl+1"]
    action.trigger()
    assert tab.view.list.key == "one"
    assert tab.pages["one"].noted[-2:] == ["show", "focus"]


async def test_the_page_shown_last_comes_first_the_next_time(site: Site) -> None:
    tab = await opened(site, entry("one"), entry("two"))
    tab.view.list.choose("two")
    tab.save_state()
    site.context.actions.clear()
    second = await opened(site, entry("one"), entry("two"))
    assert list(second.pages) == ["two"]


async def test_a_number_stands_beside_a_name_before_the_page_is_made(site: Site) -> None:
    """Seen failing where a number that cannot be counted was told as a failure.

    And where it was counted while the tab was out of sight.
    """
    counts = [3, 0]
    failed: list[bool] = []

    async def count(_context: TabContext) -> int:
        if not counts:
            failed.append(True)
            raise AppError("The disk is gone.")
        return counts.pop(0)

    badge = Badge(count, lambda n: f"{n} open", lambda event: isinstance(event, Changed))
    tab = await opened(site, entry("one"), entry("two", badge))
    pages = tab.view.list
    await until(lambda: pages.count_of("two") == 3)
    spoken = pages.item(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Two, 3 open"
    assert list(tab.pages) == ["one"]
    tab.view.hide()
    tab.on_event(Changed(topics=frozenset({"alerts"})))
    assert not any(one.busy for one in tab._counts.values())
    tab.view.show()
    await until(lambda: pages.count_of("two") == 0)
    tab.on_event(Changed(topics=frozenset({"alerts"})))
    await until(lambda: failed)
    assert pages.count_of("two") == 0
    assert not site.context.notifications.shown


@pytest.mark.parametrize("plain", [False, True])
async def test_every_page_opens_in_both_kinds_of_databases(site: Site, plain: bool) -> None:
    if plain:
        await site.open_plain()
    tab = await site.show_tab(PerformanceTab(site.context))
    assert isinstance(tab, ShowsAlerts)
    for one in PAGES:
        tab.view.list.choose(one.key)
        page: Any = tab.pages[one.key]
        if isinstance(page, StatementsPage):
            page.bar.setCurrentIndex(MEASURED)
        await until(functools.partial(_filled, page))  # not where it only tells of a failure
        assert nameless(page.widget) == []
    tab.show_alerts()
    assert tab.view.list.key == "alerts"
