"""The section Rights: who may do what, what is unused, and roles given and taken."""

from typing import Any

from PySide6.QtWidgets import QMessageBox

from core.security.actors import Role
from desktop.users.rights import RightsSection
from desktop.widgets.paged_table import CopyFormat
from desktop.widgets.paged_table.copying import as_format
from tests.desktop.users.sections.conftest import Site, press
from tests.waiting import until

PEOPLE = (("ada", Role.ADMINISTRATOR), ("bob", Role.OPERATOR), ("cyd", Role.VIEWER))


async def opened(site: Site, *names: str) -> Any:
    section = RightsSection(site.context)
    await site.show(section)
    await lists(section, *names)
    return section


def shown(section: Any) -> list[str]:
    model = section.model
    rows = (model.row_at(place) for place in range(model.rowCount()))
    return [row.username for row in rows if row is not None]


async def lists(section: Any, *names: str) -> None:
    await until(lambda: shown(section) == list(names) and section.model.exact)


async def choose(section: Any, name: str) -> Any:
    section.view.table.selectRow(shown(section).index(name))
    return await until(lambda: section.view.details.row)


async def test_rights_are_listed_with_their_last_use(site: Site) -> None:
    ids = await site.add(*PEOPLE)
    project = await site.project("api")
    await site.asked(
        lambda w, actor: w.rights.grant(
            actor, project_id=project.id, user_id=ids["cyd"], role=Role.OPERATOR
        )
    )
    section = await opened(site, "ada", "bob", "cyd")
    hint = section.view.hint_text.text()
    assert hint == "1 administrator signs in by a password alone: ada"
    row = section.model.row_at(0)
    columns = {column.name: column for column in section.model.columns}
    assert columns["last_used"].text(row) == "never used"
    assert columns["second_factor"].text(row) == "Off"
    count = len(row.rights)
    assert columns["unused"].text(row) == f"{count} of {count}"
    assert columns["projects"].text(section.model.row_at(2)) == "api: Operator"
    csv = as_format(section.model.columns, [row], CopyFormat.CSV)
    assert csv.splitlines()[1].startswith("ada,Ada,Administrator,Off,")


async def test_a_role_in_a_project_is_given_and_taken(site: Site, monkeypatch: Any) -> None:
    await site.add(*PEOPLE)
    await site.project("api")
    section = await opened(site, "ada", "bob")
    details = section.view.details
    assert (await choose(section, "ada")).username == "ada"
    assert not details.give_button.isEnabled()
    assert "everything" in details.give_button.toolTip()
    await choose(section, "bob")
    await until(lambda: details.row.username == "bob")
    details.give_button.click()
    dialog = await until(lambda: section.dialog)
    roles = [dialog.role.itemText(place) for place in range(dialog.role.count())]
    assert roles == ["Administrator"]
    dialog.give_button.click()
    await until(lambda: details.row.projects)
    assert details.row.projects[0].role is Role.ADMINISTRATOR
    details.revoke_wanted.emit(details.row.projects[0])
    box = await until(lambda: site.page.findChild(QMessageBox))
    assert "api" in box.text()
    press(box, "Take away")
    await until(lambda: not details.row.projects)


async def test_the_hint_leads_to_those_whom_it_names(site: Site) -> None:
    await site.add(*PEOPLE, ("dan", Role.OPERATOR))
    section = await opened(site, "ada", "bob", "dan")
    section.view.risky_wanted.emit()
    await lists(section, "ada")
    assert len(section.view.filters.chips) == 3
    section.view.filters.search.setText("zed")
    await lists(section)
    section.view.pane.clear_filters.emit()
    await lists(section, "ada", "bob", "dan")


async def test_what_roles_may_do_is_shown_and_kept(site: Site) -> None:
    section = await opened(site)
    legend = section.view.legend
    assert not legend.isVisibleTo(section.view)
    section.view.legend_button.click()
    assert legend.isVisibleTo(section.view)
    assert legend.texts[Role.OPERATOR].text() == (
        "Run builds · Cancel builds · Keep notes about builds, and pin them"
        " · Arrange the queue · Pause the queue · Count statements from nothing"
        " · Maintain the database · Run benchmarks · Acknowledge alerts · Make backups"
    )
    assert "Rotate the keys" in legend.texts[Role.ADMINISTRATOR].text()
    section.save_state()
    again = RightsSection(site.context)
    assert again.view.legend_button.isChecked()
    again.widget.deleteLater()


async def test_the_list_follows_changes_by_others(site: Site) -> None:
    section = await opened(site)
    section._refresher._pause_s = 0.01
    await site.add(*PEOPLE)
    await lists(section, "ada", "bob")
