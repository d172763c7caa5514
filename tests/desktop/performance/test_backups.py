"""The card of the backups: made, verified, restored after a question, removed, on schedule."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QMessageBox

from core.performance.backups.schemas import BackupOrigin, BackupRules
from core.security.actors import Role
from desktop.performance.backups import part as part_module
from desktop.performance.backups.words import rules_words
from desktop.performance.maintenance import MaintenancePage
from tests.desktop.performance.conftest import Site
from tests.waiting import until


async def opened(site: Site) -> Any:
    """Return the part of the page about backups."""
    page: Any = site.show_page(MaintenancePage)
    await until(lambda: page.backups.holder.filled)
    return page.backups


async def made(part: Any) -> Any:
    """Make a backup by its button and return it."""
    known = {one.name for one in part.card.table.list_model.rows}
    part.card.make_button.click()

    def new() -> Any:
        rows = part.card.table.list_model.rows
        return next((one for one in rows if one.name not in known), None)

    found = await until(new)
    await until(lambda: not part.card.place.busy)
    part.card.table.choose(found.name)
    return found


async def answer(site: Site, words: str) -> QMessageBox:
    """Press a button of the question that is asked, and return it."""
    box: QMessageBox = await until(lambda: site.place.findChild(QMessageBox))
    (found,) = [one for one in box.buttons() if one.text() == words]
    found.click()
    return box


def names(site: Site) -> set[str]:
    path = site.context.workspace.info.path
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT DISTINCT name FROM songs")}


async def test_a_backup_is_made_verified_and_removed(site: Site) -> None:
    part = await opened(site)
    card = part.card
    assert card.empty.isVisibleTo(card)
    assert not card.verify_button.isEnabled()
    assert "Choose a backup" in card.verify_button.toolTip()
    backup = await made(part)
    assert backup.origin is BackupOrigin.MANUAL
    assert card.result.text() == f"The backup “{backup.name}” is made and verified."
    card.verify_new.click()
    unsure = await made(part)
    assert card.result.text() == f"The backup “{unsure.name}” is made; it was not verified."
    assert unsure.verified_at is None
    await part.calls.delete(unsure.name)
    await until(lambda: len(card.table.list_model.rows) == 1)
    card.table.choose(backup.name)
    assert site.context.activity.jobs()[0].snapshot.title == "Backup of nightly.db"
    card.verify_button.click()
    await until(lambda: "is good" in card.result.text())
    await until(lambda: card.table.list_model.rows[0].verified_at is not None)
    card.delete_button.click()
    box = await answer(site, "Delete")
    assert "no way back" in box.informativeText()
    await until(lambda: card.empty.isVisibleTo(card))
    await until(lambda: site.place.findChild(QMessageBox) is None)
    part.feed.rest()
    again = asyncio.create_task(part.delete(backup))
    await answer(site, "Delete")
    await again
    part.feed.answered = False
    part.feed.wake()
    await until(lambda: part.feed.answered)
    # Seen failing where the next good answer wiped out why nothing was removed.
    assert card.place.error.isVisibleTo(card)


async def test_a_restore_says_what_is_lost_and_keeps_what_was_there(site: Site) -> None:
    await site.open_plain()
    part = await opened(site)
    backup = await made(part)
    with closing(sqlite3.connect(site.context.workspace.info.path)) as connection:
        connection.execute("UPDATE songs SET name = 'later'")
        connection.commit()
    part.card.restore_button.click()
    box = await answer(site, "Cancel")
    assert "since then is not in it" in box.informativeText()
    assert "kept as a backup first" in box.informativeText()
    assert names(site) == {"later"}
    await until(lambda: site.place.findChild(QMessageBox) is None)
    part.card.restore_button.click()
    await answer(site, "Restore")
    await until(lambda: part.card.result.text().startswith("Restored from"))
    assert names(site) == {"a"}
    await until(lambda: len(part.card.table.list_model.rows) == 2)
    origins = {one.origin for one in part.card.table.list_model.rows}
    assert origins == {BackupOrigin.MANUAL, BackupOrigin.RESTORE}
    assert part.card.table.current.name == backup.name


async def test_a_backup_is_made_where_it_is_wanted(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = await opened(site)
    wanted = tmp_path / "elsewhere.db"

    async def choose(*_args: Any, **_options: Any) -> str:
        return str(wanted)

    monkeypatch.setattr(part_module, "choose_file", choose)
    part.card.make_at_button.click()
    await until(lambda: "elsewhere.db" in part.card.result.text())
    assert wanted.exists()
    part.card.make_at_button.click()
    error = part.card.place.error
    await until(lambda: error.isVisibleTo(part.card))
    assert "already" in error.title.text()


async def test_a_damaged_backup_is_told_as_no_good(site: Site) -> None:
    """Seen failing with a verdict that took every answer for a good one."""
    part = await opened(site)
    backup = await made(part)
    data = bytearray(backup.path.read_bytes())
    data[len(data) // 2] ^= 1
    backup.path.write_bytes(bytes(data))
    part.card.verify_button.click()
    shown = site.context.notifications
    await until(lambda: any("no good" in one.title for one in shown.shown))
    await until(lambda: part.card.table.list_model.rows[0].problem)
    assert not part.card.result.isVisibleTo(part.card)


async def test_the_schedule_is_changed_in_a_window(site: Site) -> None:
    part = await opened(site)
    assert part.card.rules.text() == "None is made by itself."
    part.card.rules_button.click()
    form = await until(lambda: part.form.shown)
    form.form.set_values({"enabled": True, "expression": "nonsense"})
    form.submit()
    await until(lambda: form.form.error("expression"))
    form.form.field("preset").set_value("0 * * * *")
    form.form.field("preset").changed.emit()
    assert form.form.field("expression").value() == "0 * * * *"
    form.submit()
    await until(lambda: part.card.rules.text().startswith("Each hour"))


def test_rules_are_told_in_words() -> None:
    rules = BackupRules(enabled=True, expression="30 3 * * *", keep_last=7, keep_days=0)
    told = rules_words(rules, managed=True)
    assert told == "Each day at 3:30 · the last 7 are kept · older ones stay · each is verified"


async def test_who_may_not_is_told_why(site: Site) -> None:
    site.act_as(Role.OPERATOR)
    part = await opened(site)
    await made(part)
    card = part.card
    assert card.verify_button.isEnabled()
    for one in (card.restore_button, card.delete_button, card.rules_button):
        assert not one.isEnabled()
        assert one.toolTip() == "This needs the role administrator."


async def test_nobody_makes_backups_of_other_files_by_himself(site: Site) -> None:
    await site.open_plain()
    part = await opened(site)
    assert not part.card.rules_button.isEnabled()
    assert "own data folder" in part.card.rules.text()
