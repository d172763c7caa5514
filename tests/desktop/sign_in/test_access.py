"""What the window does when somebody else decides: sessions that end, rights that change."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from core.security.actors import Role
from core.sign_in.schemas import AccessChanged
from desktop.app import Application
from desktop.arguments import Arguments
from desktop.sign_in.calls import SignInCalls
from desktop.sign_in.idle import IdleWatch
from desktop.sign_in.pages import SignInPage
from desktop.sign_in.profile import ProfileDialog
from desktop.widgets.versions import THEIRS
from tests.desktop.running import NotedTab, Runs, conduct, ends
from tests.desktop.sign_in.people import entered, page_of, sign_in, visit, with_ada
from tests.waiting import until


@pytest.fixture
def run(qapp: QApplication, home: Path) -> Runs:
    return Runs(qapp)


async def inside(run: Runs, folder: Path) -> Application:
    """Start with Ada signed in."""
    application = await run(Arguments(database=await with_ada(folder / "w.db")))
    await sign_in(application)
    await entered(application)
    return application


@pytest.mark.parametrize("locked", [False, True])
@ends
async def test_an_ended_session_closes_the_tabs_at_once(
    run: Runs, tmp_path: Path, locked: bool
) -> None:
    """Fails when the tabs stay, when the reason is lost, or when the lock stays."""
    application = await inside(run, tmp_path)
    session = visit(application).session
    assert session is not None
    tab = session.tabs["builds"]
    assert isinstance(tab, NotedTab)
    if locked:
        visit(application).lock_now()
    own, uid = session.actor, session.actor.session or ""
    await session.client.run(lambda w: w.sign_in.end_session(own, uid=uid))
    shown = await page_of(application, SignInPage)
    await until(lambda: not visit(application).locked)
    assert tab.noted[-1] == "close"
    assert application.window.tab_bar.count() == 0
    assert shown.message.words.text() == "Your session was ended."
    assert application.services.notifications.shown == ()
    await sign_in(application)
    await entered(application)


@pytest.mark.expected_log("session_ended")
@ends
async def test_a_refused_call_leads_to_the_sign_in_page(run: Runs, tmp_path: Path) -> None:
    """Shown to fail when the client tells nobody: the tabs stay, each call is refused."""
    application = await inside(run, tmp_path)
    session = visit(application).session
    assert session is not None
    own = session.actor
    session.client.workspace.gate.shut_out(own.session or "")
    context = session._parts["builds"][1]
    context.tasks.run(session.client.run(lambda w: w.projects.list_all(own)))
    shown = await page_of(application, SignInPage)
    assert shown.message.words.text() == "Your session has ended."
    assert application.services.notifications.shown == ()


@ends
async def test_other_rights_make_the_tabs_anew(run: Runs, tmp_path: Path) -> None:
    application = await inside(run, tmp_path)
    before = visit(application).session
    assert before is not None
    actor = replace(before.actor, role=Role.OPERATOR)
    event = AccessChanged(actor.session or "", actor, "Your rights were changed.")
    conduct(application).on_event(event)
    await until(lambda: visit(application).session is not before)
    await until(lambda: application.services.notifications.shown)
    session = visit(application).session
    assert session is not None
    tab = session.tabs["builds"]
    assert isinstance(tab, NotedTab)
    assert tab.context.actor.role is Role.OPERATOR
    (told,) = application.services.notifications.shown
    assert told.title == "Your rights were changed."
    account = visit(application).account
    assert account is not None
    rules = account._context.actions["account.rules"]
    assert not rules.isEnabled()
    assert rules.statusTip() == "Only administrators may do this."


@ends
async def test_an_unused_window_locks_itself(run: Runs, tmp_path: Path) -> None:
    """Fails when what comes after the limit is let through before the lock."""
    application = await inside(run, tmp_path)
    here = visit(application)
    now = [0.0]
    here.idle._now = lambda: now[0]
    here._watch_idle(60)
    handle = application.window.windowHandle()

    def press() -> bool:
        key = Qt.Key.Key_A
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        return QCoreApplication.sendEvent(handle, event)

    now[0] = 59.0
    press()
    now[0] = 100.0
    here.idle.check()
    before = here.locked
    now[0] = 119.0
    press()
    assert (before, here.locked, here.idle.running) == (False, True, False)


def test_use_is_told_now_and_then(qapp: QApplication) -> None:
    now, told = [0.0], []
    idle = IdleWatch(lambda: now[0])
    idle.used.connect(lambda: told.append(now[0]))
    idle.start(0, None)
    event = QEvent(QEvent.Type.MouseMove)
    for second in range(0, 100, 10):
        now[0] = float(second)
        assert not idle.eventFilter(idle, event)
    assert told == [30.0, 60.0, 90.0]
    idle.stop()


@ends
async def test_the_own_profile_is_changed(run: Runs, tmp_path: Path) -> None:
    application = await inside(run, tmp_path)
    account = visit(application).account
    assert account is not None
    await account.show_profile()
    dialog = account.dialog
    assert isinstance(dialog, ProfileDialog)
    assert dialog.form.values()["email"] == "ada@example.com"
    dialog.form.set_values({"email": "no address"})
    dialog.submit()
    assert dialog.form.error("email")
    dialog.form.set_values({"email": "lovelace@example.com", "display_name": "A. Lovelace"})
    dialog.submit()
    await until(lambda: account.dialog is None)
    session = visit(application).session
    assert session is not None
    own = session.actor
    row = (await session.client.run(lambda w: w.users.profile(own))).row
    assert (row.display_name, row.email) == ("A. Lovelace", "lovelace@example.com")


@ends
async def test_two_who_change_one_profile_see_both_versions(run: Runs, tmp_path: Path) -> None:
    """Fails when the second overwrites the first, or cannot take the value that is stored."""
    application = await inside(run, tmp_path)
    account, session = visit(application).account, visit(application).session
    assert account is not None
    assert session is not None
    own, calls = session.actor, SignInCalls(session.client)
    await account.show_profile()
    dialog = account.dialog
    assert isinstance(dialog, ProfileDialog)
    first = {**dialog.form.values(), "display_name": "Countess", "preferences": {"a": 1}}
    await calls.save_profile(own, await calls.profile(own), first, "US")
    dialog.form.set_values({"display_name": "Ada K.", "email": "ada@example.net"})
    dialog.submit()
    await until(dialog.conflict.isVisible)
    assert not dialog.form.isVisible()
    dialog.conflict.choices["display_name"][THEIRS].setChecked(True)
    dialog.submit()
    await until(lambda: account.dialog is None)
    row = (await calls.profile(own)).row
    assert (row.display_name, row.email) == ("Countess", "ada@example.net")
    assert row.preferences == {"a": 1}
