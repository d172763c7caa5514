"""The parts of the pages: the line for a password, the bar of its strength, the QR code."""

import pytest
import segno
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from core.sign_in.schemas import PasswordReport, SignInRules, TooManyAttemptsError
from desktop.sign_in.message import Message
from desktop.sign_in.pages import FirstStartPage, SignInPage
from desktop.sign_in.password_field import PasswordField
from desktop.sign_in.qr import QrCode
from desktop.sign_in.rules import RulesDialog
from desktop.sign_in.strength import Strength
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from tests.waiting import until


@pytest.fixture
def field(qtbot: QtBot, theme: Theme) -> PasswordField:
    made = PasswordField(theme)
    qtbot.addWidget(made)
    made.show()
    return made


def line(field: PasswordField) -> QLineEdit:
    assert isinstance(field.editor, QLineEdit)
    return field.editor


def test_a_wiped_password_does_not_come_back(field: PasswordField) -> None:
    """Shown to fail with ``clear``: undo brings the password back while it is shown."""
    field.eye.setChecked(True)
    QTest.keyClicks(line(field), "secret")
    field.wipe()
    assert not field.revealed
    assert line(field).echoMode() is QLineEdit.EchoMode.Password
    field.eye.setChecked(True)
    line(field).undo()
    assert field.value() == ""


def test_a_hidden_password_cannot_be_copied(field: PasswordField) -> None:
    QApplication.clipboard().setText("before")
    QTest.keyClicks(line(field), "secret")
    line(field).selectAll()
    line(field).copy()
    line(field).cut()
    assert QApplication.clipboard().text() == "before"


def test_caps_lock_is_noticed_by_what_it_types(field: PasswordField) -> None:
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.keyClicks(line(field), "a")
    assert not field.caps_hint.isVisible()
    QTest.keyClicks(line(field), "B")
    assert field.caps_hint.isVisible()
    QTest.keyClicks(line(field), "B", shift)
    assert not field.caps_hint.isVisible()
    QTest.keyClicks(line(field), "c", shift)
    assert field.caps_hint.isVisible()
    QTest.keyClicks(line(field), "1")
    assert field.caps_hint.isVisible()
    QTest.keyClick(line(field), Qt.Key.Key_CapsLock)
    assert not field.caps_hint.isVisible()


def test_strength_is_told_in_words(qtbot: QtBot, theme: Theme) -> None:
    strength = Strength(theme)
    qtbot.addWidget(strength)
    strength.show_report(PasswordReport(False, 0, ("It is too short.",)))
    assert strength.verdict.text() == "Not good enough yet"
    assert strength.issues.text() == "It is too short."
    strength.show_report(PasswordReport(True, 4, ()))
    assert strength.verdict.text() == "Very good"
    assert not strength.issues.isVisibleTo(strength)
    strength.show_report(None)
    assert not strength.isVisible()


def test_a_delay_is_counted_down(qtbot: QtBot, theme: Theme) -> None:
    now = [0.0]
    message = Message(theme, lambda: now[0])
    qtbot.addWidget(message)
    message.tell(TooManyAttemptsError("Too many attempts.", wait_s=200), 200)
    assert message.words.text() == "Too many attempts. Try again in 4 minutes."
    now[0] = 190.5
    message._count()
    assert message.words.text() == "Too many attempts. Try again in 10 seconds."
    now[0] = 200.0
    message._count()
    assert message.words.text() == "Too many attempts. You can try again now."
    assert not message.waiting


def test_a_qr_code_is_drawn_module_by_module(qtbot: QtBot) -> None:
    text = "otpauth://totp/Buildbench:ada?secret=JBSWY3DPEHPK3PXP&issuer=Buildbench"
    code = QrCode(220)
    qtbot.addWidget(code)
    code.show_text(text)
    image = code.grab().toImage()
    rows = [list(row) for row in segno.make(text, micro=False).matrix]
    module = 220 // (len(rows) + 8)
    border = int((220 - module * len(rows)) / 2)
    seen = [
        [
            int(
                image.pixelColor(border + x * module + 1, border + y * module + 1).value() < 128
            )
            for x in range(len(rows))
        ]
        for y in range(len(rows))
    ]
    assert seen == rows


async def test_rules_that_were_not_touched_stay_to_the_minute(
    qtbot: QtBot, theme: Theme, tasks: TaskRunner
) -> None:
    saved: list[tuple[SignInRules, bool]] = []

    async def save(rules: SignInRules, open_here: bool) -> None:
        saved.append((rules, open_here))

    before = SignInRules(session_idle=95, lock_after=0)
    dialog = RulesDialog(None, theme, tasks, rules=before, open_here=False, save=save)
    qtbot.addWidget(dialog)
    dialog.form.set_values({"shortest_password": 16, "lock_after": 3})
    dialog.submit()
    await until(lambda: saved)
    assert saved == [
        (before.model_copy(update={"shortest_password": 16, "lock_after": 3}), False)
    ]


def test_tab_goes_down_the_pages(qtbot: QtBot, theme: Theme) -> None:
    """Seen failing: the button under the main one came first, and opens without sign-in."""

    async def judge(_password: str, _owner: object) -> PasswordReport:
        raise AssertionError("nothing is typed")

    first = FirstStartPage(theme, TaskRunner(lambda _error: None), "w", "ada", judge)
    again = SignInPage(theme, "w")
    for page in (first, again):
        qtbot.addWidget(page)
        page.show()
    password = ["Password", "Show the password"]
    leave = "Choose another workspace"
    assert _stops(first) == [
        "Name for signing in", "Display name", "E-mail (optional)", *password,
        "Password once more", "Make the administrator", first.open_here.text(), leave,
    ]  # fmt: skip
    assert _stops(again) == ["Name", *password, again.remember.text(), "Sign in", leave]


def _stops(page: QWidget) -> list[str]:
    """Return the names of what Tab comes to on a page, in order, from its first field on."""
    (start, *_rest) = page.findChildren(QLineEdit)
    found: list[str] = []
    one: QWidget | None = start
    while one is not None and (not found or one is not start):
        if page.isAncestorOf(one) and one.isVisible() and one.isEnabled():
            words = one.text() if isinstance(one, QAbstractButton) else ""
            if one.focusPolicy() & Qt.FocusPolicy.TabFocus:
                found.append(one.accessibleName() or words)
        one = one.nextInFocusChain()
    return found
