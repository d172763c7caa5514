"""The steps of the tour about who is there: first start, sign-in, second step, lock."""

from typing import TypeVar

import pyotp

from desktop.frame.visit import Visit
from desktop.sign_in.dialog import AccountDialog
from desktop.sign_in.lock_page import LockPage
from desktop.sign_in.page import CardPage
from desktop.sign_in.pages import CodePage, FirstStartPage, SignInPage
from desktop.sign_in.second_factor import SecondFactorDialog
from desktop.tour.guide import Guide, Step, TourError

_NAME = "ada"
_PASSWORD = "a wrench, a lamp and seven bolts"  # noqa: S105  # of a home that is thrown away
_recovery_codes: list[str] = []

P = TypeVar("P", bound=CardPage)
D = TypeVar("D", bound=AccountDialog)


async def first_start(guide: Guide) -> str:
    """Make a workspace and its administrator, with mistakes on the way."""
    await guide.conduct.workspaces.create_at(guide.scratch / "empty.db")
    page = await _page(guide, FirstStartPage)
    await guide.picture("first-start")
    page.form.set_values({"username": _NAME, "display_name": "Ada", "password": "lamp"})
    page.passwords.look()
    await guide.until(page.passwords.field.strength.isVisible, "the report on the password")
    page.submit()
    await guide.picture("first-start-errors")
    page.form.set_values({"password": _PASSWORD, "repeat": _PASSWORD})
    page.passwords.look()
    page.submit()
    await _entered(guide)
    await guide.picture("builds-empty")
    return "the administrator is in; the empty workspace offers the first action"


async def second_step(guide: Guide) -> str:
    """Set up the second step with its QR code."""
    dialog = await _dialog(guide, "account.second_factor", SecondFactorDialog)
    dialog.submit()
    await guide.until(dialog.qr.isVisible, "the QR code")
    await guide.picture("second-step-code", dialog)
    dialog.code.setText(pyotp.TOTP(dialog.secret.text().replace(" ", "")).now())
    dialog.submit()
    await guide.until(lambda: bool(dialog.codes), "the recovery codes")
    await guide.picture("second-step-recovery", dialog)
    _recovery_codes[:] = dialog.codes
    dialog.submit()
    return f"{len(_recovery_codes)} recovery codes"


async def account_windows(guide: Guide) -> str:
    """Look at what the menu of the account opens."""
    seen = []
    for action, name in (
        ("account.profile", "profile"),
        ("account.password", "change-password"),
        ("account.sessions", "sessions"),
        ("account.rules", "sign-in-rules"),
    ):
        dialog = await _dialog(guide, action, AccountDialog)
        await guide.until(lambda dialog=dialog: not dialog.busy, name)  # type: ignore[misc]
        await guide.picture(name, dialog)
        seen.append(dialog.windowTitle())
        dialog.reject()
    return ", ".join(seen)


async def locked(guide: Guide) -> str:
    """Lock the window and unlock it again."""
    guide.trigger("account.lock")
    visit = _visit(guide)
    await guide.picture("locked")
    page = guide.window.findChild(LockPage)
    if page is None:
        raise TourError("Nothing covers the window.")
    page.form.set_values({"password": _PASSWORD})
    page.submit()
    await guide.until(lambda: not visit.locked, "the window to be unlocked")
    return "nothing of the workspace was in sight"


async def signed_in_again(guide: Guide) -> str:
    """Sign out, fail once, and sign in with password and recovery code."""
    guide.trigger("account.sign_out")
    page = await _page(guide, SignInPage)
    page.form.set_values({"username": _NAME, "password": "a guess"})
    page.submit()
    await guide.until(page.message.isVisible, "the refusal")
    await guide.picture("sign-in-refused")
    page.form.set_values({"username": _NAME, "password": _PASSWORD})
    await guide.until(lambda: not page.busy and not page.message.waiting, "the next try")
    page.submit()
    code = await _page(guide, CodePage)
    await guide.picture("sign-in-code")
    code.other_button.click()
    code.line.setText(_recovery_codes[0])
    code.submit()
    await _entered(guide)
    return "refused once, then in by a recovery code"


SIGN_IN_STEPS = (
    Step("A new workspace and its administrator", first_start),
    Step("A second step for signing in", second_step),
    Step("Password, sessions, rules", account_windows),
    Step("Lock and unlock", locked),
    Step("Sign out and in again", signed_in_again),
)


def _visit(guide: Guide) -> Visit:
    visit = guide.conduct.workspaces.visit
    if visit is None:
        raise TourError("No workspace is open.")
    return visit


async def _entered(guide: Guide) -> None:
    await guide.until(lambda: bool(guide.window.chosen_tab), "the tabs")
    await guide.until(lambda: guide.builds.presenter.projects.rowCount() == 0, "no projects")


async def _page(guide: Guide, kind: type[P]) -> P:
    await guide.until(lambda: isinstance(_visit(guide).entry.page, kind), kind.__name__)
    page = _visit(guide).entry.page
    assert isinstance(page, kind)
    return page


async def _dialog(guide: Guide, action: str, kind: type[D]) -> D:
    guide.trigger(action)

    def found() -> list[D]:
        return [one for one in guide.window.findChildren(kind) if one.isVisible()]

    await guide.until(lambda: bool(found()), kind.__name__)
    return found()[0]
