"""Makes, shows, verifies, restores and removes the backups of one database."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import text

from core.database.audit_trail import Deed, Subject, differences
from core.database.concurrency.limiter import Priority
from core.database.fields.times import utc_now
from core.errors import ConflictError, DatabaseError, ExternalError, why_refused
from core.performance.backups.folder import (
    backup_named,
    backups_in,
    remove,
    sweep,
    working_in,
)
from core.performance.backups.making import back_up
from core.performance.backups.manifests import look
from core.performance.backups.repository import LossRepository
from core.performance.backups.restoring import checked, job_words, restore
from core.performance.backups.retention import to_remove
from core.performance.backups.rules import RULES_TOPIC, check_rules, store_rules, stored_rules
from core.performance.backups.schedule import BackupSchedule
from core.performance.backups.schemas import (
    Backup,
    BackupOrigin,
    BackupRules,
    BackupsChanged,
    DatabaseRestored,
    Loss,
)
from core.performance.backups.stages import Part
from core.performance.backups.verifying import unusable, verify
from core.performance.maintenance.holding import alone_on
from core.performance.maintenance.records import TOPIC as MAINTENANCE_TOPIC
from core.performance.maintenance.records import recorded
from core.performance.maintenance.schemas import MaintenanceRow, Task
from core.performance.target import Target
from core.progress import Progress
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import permitted
from core.translation import _

_MADE = 0.6
_log = logging.getLogger(__name__)
_REVISION = text("SELECT version_num FROM alembic_version")


class BackupService:
    """The backups of one file; those of a file that is not ours lie in the person's folder."""

    def __init__(self, target: Target) -> None:
        self.gate = target.gate
        self._target = target
        self._folders = target.folders
        self.schedule = BackupSchedule(target, self._make_scheduled)

    @permitted(Operation.BACKUPS_READ)
    async def list_of(self, actor: Actor) -> tuple[Backup, ...]:
        """Return the backups in the usual folder, the newest first.

        Each tells what is wrong with it as far as that is seen without reading all of it.

        Raises:
            AppError: The folder is a link to somewhere else, or cannot be read.
        """
        return await self._found()

    @permitted(Operation.BACKUPS_MAKE)
    async def make(
        self,
        actor: Actor,
        *,
        target: Path | None = None,
        verify: bool = False,
        progress: Progress,
    ) -> Backup:
        """Make a backup while others go on reading and writing; whole, or none.

        Args:
            target: The file to make; else one in the usual folder, named by the date. Where
                it lies elsewhere it is not in the list of the backups.
            verify: Restore it for a trial then; it stays, also where it has a problem.

        Raises:
            CancelledError: It was cancelled; nothing is left.
            AppError: It could not be made; nothing is left.
        """
        if not verify:
            return await self._make(actor, BackupOrigin.MANUAL, target, progress)
        making, trying = Part(progress, 0.0, _MADE), Part(progress, _MADE, 1.0)
        backup = await self._make(actor, BackupOrigin.MANUAL, target, making)
        await self._try(actor, backup, trying)
        backup, _manifest = await asyncio.to_thread(look, backup.path)
        return backup

    @permitted(Operation.BACKUPS_MAKE)
    async def verify(self, actor: Actor, *, name: str, progress: Progress) -> Backup:
        """Try a backup: its hash, and a restore into a temporary file that is looked through.

        What is wrong with it is its ``problem`` then.

        Raises:
            NotFoundError: There is none of that name.
            AppError: It could not be tried.
        """
        await self._try(actor, await self._named(name), progress)
        return await self._named(name)

    @permitted(Operation.BACKUPS_RESTORE)
    async def restore(self, actor: Actor, *, path: Path, progress: Progress) -> MaintenanceRow:
        """Replace the content of the database by that of a backup, for all who have it open.

        What is there is kept as a backup first. A backup of an earlier schema is upgraded on
        the way. Whoever is signed in must sign in again.

        Args:
            path: The file of a backup, with its manifest beside it.

        Raises:
            ConflictError: It is no good, of another workspace or a newer version; or builds
                run, or somebody else works on the database.
            CancelledError: It was cancelled in time; the content is as it was.
            AppError: It could not be done; the content is as it was.
        """
        target = self._target
        target.check_writable()
        path = await asyncio.to_thread(lambda: path.expanduser().absolute())
        progress.report(text=_("Waiting for other jobs"))
        async with (
            target.turn(Priority.PERSON),
            alone_on(target, job_words(target.path)),
        ):
            with self._told_of_folder():
                await asyncio.to_thread(target.folders.create, self._folders.backups)
                backup, manifest = await checked(target, path)
                async with recorded(
                    target, actor, Task.RESTORE, path.name, operation=Operation.BACKUPS_RESTORE
                ) as run:
                    await restore(target, backup, manifest, run, progress)
        target.bus.publish(DatabaseRestored(target.path))
        target.bus.publish(BackupsChanged(target.path))
        return run.row

    @permitted(Operation.BACKUPS_READ)
    async def lost_by(self, actor: Actor, *, path: Path) -> Loss | None:
        """Return what a restore of a backup would take away; of a workspace alone it is known.

        Args:
            path: The file of a backup, with its manifest beside it.

        Raises:
            ConflictError: It is no good.

        Returns:
            None where the database cannot tell, since it is damaged or does not answer.
        """
        backup, manifest = await asyncio.to_thread(look, path)
        if manifest is None or backup.problem:
            raise unusable(backup)
        if not self._target.managed:
            return Loss()
        try:
            async with self._target.database.read() as session:
                return await LossRepository(session).since(manifest.made_at)
        except DatabaseError as error:
            _log.info("It is not known what a restore takes away: %s", error.as_text())
            return None

    @permitted(Operation.BACKUPS_DELETE)
    async def delete(self, actor: Actor, *, name: str) -> None:
        """Remove a backup and its manifest.

        Raises:
            NotFoundError: There is none of that name.
            ExternalError: It cannot be removed.
        """
        await self._remove(actor, await self._named(name))

    @permitted(Operation.BACKUPS_READ)
    async def rules(self, actor: Actor) -> BackupRules:
        """Return the rules for scheduled backups; only a workspace has any."""
        if not self._target.managed:
            return BackupRules()
        async with self._target.database.read() as session:
            return await stored_rules(session)

    @permitted(Operation.BACKUPS_RULES)
    async def change_rules(self, actor: Actor, *, rules: BackupRules) -> BackupRules:
        """Put rules in force; whichever window leads makes the backups.

        Raises:
            ValidationError: They make no sense; the message of each field says why.
            ConflictError: The file is no workspace, so nobody makes backups of it by itself.
        """
        if not self._target.managed:
            raise ConflictError(
                _("“{name}” is not a Buildbench workspace.").format(name=self._target.name),
                hint=_("Backups are made by themselves of workspaces only; make them here."),
            )
        check_rules(rules)
        async with self._target.database.unit_of_work() as unit:
            before = await stored_rules(unit.session)
            await store_rules(unit.session, rules)
            unit.changed(RULES_TOPIC)
            changes = differences(asdict(before), asdict(rules))
            unit.record(self._deed(actor, Operation.BACKUPS_RULES, "", changes))
            unit.publish(BackupsChanged(self._target.path))
            await unit.commit()
        return rules

    async def _found(self) -> tuple[Backup, ...]:
        with self._told_of_folder():
            return await asyncio.to_thread(backups_in, self._folders)

    async def _named(self, name: str) -> Backup:
        with self._told_of_folder():
            return await asyncio.to_thread(backup_named, self._folders, name)

    async def _make(
        self, actor: Actor, origin: BackupOrigin, file: Path | None, progress: Progress
    ) -> Backup:
        target = self._target
        priority = Priority.PERSON if origin is BackupOrigin.MANUAL else Priority.BACKGROUND
        progress.report(text=_("Waiting for other jobs"))
        async with target.turn(priority):
            with self._told_of_folder():
                async with recorded(
                    target,
                    actor,
                    Task.BACKUP,
                    "" if file is None else file.name,
                    operation=Operation.BACKUPS_MAKE,
                ) as run:
                    backup, run.findings = await back_up(
                        target.path,
                        self._folders,
                        origin=origin,
                        revision=await self._revision(),
                        target=file,
                        mode=target.reading_mode,
                        run=run.uid,
                        progress=progress,
                    )
                    run.subject = backup.name
                    run.message = _("The backup is in {folder}.").format(
                        folder=backup.path.parent
                    )
        target.bus.publish(BackupsChanged(target.path))
        return backup

    async def _try(self, actor: Actor, backup: Backup, progress: Progress) -> str:
        target = self._target
        progress.report(text=_("Waiting for other jobs"))
        async with target.turn(Priority.PERSON):
            with self._told_of_folder():
                folders = self._folders
                await asyncio.to_thread(folders.create, folders.backups, folders.locks)
                async with (
                    working_in(folders, _("Verifying a backup")),
                    recorded(
                        target,
                        actor,
                        Task.VERIFY,
                        backup.name,
                        operation=Operation.BACKUPS_MAKE,
                    ) as run,
                ):
                    await asyncio.to_thread(sweep, folders.backups)
                    problem = await verify(backup, folders.backups, progress)
                    run.findings = (problem,) if problem else ()
                    run.message = problem or _("The backup is good.")
        target.bus.publish(BackupsChanged(target.path))
        return problem

    async def _remove(self, actor: Actor, backup: Backup) -> None:
        await asyncio.to_thread(self._folders.create, self._folders.locks)
        with self._told_of_folder():
            async with working_in(self._folders, _("Removing a backup")):
                await asyncio.to_thread(remove, backup)
        if self._target.keeper is None:
            async with self._target.database.unit_of_work() as unit:
                unit.record(self._deed(actor, Operation.BACKUPS_DELETE, backup.name, {}))
                unit.changed(MAINTENANCE_TOPIC)
                await unit.commit()
        self._target.bus.publish(BackupsChanged(self._target.path))

    async def _make_scheduled(self, rules: BackupRules) -> None:
        """Make a backup as the rules say, as a job that is seen and can be cancelled."""
        await self._target.jobs.run(
            _("Scheduled backup of {name}").format(name=self._target.name),
            lambda progress: self._make_by(rules, progress),
        )

    async def _make_by(self, rules: BackupRules, progress: Progress) -> None:
        """Make a backup, and remove those that are to go by the rules."""
        actor, made = Actor.of_the_program(), _MADE if rules.verify else 1.0
        making, trying = Part(progress, 0.0, made), Part(progress, made, 1.0)
        backup = await self._make(actor, BackupOrigin.SCHEDULED, None, making)
        if rules.verify:
            problem = await self._try(actor, backup, trying)
            if problem:
                raise ExternalError(
                    _("The backup “{name}” is no good.").format(name=backup.name),
                    detail=problem,
                    hint=_(
                        "Check the disk, and make another backup. No older one was removed."
                    ),
                )
        for old in to_remove(await self._found(), rules, utc_now()):
            await self._remove(actor, old)

    async def _revision(self) -> str:
        if not self._target.managed:
            return ""
        async with self._target.database.read() as session:
            return str(await session.scalar(_REVISION) or "")

    def _deed(
        self, actor: Actor, operation: Operation, name: str, changes: Mapping[str, object]
    ) -> Deed:
        return Deed(actor, operation.key, Subject("backup", "", name), changes)

    @contextmanager
    def _told_of_folder(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ExternalError(
                _("The backups of “{name}” cannot be reached.").format(name=self._target.name),
                detail=why_refused(error),
                hint=_("Make room on the disk, or check the permissions of {folder}.").format(
                    folder=self._folders.backups
                ),
            ) from error
