"""Makes, opens, trusts and closes workspaces."""

import asyncio
import logging
import shutil
import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.completion import to_the_end
from core.database.concurrency.board import ConcurrencyBoard
from core.database.database import Database
from core.database.library import version, wal_is_safe
from core.errors import (
    AppError,
    CancelledByUserError,
    DatabaseError,
    DatabaseOpenError,
    why_refused,
)
from core.events import EventBus, NoticeRaised
from core.files import name_beside, name_for_good
from core.paths import WorkspaceFolders, real
from core.performance.service import Backup, backups_of, verify_file
from core.progress import JobBoard, Progress
from core.security.actors import Actor
from core.security.sealing import Sealer
from core.settings import SettingsStore
from core.translation import _
from core.workspaces import demo, replacing, upgrade
from core.workspaces.companion import Companion
from core.workspaces.companions import about, place_for
from core.workspaces.inspection import Inspection, inspect
from core.workspaces.making import check_name, make_database, remove_database
from core.workspaces.memory import ChosenWorkspaces, RecentWorkspaces
from core.workspaces.schemas import RecentWorkspace, WorkspaceInfo, WorkspaceKind
from core.workspaces.workspace import OPENNESS, Workspace

SUFFIX = ".db"
DEFAULT_NAME = "buildbench" + SUFFIX
DEMO_NAME = "demo" + SUFFIX

_log = logging.getLogger(__name__)


