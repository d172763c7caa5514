"""Indexes that plans suggest are made from there: after a question, and undone as others."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QMessageBox

from core.performance.statements.schemas import PlanVerdict
from core.security.actors import Role
from desktop.performance.recommendations.calls import AdviceCalls
from desktop.performance.statements import StatementsPage
from desktop.performance.statements.calls import StatementCalls
from desktop.performance.statements.suggested import SuggestedIndex
from tests.desktop.performance.conftest import Site
from tests.waiting import until

_SQL = "SELECT * FROM songs WHERE name = 'b'"


def suggested(page: Any) -> SuggestedIndex:
    """Return what the only card suggests."""
    (card,) = page.explain.cards
    (found,) = card.findChildren(SuggestedIndex)
    assert isinstance(found, SuggestedIndex)
    return found


async def explained(site: Site) -> Any:
    """Return the page, where a statement is explained that reads 2,000 rows."""
    with closing(sqlite3.connect(site.context.workspace.info.path)) as connection:
        connection.executemany("INSERT INTO songs (name) VALUES (?)", [("b",)] * 2_000)
        connection.commit()
    page = site.show_page(StatementsPage)
    page.explain.field.setPlainText(_SQL)
    page.explain.explain_soon()
    await until(lambda: page.explain.cards)
    return page


async def answer(site: Site, words: str) -> QMessageBox:
    box: QMessageBox = await until(lambda: site.place.findChild(QMessageBox))
    next(one for one in box.buttons() if one.text() == words).click()
    await until(lambda: site.place.findChild(QMessageBox) is None)
    return box


async def test_a_suggested_index_is_made_after_a_question_and_can_be_taken_back(
    site: Site,
) -> None:
    """Failed where the plan was not asked for again, and where nothing was to be undone.

    And where a double click asked twice.
    """
    await site.open_plain()
    page = await explained(site)
    index = suggested(page)
    assert index.words.text() == 'CREATE INDEX "ix_songs_name" ON "songs" ("name")'
    index.button.click()
    index.button.click()
    await answer(site, "Cancel")
    assert suggested(page) is index
    index.button.click()
    box = await until(lambda: site.place.findChild(QMessageBox))
    told = (index.words.text(), "up to about 2,050 rows", "larger", "page Recommendations")
    assert all(words in box.informativeText() for words in told)
    before = page.explain.cards[0]
    await answer(site, "Make index")
    await until(lambda: page.explain.cards and page.explain.cards[0] is not before)
    assert not page.explain.cards[0].findChildren(SuggestedIndex)
    (found,) = await page.calls.explain(_SQL)
    assert found.plan.verdict is PlanVerdict.COVERING_INDEX
    (row,) = (await AdviceCalls(site.context).advised()).applied
    assert (row.subject, row.can_undo) == ("Make an index on songs (name)", True)
    assert [one.title for one in site.context.notifications.shown] == [row.subject]


async def test_who_may_not_make_one_is_told_why(site: Site) -> None:
    """Failed with a button that only the core refused."""
    await site.open_plain()
    site.act_as(Role.OPERATOR)
    index = suggested(await explained(site))
    assert not index.button.isEnabled()
    assert index.button.toolTip() == "This needs the role administrator."
    assert index.copy_button.isEnabled()
    site.act_as(Role.ADMINISTRATOR)
    client = site.context.workspace
    client.info = replace(client.info, unwritable="Its disk is read-only.")
    assert StatementCalls(site.context).index_refusal == "Its disk is read-only."
