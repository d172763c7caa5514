"""The page of recommendations: found, applied after a question, and taken back."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from PySide6.QtWidgets import QMessageBox

from core.errors import AppError
from core.performance.advice.schemas import Advice, AdviceKind, Recommendation, Weight
from core.security.actors import Role
from desktop.performance.recommendations.calls import count_found
from desktop.performance.recommendations.page import RecommendationsPage
from tests.desktop.performance.conftest import Site
from tests.desktop.test_spoken import nameless
from tests.waiting import until


def indexed(site: Site) -> None:
    """Give the plain database an index that another one makes needless."""
    with closing(sqlite3.connect(site.context.workspace.info.path)) as connection:
        connection.execute("CREATE TABLE plays (id INTEGER PRIMARY KEY, at TEXT, place TEXT)")
        rows = [(str(number), "home") for number in range(2_000)]
        connection.executemany("INSERT INTO plays (at, place) VALUES (?, ?)", rows)
        connection.execute("CREATE INDEX plays_at ON plays (at)")
        connection.execute("CREATE INDEX plays_at_place ON plays (at, place)")
        connection.commit()


def indexes(site: Site) -> set[str]:
    with closing(sqlite3.connect(site.context.workspace.info.path)) as connection:
        found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")
        return {row[0] for row in found}


async def opened(site: Site) -> Any:
    page: Any = site.show_page(RecommendationsPage)
    await until(lambda: page.holder.filled)
    return page


async def found(page: Any) -> Any:
    """Look for recommendations, and return the card of the needless index."""
    page.view.empty.button.click()
    await until(lambda: page.view.button.isVisibleTo(page.view) and not page.view.place.busy)
    kinds = {card.one.kind: card for card in page.view.cards.values()}
    return kinds.get(AdviceKind.REDUNDANT_INDEX)


async def answer(site: Site, words: str) -> QMessageBox:
    box: QMessageBox = await until(lambda: site.place.findChild(QMessageBox))
    (button,) = [one for one in box.buttons() if one.text() == words]
    button.click()
    return box


async def test_a_recommendation_is_applied_after_a_question_and_taken_back(site: Site) -> None:
    """Seen failing where the rest was left as it was found before."""
    await site.open_plain()
    indexed(site)
    page = await opened(site)
    assert page.view.empty.isVisibleTo(page.view)
    card = await found(page)
    assert "plays_at_place" in card.reason.text()
    assert "DROP INDEX" in card.sql.toPlainText()
    assert await count_found(site.context) == len(page.view.cards)
    card.button.click()
    box = await answer(site, "Cancel")
    assert "DROP INDEX" in box.informativeText()
    assert "taken back afterwards" in box.informativeText()
    assert "plays_at" in indexes(site)
    await until(lambda: site.place.findChild(QMessageBox) is None)
    card.button.click()
    await answer(site, "Apply")
    applied = page.view.applied
    await until(lambda: any(row.can_undo for row in applied.table.list_model.rows))
    await until(lambda: card.one.key not in page.view.cards)
    assert "plays_at" not in indexes(site)
    assert not applied.button.isEnabled()
    (row,) = applied.table.list_model.rows
    applied.table.choose(row.id)
    applied.show_rows([replace(row, can_undo=False)])
    assert not applied.button.isEnabled()
    applied.show_rows([row])  # seen failing where only other rows were followed
    applied.button.click()
    await answer(site, "Take back")
    await until(lambda: "plays_at" in indexes(site))
    await until(lambda: applied.table.list_model.rows[0].task.value == "undo")
    await site.note_backups()  # seen failing with the newest hundred of all kinds
    told = await page.calls.advised()
    assert [row.task.value for row in told.applied] == ["undo", "advice"]
    await until(lambda: card.one.key in page.view.cards)  # it looked anew by itself
    assert page.view.at.text() == "Looked just now"
    await until(lambda: applied.table.list_model.rows[1].taken_back)
    applied.table.choose(row.id)
    assert not applied.button.isEnabled()
    assert applied.button.toolTip() == "This was taken back already."
    shown = [one.title for one in site.context.notifications.shown]
    assert shown == [row.subject, f"Taken back: {row.subject}"]


async def test_where_nothing_is_to_be_done_it_says_so(site: Site) -> None:
    await site.open_plain()
    page = await opened(site)
    assert await count_found(site.context) == 0
    await found(page)
    assert page.view.calm.isVisibleTo(page.view) == (not page.view.cards)
    assert page.view.at.text() == "Looked just now"
    assert nameless(page.widget) == []


async def test_what_only_a_person_can_do_leads_to_where_it_is_done(site: Site) -> None:
    await site.open_plain()
    with closing(sqlite3.connect(site.context.workspace.info.path)) as connection:
        connection.execute("CREATE TABLE notes (song INTEGER REFERENCES songs (id))")
        connection.execute("INSERT INTO notes VALUES (51)")
        connection.commit()
    page = await opened(site)
    await found(page)
    kinds = {card.one.kind: card for card in page.view.cards.values()}
    broken, mode = kinds[AdviceKind.FOREIGN_KEY_VIOLATIONS], kinds[AdviceKind.JOURNAL_MODE]
    assert (broken.button.isHidden(), mode.care_button.isHidden()) == (True, True)
    broken.care_button.click()
    assert site.went_to == ["maintenance"]


async def test_cards_of_what_stays_stay_and_others_are_made_a_few_at_once(site: Site) -> None:
    """Seen failing with all made anew: fifty stood the window still for half a second."""
    page = await opened(site)
    page.feed.rest()
    view, index = page.view, AdviceKind.MISSING_INDEX
    advised = tuple(
        Recommendation(f"key {n}", index, Weight.HIGH, f"Index {n}", "", (), (), True, "", True)
        for n in range(12)
    )
    view.show_advice(Advice(advised, datetime.now(UTC)))
    assert len(view.cards) < 12
    await until(lambda: len(view.cards) == 12)
    before = dict(view.cards)
    other = replace(advised[3], reason="It is read whole.")
    now = (advised[5], other, *advised[6:], advised[0])
    view.show_advice(Advice(now, datetime.now(UTC)))
    assert [card.one for card in view.cards.values()] == list(now)
    placed = [view._list.itemAt(place).widget() for place in range(view._list.count())]
    assert placed == list(view.cards.values())
    kept = {key for key, card in view.cards.items() if card is before[key]}
    assert kept == view.cards.keys() - {other.key}


async def test_who_may_not_apply_sees_why(site: Site) -> None:
    await site.open_plain()
    indexed(site)
    site.act_as(Role.OPERATOR)
    page = await opened(site)
    card = await found(page)
    assert not card.button.isEnabled()
    assert card.button.toolTip() == "This needs the role administrator."


async def test_a_failure_to_look_is_told_in_its_place(site: Site) -> None:
    page = await opened(site)

    async def failing(_ticket: Any) -> Any:
        raise AppError("The file cannot be read.")

    page.calls.find = failing
    page.view.empty.button.click()
    error = page.view.place.error
    await until(lambda: error.isVisibleTo(page.view))
    assert error.title.text() == "The file cannot be read."
    assert page.view.empty.button.isEnabled()
