"""The section of the settings window about keys: where they lie, which, and what to do."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.errors import AppError, CancelledByUserError, KeyConsentNeededError
from core.security.schemas import KeyStatus, SealedCounts
from core.settings import KeyStorage
from core.translation import _, ngettext
from desktop.async_dialogs import ask, choose_file, finished
from desktop.notifications import Notifications
from desktop.settings import keys_words as words
from desktop.settings.keys_calls import KeyCalls
from desktop.settings.passphrase import PassphraseDialog
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.error_panel import ErrorPanel
from desktop.widgets.marks import button, label
from desktop.widgets.tips import plain_tip

_TITLE_WIDTH = 240
_SHOWN = 4


class KeysSection(QWidget):
    """Shows the keys and asks for what is done with them; an error is shown in place."""

    def __init__(
        self, theme: Theme, calls: KeyCalls, tasks: TaskRunner, notifications: Notifications
    ) -> None:
        super().__init__()
        self._calls, self._tasks, self._notifications = calls, tasks, notifications
        self._status: KeyStatus | None = None
        self._counts: SealedCounts | None = None
        self._busy = False
        self.place = _selectable(label("", wrap=True))
        self.explanation = _selectable(label("", "muted", wrap=True))
        self.warning = label("", "warning", wrap=True)
        self.keys = _selectable(label(_("Being read…"), wrap=True))
        self.sealed = label("", wrap=True)
        self.move_button = button(_("Move…"), lambda: self._start(self._move()))
        self.rotate_button = button(_("New key…"), lambda: self._start(self._rotate()))
        self.reseal_button = button(_("Seal anew"), lambda: self._start(self._reseal()))
        self.export_button = button(_("Export…"), lambda: self._start(self._export()))
        self.import_button = button(_("Import…"), lambda: self._start(self._import()))
        self.error = ErrorPanel(theme)
        self._arrange()
        self._follow()

    async def load(self) -> None:
        """Fetch what is shown, and show it."""
        await self._fetch()
        if shiboken6.isValid(self):
            self._show()

    async def _fetch(self) -> None:
        try:
            self._status = await self._calls.status()
            self._counts = await self._calls.counts()
        except AppError as error:
            self._show_error(error)

    # What is asked for

    async def _move(self) -> None:
        assert self._status is not None
        target = words.move_target(self._status)
        if target is KeyStorage.FILE:
            title, go = _("Keep the keys in a file?"), _("Use a file")
            text = _(
                "They will lie in {file}, readable by your account on this computer alone."
                " Whoever can read that file and a workspace can read the secrets in it. Keys"
                " in the system's keyring are removed there once they can be read in the file."
            ).format(file=self._status.file)
        else:
            title, go = _("Keep the keys in the system's keyring?"), _("Use the keyring")
            text = _(
                "The system protects them with your sign-in. The file is removed once they"
                " can be read in the keyring; backups of the file are not."
            )
        if await self._agreed(title, text, go):
            await self._calls.move(target)
            self._tell(words.moved(target))

    async def _rotate(self) -> None:
        text = _(
            "From now on everything is sealed with a new key, and all values of “{name}” are"
            " sealed anew with it. Older keys stay: backups and other workspaces may need"
            " them. You can cancel at any time and go on later; everything can be read"
            " meanwhile."
        ).format(name=self._calls.workspace)
        if await self._agreed(_("Make a new key?"), text, _("Make a new key")):
            await self._seal_anew(new_key=True)

    async def _reseal(self) -> None:
        await self._seal_anew(new_key=False)

    async def _seal_anew(self, *, new_key: bool) -> None:
        report = await self._calls.rotate(new_key=new_key)
        if report is not None:
            title, detail = words.rotated(report)
            self._notifications.notify(title, detail, kind="warning" if detail else "success")

    async def _export(self) -> None:
        passphrase = await self._passphrase(
            title=_("Export the keys"),
            text=_(
                "The file is protected by a passphrase. Without it nobody can use the keys,"
                " you neither: keep it apart from the file."
            ),
            go=_("Choose a file…"),
            new=True,
        )
        if not passphrase:
            return
        target = await choose_file(
            self.window(),
            title=_("Export the keys"),
            filter_text=_("Exported keys (*.json);;All files (*)"),
            save=True,
            start="buildbench-keys.json",
            suffix="json",
        )
        if target:
            count = await self._calls.export(Path(target), passphrase)
            self._tell(
                ngettext("{count} key was exported.", "{count} keys were exported.", count)
                .format(count=count)
            )  # fmt: skip

    async def _import(self) -> None:
        source = await choose_file(
            self.window(),
            title=_("Import keys"),
            filter_text=_("Exported keys (*.json);;All files (*)"),
        )
        if not source:
            return
        passphrase = await self._passphrase(
            title=_("Import keys"),
            text=_("Keys that are not here yet are added; none is replaced."),
            go=_("Import"),
            new=False,
        )
        if passphrase:
            count = await self._calls.import_from(Path(source), passphrase)
            said = ngettext("{count} key was added.", "{count} keys were added.", count)
            self._tell(said.format(count=count) if count else _("All keys were here already."))

    async def _agreed(self, title: str, text: str, go: str) -> bool:
        actions = (
            (go, QMessageBox.ButtonRole.AcceptRole),
            (_("Leave it"), QMessageBox.ButtonRole.RejectRole),
        )
        chosen, _tick = await ask(self.window(), title=title, text=text, actions=actions)
        return chosen == 0

    async def _passphrase(self, *, title: str, text: str, go: str, new: bool) -> str:
        dialog = PassphraseDialog(self.window(), title=title, text=text, go=go, new=new)
        try:
            return dialog.passphrase() if await finished(dialog) else ""
        finally:
            if shiboken6.isValid(dialog):
                dialog.deleteLater()

    def _tell(self, text: str) -> None:
        self._notifications.notify(text, kind="success")

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        if self._busy:
            work.close()
        else:
            self._busy = True
            self._tasks.run(self._do(work))

    async def _do(self, work: Coroutine[Any, Any, None]) -> None:
        self.error.clear()
        self._follow()
        try:
            await self._done(work)
            if shiboken6.isValid(self):
                await self._fetch()
        finally:
            self._busy = False
            if shiboken6.isValid(self):
                self._show()

    async def _done(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (CancelledByUserError, KeyConsentNeededError):
            return  # whoever chose that knows it
        except AppError as error:
            self._show_error(error)

    def _show_error(self, error: AppError) -> None:
        if shiboken6.isValid(self):
            self.error.show_error(error)

    # What is shown

    def _show(self) -> None:
        status = self._status
        if status is not None:
            self.place.setText(words.place(status))
            self.explanation.setText(words.explanation(status))
            self.warning.setText(words.warning(status))
            lines = [words.key_line(key) for key in status.keys[:_SHOWN]]
            if (more := len(status.keys) - _SHOWN) > 0:
                rest = ngettext("and {count} older one", "and {count} older ones", more)
                lines.append(rest.format(count=more))
            self.keys.setText("\n".join(lines) or _("The first secret makes one."))
        if self._counts is None:
            self.sealed.setText(_("Open a workspace to seal it anew."))
        else:
            self.sealed.setText(f"{self._calls.workspace}: {words.sealed(self._counts)}")
        self._follow()

    def _follow(self) -> None:
        status, counts = self._status, self._counts
        free = status is not None and not self._busy
        refusal = words.move_refusal(status) if status is not None else ""
        self.warning.setVisible(bool(self.warning.text()))
        self.move_button.setVisible(status is not None)
        if status is not None:
            to_file = words.move_target(status) is KeyStorage.FILE
            self.move_button.setText(_("Use a file…") if to_file else _("Use the keyring…"))
        self.move_button.setEnabled(free and not refusal)
        self.move_button.setToolTip(plain_tip(refusal))
        can_seal = free and counts is not None and not self._calls.read_only
        self.rotate_button.setEnabled(can_seal)
        older = counts.older if counts is not None else 0
        self.reseal_button.setVisible(older > 0)
        self.reseal_button.setEnabled(can_seal)
        self.export_button.setEnabled(free and bool(status and status.keys))
        self.import_button.setEnabled(free)

    def _arrange(self) -> None:
        card = QFrame()
        card.setProperty("kind", "card")
        grid = QGridLayout(card)
        grid.setContentsMargins(20, 16, 20, 16)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, _TITLE_WIDTH)
        grid.setColumnStretch(1, 1)
        other = _(
            "An export opens what is sealed here on another computer, and is your backup."
        )
        rows: tuple[tuple[str, tuple[QLabel, ...], tuple[QPushButton, ...]], ...] = (
            (
                _("Where the keys lie"),
                (self.place, self.explanation, self.warning),
                (self.move_button,),
            ),
            (_("Keys"), (self.keys,), (self.rotate_button,)),
            (_("This workspace"), (self.sealed,), (self.reseal_button,)),
            (
                _("Other computers"),
                (label(other, "muted", wrap=True),),
                (self.export_button, self.import_button),
            ),
        )
        for line, (title, texts, buttons) in enumerate(rows):
            if line:
                grid.setRowMinimumHeight(2 * line - 1, 12)
            _add_row(grid, 2 * line, title, texts, buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(label(_("Keys for secrets"), "title"))
        column.addWidget(card)
        column.addWidget(self.error)


def _add_row(
    grid: QGridLayout,
    line: int,
    title: str,
    texts: tuple[QLabel, ...],
    buttons: tuple[QPushButton, ...],
) -> None:
    cell = QVBoxLayout()
    cell.setSpacing(4)
    for text in texts:
        cell.addWidget(text)
    row = QHBoxLayout()
    row.setSpacing(8)
    row.setContentsMargins(0, 4, 0, 0)
    for one in buttons:
        row.addWidget(one)
    row.addStretch(1)
    cell.addLayout(row)
    name = label(title, wrap=True)
    grid.addWidget(name, line, 0, Qt.AlignmentFlag.AlignTop)
    grid.addLayout(cell, line, 1)


def _selectable(text: QLabel) -> QLabel:
    text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return text
