"""The section Sessions and audit: sessions end, entries are told in words and verified."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMessageBox
from sqlalchemy import text

from core.errors import AppError
from core.security.actors import Origin, Role
from core.sign_in.schemas import FirstAdministrator
from desktop.users.security import SecuritySection
from tests.desktop.users.sections.conftest import Site, press
from tests.waiting import until

PASSWORD = "correct horse battery staple"
ADA = FirstAdministrator("ada", "Ada Lovelace", PASSWORD, "ada@example.com")


async def opened(site: Site) -> Any:
    section = SecuritySection(site.context)
    section._sessions_refresh._pause_s = section._audit_refresh._pause_s = 0.01
    await site.show(section)
    return section


async def with_ada(site: Site) -> None:
    await site.asked(
        lambda w, _actor: w.sign_in.create_first_administrator(
            ADA, origin=Origin.DESKTOP, device="a laptop"
        )
    )


def entries(section: Any) -> list[Any]:
    model = section.audit.model
    rows = [model.row_at(place) for place in range(model.rowCount())]
    return [row for row in rows if row is not None]


def told(section: Any) -> list[str]:
    return [row.operation for row in entries(section)]


async def test_a_session_is_listed_and_ended(site: Site) -> None:
    await with_ada(site)
    section = await opened(site)
    sessions = section.sessions
    await until(lambda: sessions.model.rowCount() == 1 and sessions.model.exact)
    assert not sessions.end_button.isEnabled()
    sessions.table.selectRow(0)
    await until(sessions.end_button.isEnabled)
    assert sessions.chosen.device == "a laptop"
    section.focus_main()
    QTest.keyClick(sessions.table, Qt.Key.Key_Delete)
    box = await until(lambda: site.page.findChild(QMessageBox))
    assert box.text() == "End the session of “ada”?"
    press(box, "End session")
    await until(lambda: sessions.model.rowCount() == 0)
    await until(lambda: told(section)[:1] == ["sign_in.session_ended"])
    assert sessions.nobody.isVisibleTo(sessions)
    await until(lambda: section.audit.height() > 8 * sessions.height())
    await site.asked(
        lambda w, _actor: w.sign_in.sign_in(
            ADA.username, ADA.password, origin=Origin.DESKTOP, device="a laptop"
        )
    )
    await until(lambda: sessions.table.isVisibleTo(sessions))
    assert sessions.height() > 150


async def test_entries_are_filtered_by_kind_and_name(site: Site) -> None:
    await with_ada(site)
    await site.project("api")
    await site.add(("bob", Role.VIEWER))
    section = await opened(site)
    everything = ["users.create", "projects.create", "sign_in.signed_in", "sign_in.first_start"]
    await until(lambda: told(section) == everything)
    audit = section.audit
    audit.kinds.setCurrentText("Signing in")
    await until(lambda: told(section) == everything[2:])
    audit.kinds.setCurrentText("Keys")
    await until(lambda: told(section) == [] and audit.pane.no_match.isVisibleTo(audit))
    audit.pane.clear_filters.emit()
    await until(lambda: told(section) == everything)
    audit.filters.search.setText("bob")
    await until(lambda: told(section) == everything[:1])


async def test_an_entry_tells_what_changed(site: Site) -> None:
    await site.add(("bob", Role.VIEWER))
    section = await opened(site)
    await until(lambda: told(section) == ["users.create"])
    section.audit.table.selectRow(0)
    details = section.audit.details
    await until(lambda: details.row is not None)
    words = [one.text() for one in details.findChildren(QLabel)]
    assert {"User name", "bob", "Role", "Viewer"} <= set(words)


async def test_verifying_says_that_the_chain_is_whole_or_where_it_breaks(site: Site) -> None:
    """Seen failing with a verdict that took any answer for a whole chain."""
    await site.add(("bob", Role.VIEWER), ("cyd", Role.VIEWER))
    section = await opened(site)
    audit = section.audit
    audit.verify_button.click()
    await until(lambda: audit.verdict.text() == "2 entries, the chain is whole.")
    assert audit.verdict.property("kind") == "success"
    await until(lambda: told(section)[:1] == ["audit.verify"])

    async def tamper(workspace: Any, _actor: Any) -> None:
        async with workspace.database.unit_of_work() as unit:
            statement = "UPDATE audit_entries SET subject = 'eve' WHERE id = 2"
            await unit.session.execute(text(statement))
            await unit.commit()

    await site.asked(tamper)
    audit.verify_button.click()
    await until(lambda: audit.verdict.text().startswith("The chain is broken at entry 2"))
    assert audit.verdict.property("kind") == "error"
    assert "changed" in audit.verdict.text()
    assert audit.verify_button.isEnabled()


async def test_a_failure_to_verify_is_told_in_its_place(site: Site) -> None:
    section = await opened(site)

    async def failing() -> Any:
        raise AppError("The disk is gone.")

    section.calls.verify = failing
    section.audit.verify_button.click()
    error = section.audit.error
    await until(lambda: error.isVisibleTo(section.audit))
    assert error.title.text() == "The disk is gone."
    assert section.audit.verdict.text() == ""
    assert section.audit.verify_button.isEnabled()
