"""What can be done with artifacts: opening, showing, saving and copying."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox, QWidget

from core.builds.schemas import ArtifactRow
from core.database.fields.file_paths import file_name, shown_path
from core.errors import ExternalError, why_refused
from core.translation import _, ngettext
from desktop.async_dialogs import ask, choose_file
from desktop.builds.panes import artifacts_opening as opening
from desktop.builds.panes.artifacts_words import name_of
from desktop.figures import number
from desktop.notifications import Kind
from desktop.tabs import TabContext
from desktop.widgets.marks import copy_text

if TYPE_CHECKING:
    from core.app import Core


class ArtifactCalls:
    """What the page of artifacts asks of the core.

    All raise the ``AppError`` with which the core refuses.
    """

    def __init__(self, context: TabContext) -> None:
        self._workspace, self._actor = context.workspace, context.actor

    async def list_of(self, build_id: int) -> Sequence[ArtifactRow]:
        """Return the artifacts of a build."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.artifacts.list_of(actor, build_id=build_id)
        )

    async def save(self, row: ArtifactRow, target: Path, title: str) -> None:
        """Write a checked copy of an artifact, as a job that people see."""
        actor, workspace = self._actor, self._workspace.workspace

        async def save(core: "Core") -> int:
            return await core.jobs.run(
                title,
                lambda progress: workspace.artifacts.save_as(
                    actor, artifact_id=row.id, target=target, progress=progress
                ),
            )

        await self._workspace.core.run(save)


class ArtifactDeeds:
    """Does what the person asks for with artifacts.

    Args:
        parent: The widget that questions belong to.

    Attributes:
        open_file: Hands a file to another program.
        reveal: Shows a file in its folder.
    """

    def __init__(self, context: TabContext, calls: ArtifactCalls, parent: QWidget) -> None:
        self._context, self._calls, self._parent = context, calls, parent
        self._copies = opening.OpenedCopies()
        self.open_file: Callable[[Path], bool] = opening.open_file
        self.reveal: Callable[[Path], bool] = opening.reveal

    async def open(self, row: ArtifactRow) -> None:
        """Open a copy of an artifact, once the person has agreed where that may run it."""
        copy = await self._copied(row)
        with _told(row):
            runs = await asyncio.to_thread(opening.may_run, copy)
        if runs and not await self._agreed(row):
            return
        if not self.open_file(copy):
            self._tell_no_program(row)

    async def show_in_folder(self, row: ArtifactRow) -> None:
        """Show a copy of an artifact, under its own name, in the file manager."""
        if not self.reveal(await self._copied(row)):
            self._tell_no_program(row)

    async def save(self, rows: Sequence[ArtifactRow]) -> None:
        """Ask for a file, or for a folder for several, and write checked copies."""
        if len(rows) == 1:
            await self._save_one(rows[0])
        elif rows:
            await self._save_several(rows)

    def copy_path(self, rows: Sequence[ArtifactRow]) -> None:
        """Put the paths within the folder of the build on the clipboard."""
        copy_text("\n".join(shown_path(row.path) for row in rows))

    def copy_hash(self, rows: Sequence[ArtifactRow]) -> None:
        """Put hashes on the clipboard; of several files as ``sha256sum`` writes them."""
        if len(rows) == 1:
            copy_text(rows[0].sha256)
        else:
            copy_text("\n".join(f"{row.sha256}  {shown_path(row.path)}" for row in rows))

    async def _copied(self, row: ArtifactRow) -> Path:
        with _told(row):
            copy = await asyncio.to_thread(self._copies.place, row)
        title = _("Copying {name} to open it").format(name=name_of(row))
        await self._calls.save(row, copy, title)
        with _told(row):
            await asyncio.to_thread(opening.seal, copy)
        return copy

    async def _agreed(self, row: ArtifactRow) -> bool:
        chosen, _tick = await ask(
            self._parent,
            title=_("Open “{name}”?").format(name=name_of(row)),
            text=_(
                "It may be a program or a script, and opening it may run it with all that you"
                " can do. Builds make files out of what others wrote; open only what you"
                " trust."
            ),
            actions=(
                (_("Open anyway"), QMessageBox.ButtonRole.DestructiveRole),
                (_("Cancel"), QMessageBox.ButtonRole.RejectRole),
            ),
        )
        return chosen == 0

    async def _save_one(self, row: ArtifactRow) -> None:
        target = await choose_file(
            self._parent,
            title=_("Save artifact"),
            filter_text=_("All files (*)"),
            save=True,
            start=file_name(row.path),
        )
        if target is None:
            return
        title = _("Saving {name}").format(name=name_of(row))
        await self._calls.save(row, Path(target), title)
        self._context.notifications.notify(_("The artifact was saved"), target, Kind.SUCCESS)

    async def _save_several(self, rows: Sequence[ArtifactRow]) -> None:
        folder = await choose_file(
            self._parent,
            title=_("Save artifacts into a folder"),
            filter_text=_("All files (*)"),
            folder=True,
        )
        if folder is None:
            return
        for row in rows:
            with _told(row):
                target = await asyncio.to_thread(_free_name, Path(folder), file_name(row.path))
            title = _("Saving {name}").format(name=name_of(row))
            await self._calls.save(row, target, title)
        told = ngettext("{count} artifact was saved", "{count} artifacts were saved", len(rows))
        words = told.format(count=number(len(rows)))
        self._context.notifications.notify(words, folder, Kind.SUCCESS)

    def _tell_no_program(self, row: ArtifactRow) -> None:
        self._context.notifications.notify(
            _("No program opened “{name}”").format(name=name_of(row)),
            _("Save it, and open it from there."),
            Kind.WARNING,
        )


@contextmanager
def _told(row: ArtifactRow) -> Iterator[None]:
    """Tell what the system refuses to do with the copy of an artifact in words."""
    try:
        yield
    except OSError as error:
        raise ExternalError(
            _("“{name}” could not be copied.").format(name=name_of(row)),
            detail=why_refused(error),
            hint=_("Save it into a folder of your own, and open it from there."),
        ) from error


def _free_name(folder: Path, name: str) -> Path:
    """Return a name that is not taken: several files of a build may have the same."""
    path = folder / name
    stem, suffix = path.stem, path.suffix
    count = 2
    while path.exists() or path.is_symlink():
        path = folder / f"{stem} ({count}){suffix}"
        count += 1
    return path
