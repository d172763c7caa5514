"""The way into a workspace: first start, sign-in, the code, and a password to be changed."""

from pathlib import Path

import pyotp
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.arguments import Arguments
from desktop.sign_in.pages import FirstStartPage, SignInPage
from tests.desktop.running import Runs, ends
from tests.desktop.sign_in.people import (
    PASSWORD,
    answered,
    empty,
    entered,
    line,
    page,
    press,
    sign_in,
    type_into,
    visit,
    with_ada,
)


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
    password = line(shown, "New password")
    type_into(password, PASSWORD)
    press(password, Qt.Key.Key_Return)
    assert shown.form.error("repeat") == "The two are not the same."
    repeat = line(shown, "New password once more")
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
