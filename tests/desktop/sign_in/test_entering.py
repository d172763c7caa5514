"""The way into a workspace: first start, sign-in, the code, and a password to be changed."""

import asyncio
import os
from pathlib import Path

import pyotp
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from core.security.actors import Role
from desktop.arguments import Arguments
from desktop.sign_in.pages import CodePage, FirstStartPage, MustChangePage, SignInPage
from desktop.sign_in.second_factor import SecondFactorDialog
from tests.desktop.running import Runs, conduct, ends
from tests.desktop.sign_in.people import (
    PASSWORD,
    answered,
    empty,
    entered,
    let_ada_change,
    line,
    page,
    page_of,
    press,
    sign_in,
    type_into,
    visit,
    with_ada,
)
from tests.waiting import until


@pytest.fixture
def run(qapp: QApplication, home: Path) -> Runs:
    return Runs(qapp)


@ends
async def test_the_first_administrator_is_made_by_keyboard(run: Runs, tmp_path: Path) -> None:
    application = await run(Arguments(database=await empty(tmp_path / "w.db")))
    shown = page(application)
    assert isinstance(shown, FirstStartPage)
    assert application.window.tab_bar.count() == 0
    name = line(shown, "Name for signing in")
    name.selectAll()
    type_into(name, "ada")
    password = line(shown, "Password")
    type_into(password, PASSWORD)
    press(password, Qt.Key.Key_Return)
    assert shown.form.error("repeat") == "The two are not the same."
    repeat = line(shown, "Password once more")
    type_into(repeat, PASSWORD)
    press(repeat, Qt.Key.Key_Return)
    await entered(application)
    session = visit(application).session
    assert session is not None
    assert (session.actor.user, session.actor.role.value) == ("ada", "administrator")
    assert application.window.account.text() == "ada"


@ends
async def test_a_wrong_password_is_told_in_place_and_a_right_one_enters(
    run: Runs, tmp_path: Path
) -> None:
    application = await run(Arguments(database=await with_ada(tmp_path / "w.db")))
    await sign_in(application, "wrong")
    shown = page(application)
    assert isinstance(shown, SignInPage)
    await answered(shown)
    assert shown.message.isVisible()
    assert shown.password.value() == ""
    await sign_in(application)
    await entered(application)


@ends
async def test_the_page_begins_where_something_is_to_be_typed(
    run: Runs, tmp_path: Path
) -> None:
    application = await run(Arguments(database=await with_ada(tmp_path / "w.db")))
    shown = page(application)
    assert application.window.focusWidget() is line(shown, "Name")


@ends
async def test_a_second_step_is_set_up_and_asked_for(run: Runs, tmp_path: Path) -> None:
    """Fails when the recovery codes are shown twice, or one works twice."""
    application = await run(Arguments(database=await with_ada(tmp_path / "w.db")))
    await sign_in(application)
    await entered(application)
    account = visit(application).account
    assert account is not None
    await account.second_factor()
    dialog = account.dialog
    assert isinstance(dialog, SecondFactorDialog)
    dialog.submit()
    await until(dialog.qr.isVisible)
    dialog.code.setText("12")
    dialog.submit()
    await until(lambda: not dialog.busy)
    assert dialog.message.isVisible()
    dialog.code.setText(pyotp.TOTP(dialog.secret.text().replace(" ", "")).now())
    dialog.submit()
    await until(lambda: bool(dialog.codes))
    assert dialog.secret.text() == ""
    dialog.reject()
    assert dialog.isVisible()
    codes = dialog.codes
    dialog.submit()
    assert not dialog.codes
    visit(application).sign_out()
    await page_of(application, SignInPage)
    await sign_in(application)
    code = await page_of(application, CodePage)
    assert isinstance(code, CodePage)
    code.other_button.click()
    code.line.setText("nonsense")
    code.submit()
    await answered(code)
    assert (code.line.text(), visit(application).session) == ("", None)
    code.line.setText(codes[0])
    code.submit()
    await entered(application)


@ends
async def test_a_given_password_is_changed_before_anything_else(
    run: Runs, tmp_path: Path
) -> None:
    database = await with_ada(tmp_path / "w.db")
    application = await run(Arguments(database=database))
    await let_ada_change(database)
    await sign_in(application)
    shown = await page_of(application, MustChangePage)
    shown.form.set_values({"present": PASSWORD, "new": PASSWORD, "repeat": PASSWORD})
    shown.submit()
    await answered(shown)
    assert visit(application).session is None
    assert shown.form.error("new")
    new = "seven lamps, none of them lit"
    shown.form.set_values({"present": PASSWORD, "new": new, "repeat": new})
    shown.submit()
    await entered(application)


@ends
async def test_a_workspace_is_opened_on_this_computer_and_asks_again(
    run: Runs, tmp_path: Path
) -> None:
    application = await run(Arguments(database=await empty(tmp_path / "w.db")))
    shown = page(application)
    assert isinstance(shown, FirstStartPage)
    shown.open_here.click()
    await entered(application)
    window = application.window
    assert window.account.text() == "This computer"
    visit(application).lock_now()
    assert not visit(application).locked
    account = visit(application).account
    assert account is not None
    asking = asyncio.create_task(account.ask_for_sign_in())
    await asyncio.sleep(0)
    (box,) = window.findChildren(QMessageBox)
    box.buttons()[[b.text() for b in box.buttons()].index("Ask for sign-in")].click()
    await asking
    await page_of(application, FirstStartPage)
    assert window.tab_bar.count() == 0
    assert not window.account.isVisible()


@ends
async def test_another_workspace_can_be_chosen_instead(run: Runs, tmp_path: Path) -> None:
    application = await run(Arguments(database=await with_ada(tmp_path / "w.db")))
    shown = page(application)
    shown.form.set_values({"password": PASSWORD})
    password = line(shown, "Password")
    shown.leave_button.click()
    workspaces = conduct(application).workspaces
    await until(lambda: application.window.pages.currentWidget() is workspaces.welcome)
    assert workspaces.visit is None
    assert not shiboken6.isValid(password) or password.text() == ""
    assert application.window.windowTitle() == "Buildbench"


@ends
async def test_a_file_that_cannot_be_written_is_shown_as_to_a_viewer(
    run: Runs, tmp_path: Path
) -> None:
    database = await with_ada(tmp_path / "w.db")
    os.link(database, tmp_path / "another name.db")
    application = await run(Arguments(database=database))
    await entered(application)
    session = visit(application).session
    assert session is not None
    assert session.actor.role is Role.VIEWER
    (banner,) = application.window.banners.lines
    assert "as a viewer does" in banner.words.text()
