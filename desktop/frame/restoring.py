"""Puts a backup in the place of a database that is damaged or gone, when a person says so."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QMessageBox, QWidget

from core.errors import AppError, DatabaseDamagedError
from core.translation import _
from desktop.async_dialogs import ask, choose_file
from desktop.frame.services import Services
from desktop.notifications import Choice, Kind
from desktop.widgets.single_window import SingleWindow

if TYPE_CHECKING:
    from core.app import Core
    from core.performance.backups.schemas import Backup
    from core.progress import Progress
    from desktop.frame.restore_window import RestoreWindow
    from desktop.performance.jobs import Ticket


class Restoring:
    """Offers the backups of what could not be opened.

    Args:
        reopen: Opens the file once it is restored.
    """

    def __init__(
        self,
        window: QWidget,
        services: Services,
        reopen: Callable[[Path], Coroutine[Any, Any, None]],
    ) -> None:
        self._window, self._services, self._reopen = window, services, reopen
        self.shown = SingleWindow["RestoreWindow"]()

    async def helps(self, error: AppError, path: Path) -> bool:
        """Tell whether a backup could help: of a file that is gone, whether there is one."""
        if not isinstance(error, DatabaseDamagedError):
            return False
        try:
            return await asyncio.to_thread(path.exists) or bool(await self._backups(path))
        except AppError:
            return False  # what was to be told is worth more than why its backups are not seen

    def tell(self, error: AppError, path: Path) -> None:
        """Tell beside other work that a file cannot be opened, with a way to restore it."""
        words = "\n\n".join(part for part in (error.detail, error.hint) if part)
        choice = Choice(_("Restore a backup…"), lambda: self.offer(error, path))
        self._services.notifications.notify(error.title, words, Kind.ERROR, (choice,))

    def offer(self, error: AppError, path: Path) -> None:
        """Show which backups there are, to choose one."""
        self._services.tasks.run(self._offer(error, path))

    async def _offer(self, error: AppError, path: Path) -> None:
        from desktop.frame.restore_window import RestoreWindow  # not before the first paint

        backups = await self._backups(path)
        promise = _promise(there=await asyncio.to_thread(path.exists))

        def make() -> RestoreWindow:
            made = RestoreWindow(self._window, self._services, error, promise, backups)
            run = self._services.tasks.run
            made.restore_wanted.connect(
                lambda one: run(self._restore(made, path, one.path, promise, one))
            )
            made.file_wanted.connect(lambda: run(self._choose(made, path, promise)))
            return made

        self.shown.open(make)

    async def _choose(self, window: "RestoreWindow", path: Path, promise: str) -> None:
        from desktop.performance.backups.part import backup_files

        chosen = await choose_file(
            window, title=_("Restore a backup"), filter_text=backup_files()
        )
        if chosen is not None:
            await self._restore(window, path, Path(chosen), promise, None)

    async def _restore(
        self,
        window: "RestoreWindow",
        path: Path,
        file: Path,
        promise: str,
        backup: "Backup | None",
    ) -> None:
        from desktop.performance.backups import words

        title = _("Restore “{name}”?").format(name=file.name)
        chosen, _tick = await ask(
            window,
            title=title if backup is None else words.restore_title(backup),
            text="\n\n".join((words.lost_words(backup), promise)),
            actions=(
                (_("Restore"), QMessageBox.ButtonRole.DestructiveRole),
                (_("Cancel"), QMessageBox.ButtonRole.RejectRole),
            ),
        )
        if chosen != 0:
            return
        done = await window.place.run(lambda ticket: self._replace(path, file, ticket))
        if done is None:
            return
        window.accept()
        self._tell_restored(path, *done)
        await self._reopen(path)

    async def _replace(self, path: Path, file: Path, ticket: "Ticket") -> tuple[Path | None]:
        """Do it as a job; return where the damaged file lies now."""

        async def run(core: "Core") -> Path | None:
            def begin(progress: "Progress") -> Coroutine[Any, Any, Path | None]:
                ticket.id = core.jobs.snapshots()[0].id  # the newest is this one
                return core.workspaces.replace_damaged(path, file, progress=progress)

            return await core.jobs.run(_("Restoring {name}").format(name=path.name), begin)

        return (await self._services.core.run(run),)

    def _tell_restored(self, path: Path, kept: Path | None) -> None:
        words = _("The damaged file is kept: {path}").format(path=kept) if kept else ""
        self._services.notifications.notify(
            _("“{name}” is restored.").format(name=path.name), words, Kind.SUCCESS
        )

    async def _backups(self, path: Path) -> "tuple[Backup, ...]":
        return await self._services.core.run(lambda core: core.workspaces.backups_of(path))


def _promise(*, there: bool) -> str:
    """Return what becomes of the file."""
    if not there:
        return _("The backup is verified first, then put where the file was.")
    return _(
        "The backup is verified first, then takes the place of the damaged file, which is kept"
        " under another name."
    )
