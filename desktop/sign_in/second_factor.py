"""The dialog about the second step of signing in: turned on, or off."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.errors import AppError
from core.sign_in.schemas import SecondFactorSetup
from core.translation import _, ngettext
from desktop.async_dialogs import choose_file
from desktop.sign_in.dialog import AccountDialog
from desktop.sign_in.password_field import PasswordField
from desktop.sign_in.qr import QrCode
from desktop.tasks import TaskRunner
from desktop.theme import FontRole, Role, Theme
from desktop.widgets.form import LineField
from desktop.widgets.marks import button, copy_text, label

_SIZE = (520, 400)
_QR_EDGE = 196
_CODE, _PASSWORD = "code", "password"
_GROUP = 4


@dataclass(frozen=True, slots=True)
class SecondFactorCalls:
    """What the dialog asks for.

    Attributes:
        begin: Returns a new secret.
        confirm: Takes a code and returns the recovery codes.
        disable: Takes the password.
        renew: Takes the password and returns new recovery codes.
        save: Writes a text into a file that only this person can read.
    """

    begin: Callable[[], Coroutine[Any, Any, SecondFactorSetup]]
    confirm: Callable[[str], Coroutine[Any, Any, tuple[str, ...]]]
    disable: Callable[[str], Coroutine[Any, Any, None]]
    renew: Callable[[str], Coroutine[Any, Any, tuple[str, ...]]]
    save: Callable[[Path, str], Coroutine[Any, Any, None]]


class SecondFactorDialog(AccountDialog):
    """Leads from the secret to the code and on to the recovery codes; or turns it off.

    Args:
        codes_left: How many recovery codes are left; None while there is no second step.
    """

    def __init__(
        self,
        parent: QWidget | None,
        theme: Theme,
        tasks: TaskRunner,
        calls: SecondFactorCalls,
        *,
        codes_left: int | None,
    ) -> None:
        super().__init__(parent, theme, tasks, _("Two-step sign-in"), size=_SIZE)
        self._calls = calls
        self._do: Callable[[], None] = self._begin
        self.codes: tuple[str, ...] = ()
        self.password = PasswordField(theme)
        self.form.add(_PASSWORD, _("Your password"), self.password)
        self._scan = self._make_scan()
        self._kept = self._make_kept()
        for part in (self._scan, self._kept):
            self.column.insertWidget(self.column.count() - 1, part)
            part.hide()
        self.renew_button = button(_("New recovery codes"), self._renew)
        self.foot.add_left(self.renew_button)
        self._show_start(codes_left)

    def submit(self) -> None:
        """Do what this stage is for."""
        if not self.busy:
            self._do()

    def wipe(self) -> None:
        """Forget the password, the secret and the codes."""
        super().wipe()
        self.codes = ()
        self.qr.show_text("")
        self.secret.setText("")
        self._listed.setText("")

    # The stages

    def _show_start(self, codes_left: int | None) -> None:
        self.intro.show()
        self.form.setVisible(codes_left is not None)
        self.renew_button.setVisible(codes_left is not None)
        if codes_left is not None:
            left = ngettext(
                "{count} recovery code is left.", "{count} recovery codes are left.", codes_left
            ).format(count=codes_left)
            on = _(
                "Two-step sign-in is on: after the password you type a code that an app"
                " shows. Turned off, the password alone is enough."
            )
            self.intro.setText(f"{on} {left}")
            self.password.setFocus()
            self.main_button.setText(_("Turn it off"))
            self._do = self._disable
        else:
            self.intro.setText(
                _(
                    "With two-step sign-in a stolen password is not enough: you also type a"
                    " code that an authenticator app shows, on your phone or here."
                )
            )
            self.main_button.setText(_("Set it up"))
            self._do = self._begin

    def _begin(self) -> None:
        self.start(self._calls.begin(), self._show_scan)

    def _renew(self) -> None:
        if not self.busy and self._has_password():
            self.start(self._calls.renew(self.password.value()), self._show_codes)

    def _disable(self) -> None:
        if self._has_password():
            self.start(
                self._calls.disable(self.password.value()), lambda _nothing: self.accept()
            )

    def _show_scan(self, setup: SecondFactorSetup) -> None:
        self.intro.setText(
            _("Scan this with your authenticator app, then type the six digits that it shows.")
        )
        self.qr.show_text(setup.uri)
        self.secret.setText(_grouped(setup.secret))
        self._scan.show()
        self.main_button.setText(_("Turn it on"))
        self._do = self._confirm
        self.code.setFocus()

    def _confirm(self) -> None:
        code = "".join(self.code.text().split())
        if not code:
            self.message.say(_("Type the six digits that the app shows."))
            self.code.setFocus()
            return
        self.start(self._calls.confirm(code), self._show_codes)

    def _show_codes(self, codes: tuple[str, ...]) -> None:
        self.codes = codes
        self.password.wipe()
        for part in (self.form, self.renew_button, self._scan):
            part.hide()
        self.qr.show_text("")
        self.secret.setText("")
        self.code.setText("")
        self.intro.setText(
            _(
                "Two-step sign-in is on. Keep these recovery codes where only you find them:"
                " each lets you in once when the app is out of reach. They are not shown"
                " again."
            )
        )
        half = (len(codes) + 1) // 2
        lines = [
            "    ".join(filter(None, (codes[place], *codes[half + place : half + place + 1])))
            for place in range(half)
        ]
        self._listed.setText("\n".join(lines))
        self._kept.show()
        self.close_button.hide()
        self.main_button.setText(_("I have kept them"))
        self._do = self.accept
        self.copy_button.setFocus()

    def reject(self) -> None:
        """Close, but not while the codes are shown: they must be seen to be kept."""
        if not self.codes:
            super().reject()
        else:
            self.message.say(
                _("Copy or save the codes first, then say that you have kept them."),
                Role.WARNING,
            )

    def show_failure(self, error: AppError) -> None:
        """Show an error, and let the code be typed anew."""
        super().show_failure(error)
        if self._scan.isVisibleTo(self):
            self.code.selectAll()
            self.code.setFocus()

    def set_busy(self, busy: bool) -> None:
        """Take no input while an answer is awaited."""
        super().set_busy(busy)
        self.code.setEnabled(not busy)

    def _has_password(self) -> bool:
        missing = not self.password.value()
        self.form.set_errors({_PASSWORD: _("Type your password.")} if missing else {})
        return not missing

    # What it is made of

    def _make_scan(self) -> QWidget:
        self.qr = QrCode(_QR_EDGE)
        self.secret = label("", wrap=True)
        self.secret.setFont(self.theme.font(FontRole.MONO))
        self.secret.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.secret.setAccessibleName(_("Secret for typing"))
        field = LineField(longest=12)
        assert isinstance(field.editor, QLineEdit)
        self.code = field.editor
        self.code.setAccessibleName(_("Code of six digits"))
        self.code.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData)
        name = label(_("Code"))
        name.setBuddy(self.code)
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(6)
        grid.addWidget(self.qr, 0, 0, 5, 1)
        grid.addWidget(label(_("Or type this secret into the app:"), "muted", wrap=True), 0, 1)
        grid.addWidget(self.secret, 1, 1)
        grid.setRowMinimumHeight(2, 12)
        grid.addWidget(name, 3, 1)
        grid.addWidget(field, 4, 1, Qt.AlignmentFlag.AlignTop)
        grid.setRowStretch(4, 1)
        grid.setColumnStretch(1, 1)
        return page

    def _make_kept(self) -> QWidget:
        self._listed = label("")
        self._listed.setFont(self.theme.font(FontRole.MONO))
        self._listed.setAccessibleName(_("Recovery codes"))
        self._listed.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        card = QFrame()
        card.setProperty("kind", "card")
        inner = QVBoxLayout(card)
        inner.setContentsMargins(20, 16, 20, 16)
        inner.addWidget(self._listed, 0, Qt.AlignmentFlag.AlignHCenter)
        self.copy_button = button(_("Copy"), lambda: copy_text("\n".join(self.codes)))
        self.save_button = button(_("Save…"), lambda: self.tasks.run(self._save()))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.copy_button)
        row.addWidget(self.save_button)
        row.addStretch(1)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(card)
        column.addLayout(row)
        return page

    async def _save(self) -> None:
        text = "\n".join((*self.codes, ""))
        chosen = await choose_file(
            self,
            title=_("Save the recovery codes"),
            filter_text=_("Text files (*.txt);;All files (*)"),
            save=True,
            start=_("recovery codes") + ".txt",
            suffix="txt",
        )
        if chosen:
            self.start(
                self._calls.save(Path(chosen), text),
                lambda _nothing: self.message.say(
                    _("The codes are saved in {name}.").format(name=Path(chosen).name),
                    Role.SUCCESS,
                ),
            )


def _grouped(secret: str) -> str:
    """Return a secret in groups that the eye can follow."""
    return " ".join(secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP))
