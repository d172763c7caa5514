"""The section Insights: figures come by themselves, follow changes, lead to the list."""

import asyncio
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.database.query.schemas import Filter, ListQuery, Operator
from core.errors import AppError
from core.security.actors import Role
from desktop.users.insights import InsightsSection
from desktop.users.insights.calls import InsightsCalls
from tests.desktop.users.sections.conftest import Site
from tests.waiting import until

PEOPLE = (("ada", Role.ADMINISTRATOR), ("bob", Role.OPERATOR), ("cyd", Role.VIEWER))


async def opened(site: Site) -> tuple[Any, list[ListQuery]]:
    shown: list[ListQuery] = []
    section = InsightsSection(site.context, shown.append, pause_s=0.01)
    await site.show(section)
    return section, shown


def filled(section: Any) -> bool:
    return all(holder.filled for holder in section.view.holders.values())


async def test_each_figure_leads_to_the_people_behind_it(site: Site) -> None:
    await site.add(*PEOPLE)
    section, shown = await opened(site)
    view = section.view
    await until(lambda: filled(section) and view.never.figure == "3")
    assert [tile.figure for tile in view.tiles] == ["3", "3", "3", "0", "3"]
    QTest.mouseClick(view.people, Qt.MouseButton.LeftButton)
    QTest.keyClick(view.never, Qt.Key.Key_Space)
    view.roles.chosen.emit(view.roles._bars[0].item)
    QTest.mouseClick(view.segments.rows[1], Qt.MouseButton.LeftButton)
    view.months.chosen.emit(None)
    assert shown == [
        ListQuery(),
        ListQuery((Filter("builds", Operator.EQ, False),)),
        ListQuery((Filter("role", Operator.EQ, "administrator"),)),
        ListQuery((Filter("segment", Operator.EQ, "new"),)),
    ]
    assert view.people.accessibleName() == "People: 3"
    assert view.top_builds.empty.isVisibleTo(view.top_builds)


async def test_figures_follow_changes(site: Site) -> None:
    """Seen failing with feeds that ended after their first fetch."""
    section, _shown = await opened(site)
    await until(lambda: section.view.people.figure == "0" and filled(section))
    await site.add(*PEOPLE)
    await until(lambda: section.view.people.figure == "3")


async def test_nothing_is_fetched_while_nobody_looks(site: Site) -> None:
    """Seen failing when what was asked for out of sight was forgotten."""
    section, _shown = await opened(site)
    section.widget.hide()
    assert not any(feed.busy for feed in section.feeds.values())
    await site.add(*PEOPLE)
    assert not any(feed.busy for feed in section.feeds.values())
    section.widget.show()
    await until(lambda: section.view.people.figure == "3" and filled(section))


async def test_a_failure_is_told_in_its_place_and_tried_again(
    site: Site, monkeypatch: Any
) -> None:
    section, shown = await opened(site)
    await until(lambda: filled(section))
    broken = True

    async def failing(*_values: object) -> Any:
        if broken:
            raise AppError("The disk is gone.", hint="Put it back.")
        return await calls.segments()

    calls = section.calls
    monkeypatch.setattr(section.feeds["segments"], "_fetch", failing)
    monkeypatch.setattr(section.feeds["totals"], "_fetch", failing)
    section.feeds["segments"].again()
    section.feeds["totals"].again()
    holder = section.view.holders["segments"]
    await until(lambda: holder.error.isVisibleTo(holder))
    assert holder.error.title.text() == "The disk is gone."
    await until(lambda: section.view.people.accessibleDescription() == "The disk is gone.")
    section.view.people.click()
    assert shown == []
    broken = False
    monkeypatch.setattr(section.feeds["totals"], "_fetch", calls.totals)
    section.feeds["totals"].again()
    holder.error.triggered.emit()
    await until(lambda: not holder.error.isVisibleTo(holder))
    await until(lambda: section.view.people.accessibleDescription() == "")


async def test_activity_of_one_person_is_found_by_name(site: Site) -> None:
    await site.add(*PEOPLE)
    section, _shown = await opened(site)
    await until(lambda: filled(section))
    asked: list[int | None] = []
    months = section.calls.months

    async def noted(user_id: int | None) -> Any:
        asked.append(user_id)
        return await months(user_id)

    section.calls.months = noted
    person = section.view.person
    person.setFocus()
    QTest.keyClicks(person, "bo")
    await until(lambda: person._offered)
    QTest.keyClick(person, Qt.Key.Key_Return)
    assert person.person is not None
    assert person.person.username == "bob"
    await until(lambda: asked == [person.person.id])
    assert section.view.everybody.isVisibleTo(section.view)
    QTest.keyClick(person, Qt.Key.Key_Escape)
    assert person.person is None
    await until(lambda: asked[-1] is None)


async def test_days_that_count_as_active_are_chosen_and_kept(site: Site) -> None:
    section, _shown = await opened(site)
    await until(lambda: filled(section))
    section.view.spans[7].click()
    await until(lambda: section.view.lately.accessibleName() == "Active in the last 7 days: 0")
    section.save_state()
    again = InsightsSection(site.context, lambda _query: None)
    assert again.days == 7
    again.widget.deleteLater()


async def test_few_cards_ask_at_once(site: Site, monkeypatch: Any) -> None:
    """Seen failing without the semaphore: a large file would be read by all at once."""
    shown: list[ListQuery] = []
    at_once, most = 0, 0
    for name in ("totals", "never_built", "segments", "roles", "tags"):
        fetch = getattr(InsightsCalls, name)

        async def counted(calls: InsightsCalls, fetch: Any = fetch) -> Any:
            nonlocal at_once, most
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0)
            try:
                return await fetch(calls)
            finally:
                at_once -= 1

        monkeypatch.setattr(InsightsCalls, name, counted)
    section = InsightsSection(site.context, shown.append, pause_s=0.01)
    await site.show(section)
    await until(lambda: filled(section))
    assert 0 < most <= 2