class WorkspaceService:
    """The workspaces of this process."""

    def __init__(
        self, settings: SettingsStore, bus: EventBus, jobs: JobBoard, sealer: Sealer
    ) -> None:
        self._settings = settings
        self._bus = bus
        self._jobs = jobs
        self._recent = RecentWorkspaces(settings.folders.recent_file)
        self._trusted = ChosenWorkspaces(settings.folders.trust_file)
        self._open_here = ChosenWorkspaces(settings.folders.open_file)
        self._sealer = sealer
        self._board = ConcurrencyBoard()
        self._open: list[Workspace] = []
        self._closing = False

    def default_path(self) -> Path:
        """Return where a workspace lies unless the person says otherwise."""
        return self._settings.folders.data / DEFAULT_NAME

    async def recent(self) -> tuple[RecentWorkspace, ...]:
        """Return the workspaces opened before, newest first."""
        return await asyncio.to_thread(self._recent.all)

    async def forget(self, path: Path) -> None:
        """Remove a workspace from the recent ones; its file stays."""
        await asyncio.to_thread(self._recent.forget, path)

    async def open(self, path: Path, *, duties: bool = True) -> Workspace:
        """Open any SQLite file: ours for work, another for reading.

        Args:
            duties: Whether it is opened to stay: this process may lead the workspace then,
                and it is remembered as opened. A script does one thing, and starts no builds.

        Raises:
            UpgradeNeededError: It is a workspace of an earlier version; see ``upgrade``.
            DatabaseOpenError: It cannot be opened; the file was not changed.
        """
        found = await asyncio.to_thread(inspect, path)
        upgrade.check_revision(found)
        return await self._open_inspected(found, duties=duties)

    async def upgrade(self, path: Path) -> None:
        """Bring a workspace of an earlier version to this one, as a job; a backup first.

        Raises:
            AppError: It could not be done; the workspace is as it was.
        """
        found = await asyncio.to_thread(inspect, path)
        durability = self._settings.current.durability
        await self._jobs.run(
            _("Upgrading {name}").format(name=found.path.name),
            lambda progress: upgrade.upgrade(found, durability, progress),
        )

    async def backups_of(self, path: Path) -> tuple[Backup, ...]:
        """Return the backups of a file that need not be there, or cannot be opened.

        They are the newest first, from beside the file and from the person's data folder.

        Raises:
            AppError: A folder is a link to somewhere else.
        """
        return await asyncio.to_thread(self._backups_of, path)

    async def replace_damaged(
        self, path: Path, backup: Path, *, progress: Progress
    ) -> Path | None:
        """Put a backup in the place of a database that is damaged or gone.

        Never done unless a person has chosen it, and recorded there as a restore. A workspace
        of an earlier version is offered the upgrade when it is opened then; its restore is
        not recorded.

        Returns:
            Where the damaged file lies now; None where there was none.

        Raises:
            ConflictError: It is whole, or open elsewhere, or the backup is no good or of
                another file.
            AppError: It could not be done; the file is as it was.
        """
        folder = self._settings.folders.companions
        return await replacing.replace(path, backup, folder, progress, self._opened)

    @asynccontextmanager
    async def _opened(self, path: Path) -> AsyncIterator[Workspace]:
        workspace = await self.open(path, duties=False)
        try:
            yield workspace
        finally:
            await self.close(workspace)

    async def verify_backup(self, path: Path, *, progress: Progress) -> Backup | None:
        """Restore a backup for a trial, wherever it lies, without opening it.

        Returns:
            What it is, with its problem where it is no good; None where it is no backup:
            nothing beside it tells what it must be.

        Raises:
            AppError: It could not be tried.
        """
        return await verify_file(path, progress)

    async def create(self, path: Path, *, open_here: bool = False) -> Workspace:
        """Make a new workspace and open it; the person who makes it trusts it.

        Args:
            path: Where its file will lie.
            open_here: It opens on this computer without sign-in.

        Raises:
            DatabaseOpenError: There is a file already, or none can be made there.
        """
        path = await asyncio.to_thread(_free_path, path, self._settings.folders.data)
        # To its end: a thread that makes the file cannot be stopped half-way.
        await to_the_end(self._make(path, open_here))
        return await self.open(await asyncio.to_thread(real, path))

    async def _make(self, path: Path, open_here: bool) -> None:
        partial = name_beside(path)
        uid = str(uuid.uuid4())
        try:
            await make_database(partial, self._settings.current.durability, uid)
            await asyncio.to_thread(self._put_in_place, partial, path, uid, open_here)
        except (OSError, sqlite3.Error) as error:
            raise DatabaseOpenError(
                _("“{name}” could not be made.").format(name=path.name),
                detail=why_refused(error, path.parent),
                hint=_("Choose another folder, or make room on the disk."),
            ) from error
        finally:
            await asyncio.to_thread(remove_database, partial)

    def _put_in_place(self, partial: Path, path: Path, uid: str, open_here: bool) -> None:
        self._trusted.add(real(path), uid)
        if open_here:
            self._open_here.add(real(path), uid)
        name_for_good(partial, path)

    async def create_demo(self) -> Workspace:
        """Open the demo; the first time it is made, as a job.

        Raises:
            AppError: It could not be made; nothing of it is left.
        """
        folder = self._settings.folders.data / "demo"
        path = folder / DEMO_NAME
        if path.exists():
            return await self.open(path)
        return await self._jobs.run(
            _("Making the demo"), lambda progress: self._make_demo(path, progress)
        )

    async def _make_demo(self, path: Path, progress: Progress) -> Workspace:
        workspace = await self.create(path, open_here=True)
        try:
            left_out = await demo.fill(workspace, path.parent / "projects", progress)
        except BaseException:
            await self.close(workspace)
            await asyncio.to_thread(shutil.rmtree, path.parent, True)
            raise
        if left_out:
            title = _("The demo is smaller here: some tools are not installed.")
            self._bus.publish(NoticeRaised(title, "\n".join(left_out)))
        return workspace

    async def trust(self, workspace: Workspace) -> None:
        """Let the builds of a workspace run on this machine.

        Raises:
            AppError: The decision could not be kept.
        """
        try:
            await asyncio.to_thread(self._trusted.add, workspace.info.path, workspace.info.uid)
        except OSError as error:
            raise AppError(
                _("The trust could not be kept."),
                detail=why_refused(error),
                hint=_("Check that the configuration folder is writable."),
            ) from error
        await workspace.trusted()

    async def set_open_here(self, actor: Actor, workspace: Workspace, on: bool) -> None:
        """Let a workspace open on this computer without sign-in, or no longer.

        Raises:
            PermissionDeniedError: It takes an administrator.
            ConflictError: Nobody could administer the workspace afterwards.
            AppError: The decision could not be kept.
        """
        await workspace.sign_in.note_open_here(actor, on=on)
        path, uid = workspace.info.path, workspace.info.uid
        try:
            if on:
                await asyncio.to_thread(self._open_here.add, path, uid)
            else:
                await asyncio.to_thread(self._open_here.remove, path)
        except OSError as error:
            raise AppError(
                _("The decision could not be kept."),
                detail=why_refused(error),
                hint=_("Check that the configuration folder is writable."),
            ) from error
        workspace.gate.open_here = on
        await _tell_other_windows(workspace)

    async def close(self, workspace: Workspace) -> None:
        """Close a workspace; its running builds go on."""
        try:
            await workspace.close()
        finally:
            if workspace in self._open:
                self._open.remove(workspace)

    async def close_all(self) -> None:
        """Close every workspace that is open; none is opened any more."""
        self._closing = True
        while self._open:
            try:
                await self.close(self._open[0])
            except Exception:  # the others are closed all the same
                _log.exception("A workspace was not closed in order")

    async def _open_inspected(self, found: Inspection, *, duties: bool) -> Workspace:
        durability = self._settings.current.durability
        if found.kind is WorkspaceKind.MANAGED and not found.read_only:
            database = Database.managed(found.path, durability, self._bus)
        else:
            database = Database.foreign(
                found.path, self._bus, read_only=found.read_only, immutable=found.immutable
            )
        place = await asyncio.to_thread(
            place_for, self._settings.folders.companions, found.identity
        )
        workspace = Workspace(
            info=self._info(found),
            database=database,
            settings=self._settings,
            bus=self._bus,
            sealer=self._sealer,
            companion=Companion(place.path, found.identity, durability, self._bus),
            board=self._board,
            jobs=self._jobs,
            opens_here=lambda: self._open_here.holds(found.path, found.uid),
        )
        try:
            await workspace.start(duties=duties)
            if duties:
                await asyncio.to_thread(self._recent.add, found.path, found.kind)
            self._check_not_closing()
        except BaseException:
            await workspace.close()
            raise
        self._open.append(workspace)
        if place.notice is not None and database.read_only:
            self._bus.publish(place.notice)
        return workspace

    def _backups_of(self, path: Path) -> tuple[Backup, ...]:
        path = real(path)
        places = [path, *about(self._settings.folders.companions, path)]
        found = [one for place in places for one in backups_of(place)]
        found = [one for one in found if one.database == path.name]
        return tuple(sorted(found, key=lambda one: one.made_at, reverse=True))

    def _check_not_closing(self) -> None:
        if self._closing:
            raise CancelledByUserError(_("Buildbench is being closed."))

    def _info(self, found: Inspection) -> WorkspaceInfo:
        library = version()
        number = ".".join(map(str, library))
        notes: tuple[str, ...] = ()
        if not wal_is_safe(library):
            notes = (
                _(
                    "SQLite {version} is not safe with a write-ahead log, so a slower journal"
                    " is used."
                ).format(version=number),
            )
        return WorkspaceInfo(
            path=found.path,
            name=found.path.name,
            kind=found.kind,
            uid=found.uid,
            read_only=found.read_only,
            trusted=self._trusted.holds(found.path, found.uid),
            sqlite_version=number,
            notes=notes,
            unwritable=found.unwritable,
            immutable=found.immutable,
        )


async def _tell_other_windows(workspace: Workspace) -> None:
    try:
        async with workspace.database.unit_of_work() as unit:
            unit.changed(OPENNESS)
            await unit.commit()
    except DatabaseError as error:
        _log.info("Other windows look by themselves in some seconds: %s", error)


def _free_path(path: Path, own_folder: Path) -> Path:
    """Return the absolute path, if a workspace can be made there."""
    path = path.expanduser().absolute()
    check_name(path)
    if path.exists() or WorkspaceFolders(path).root.exists():
        raise DatabaseOpenError(
            _("“{name}” exists already.").format(name=path.name),
            detail=_("A new workspace never replaces a file or its folder."),
            hint=_("Choose another name, or open the existing one."),
        )
    if not path.parent.is_dir() and not path.is_relative_to(own_folder):
        raise DatabaseOpenError(
            _("The folder “{folder}” does not exist.").format(folder=path.parent),
            hint=_("Choose another folder, or make this one first."),
        )
    return path
