"""Asks where keys may lie, once, when something is to be sealed and there is no keyring."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from core.errors import KeyConsentNeededError
from core.settings import KeyStorage
from core.translation import _
from desktop.async_dialogs import finished
from desktop.core_thread import CoreClient
from desktop.tasks import TaskRunner
from desktop.theme import FontRole, Role, Theme
from desktop.widgets.marks import Mark, button, label

if TYPE_CHECKING:
    from core.app import Core

_WIDTH = 560


class KeyConsentDialog(QDialog):
    """Says what a key file means, and offers it; the keyring may be tried once more."""

    def __init__(self, theme: Theme, error: KeyConsentNeededError, parent: QWidget) -> None:
        super().__init__(parent)
        self.agreed = False
        self.setWindowTitle(_("A key for secrets"))
        self.setMinimumWidth(_WIDTH)
        self.file = label(str(error.file), wrap=True)
        self.file.setFont(theme.font(FontRole.MONO))
        self.file.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        why = _("Why the keyring cannot be used: {why}").format(why=error.why)
        self.why = label(why, "muted", wrap=True)
        self.file_button = button(_("Keep the key in this file"), self._agree, "primary")
        self.again_button = button(_("Try the keyring again"), self.accept)
        self.leave_button = button(_("Not now"), self.reject)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(Mark(theme, "key", Role.ACCENT, 24))
        head.addWidget(label(_("Where may the key for your secrets lie?"), "title"), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(label(_what_it_is(), wrap=True))
        layout.addWidget(self.file)
        layout.addWidget(label(_what_it_means(), wrap=True))
        layout.addWidget(self.why)
        layout.addSpacing(8)
        layout.addLayout(self._foot())
        self.leave_button.setFocus()

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.leave_button)
        row.addStretch(1)
        row.addWidget(self.again_button)
        row.addWidget(self.file_button)
        return row

    def _agree(self) -> None:
        self.agreed = True
        self.accept()


class KeyConsent:
    """Asks for consent over whatever window is in front; several at once ask one question.

    Args:
        window: The main window.
    """

    def __init__(
        self, core: CoreClient, tasks: TaskRunner, theme: Theme, window: QWidget
    ) -> None:
        self._core, self._tasks, self._theme, self._window = core, tasks, theme, window
        self._question: asyncio.Task[bool] | None = None
        self._answer = False
        self._answered_at: datetime | None = None

    async def ask(self, error: KeyConsentNeededError) -> bool:
        """Return whether what raised the error is to be done again.

        Raises:
            SettingsError: The consent could not be kept.
        """
        if self._answered_at is not None and error.time <= self._answered_at:
            return self._answer  # it was on its way here while the person answered
        if self._question is None or self._question.done():
            self._question = self._tasks.run(self._ask(error))
        if self._question is None:
            return False
        return await asyncio.shield(self._question)

    async def _ask(self, error: KeyConsentNeededError) -> bool:
        parent = QApplication.activeModalWidget() or self._window
        dialog = KeyConsentDialog(self._theme, error, parent)
        try:
            wanted = await finished(dialog)
            agreed = wanted and shiboken6.isValid(dialog) and dialog.agreed
        finally:
            if shiboken6.isValid(dialog):
                dialog.deleteLater()
        if agreed:
            await self._core.run(_take_the_file)
        self._answer, self._answered_at = wanted, datetime.now(UTC)
        return wanted


async def _take_the_file(core: "Core") -> None:
    core.settings.change(key_storage=KeyStorage.FILE)


def _what_it_is() -> str:
    return _(
        "Buildbench seals secrets with a key, so that nobody can read them in the workspace"
        " alone. The best place for the key is the system's keyring, and that cannot be used"
        " now. The key can lie in a file instead:"
    )


def _what_it_means() -> str:
    return _(
        "Only your account on this computer can read that file; whoever gets it together with"
        " a workspace can read the secrets in it. Back it up, apart from your workspaces:"
        " without it the secrets cannot be read any more. You can move the key to the keyring"
        " later (Settings, Keys)."
    )
