"""The steps of the tour among the people of a workspace."""

from desktop.tour.guide import LARGE, SIZE, Guide, Step, TourError
from desktop.users.insights import InsightsSection
from desktop.users.people import PeopleSection
from desktop.users.rights import RightsSection
from desktop.users.security import SecuritySection

_FILE = (
    "Login;Full name;E-Mail;Phone;Role;Tags\n"
    "grace;Grace Hopper;grace@example.com;+1 212 555 0142;operator;compilers\n"
    "alan;Alan Turing;alan@;;viewer;\n"
    "linus;Linus;linus@example.com;;chief;kernel\n"
    "radia;Radia Perlman;radia@example.com;+1 212 555 0178;viewer;networks\n"
)


async def people(guide: Guide) -> str:
    """Look at the list and at one person."""
    section = await _section(guide)
    table = section.view.table
    model = section.presenter.model
    if table is None or model is None:
        raise TourError("The list of people did not load.")
    await guide.until(lambda: model.exact, "the number of people")
    if model.rowCount():
        table.selectRow(0)
        await guide.until(lambda: section.presenter.details is not None, "the details")
    await guide.picture("people")
    guide.window.resize(*LARGE)
    await guide.picture("people-large")
    guide.window.resize(*SIZE)
    return f"{model.rowCount()} people"


async def person_form(guide: Guide) -> str:
    """Fill the form with what cannot be taken, then with what can."""
    section = await _section(guide)
    guide.trigger("user.new")
    form = section.deeds.editing.form
    if form is None:
        raise TourError("The form did not open.")
    form.form.set_values({"username": "ada king", "email": "ada@", "phone": "12"})
    form.submit()
    for name in ("username", "display_name", "email", "phone"):
        if not form.form.error(name):
            raise TourError(f"There is no message beside the field {name}.")
    await guide.picture("person-form-errors", form)
    form.form.set_values(
        {"username": "ada.king", "display_name": "Ada King", "email": "ada@example.com",
         "phone": "+8613800138000", "tags": ("analysis", "night shift")}
    )  # fmt: skip
    form.form.field("password_kind").set_value("none")
    form.submit()
    await guide.until(lambda: section.deeds.editing.form is None, "the person to be stored")
    return "corrected in place and stored"


async def imported(guide: Guide) -> str:
    """Import people from a file in which some rows are wrong."""
    section = await _section(guide)
    path = guide.scratch / "people.csv"
    path.write_text(_FILE, "utf-8")
    guide.trigger("user.import")
    transfers = section.deeds.transfers
    await guide.until(lambda: transfers.wizard is not None, "the wizard")
    wizard = transfers.wizard
    if wizard is None:
        raise TourError("The wizard did not stay open.")
    await wizard.take_file(path)
    await guide.picture("people-import-columns", wizard)
    wizard.next_button.click()
    await guide.until(lambda: wizard.check.report is not None, "the check of the file")
    await guide.until(lambda: not wizard.busy, "the end of the check")
    await guide.picture("people-import-check", wizard)
    mode = wizard.options.field("mode")
    mode.set_value("row_by_row")
    mode.changed.emit()
    await guide.until(wizard.next_button.isEnabled, "the good rows to be importable")
    wizard.next_button.click()
    await guide.until(lambda: wizard.report is not None, "the import")
    await guide.picture("people-import-done", wizard)
    report = wizard.report
    wizard.accept()
    if report is None or report.created != 2 or report.refused != 2:
        raise TourError("Two people were to be imported and two refused.")
    return "2 people imported, 2 refused with reasons"


async def insights(guide: Guide) -> str:
    """Look at what the people do."""
    tab = guide.users
    tab.choose("insights")
    section = tab.sections["insights"]
    if not isinstance(section, InsightsSection):
        raise TourError("The section of insights is another one.")
    feeds = section.feeds.values()
    await guide.until(lambda: all(feed.answered for feed in feeds), "all figures")
    await guide.picture("people-insights")
    return f"{len(feeds)} cards of figures and charts"


async def rights_and_audit(guide: Guide) -> str:
    """Look at who may do what, and at who did what."""
    tab = guide.users
    tab.choose("rights")
    rights = tab.sections["rights"]
    if not isinstance(rights, RightsSection):
        raise TourError("The section of rights is another one.")
    await guide.until(lambda: rights.model is not None and rights.model.exact, "the rights")
    await guide.picture("people-rights")
    tab.choose("security")
    security = tab.sections["security"]
    if not isinstance(security, SecuritySection):
        raise TourError("The section of sessions and audit is another one.")
    await guide.until(lambda: security.audit.model.exact, "the audit trail")
    await guide.picture("people-audit")
    tab.choose("people")
    guide.show_tab("builds")
    return "rights, sessions and the audit trail"


async def _section(guide: Guide) -> PeopleSection:
    guide.show_tab("users")
    tab = guide.users
    tab.choose("people")
    section = tab.sections["people"]
    if not isinstance(section, PeopleSection):
        raise TourError("The section of people is another one.")
    await guide.until(lambda: section.view.table is not None, "the list of people")
    return section


PEOPLE_STEPS = (
    Step("The people", people),
    Step("A new person, with mistakes", person_form),
    Step("Import people from a file", imported),
    Step("What people do", insights),
    Step("Who may do what, and who did what", rights_and_audit),
)
