"""What the card of the backups asks of the core."""

from dataclasses import dataclass
from pathlib import Path

from core.performance.backups.schemas import Backup, BackupRules, Loss
from core.performance.maintenance.schemas import MaintenanceRow
from core.security.operations import Operation
from core.translation import _
from core.workspaces.schemas import WorkspaceKind
from desktop.performance.jobs import JobCalls, Ticket


@dataclass(frozen=True, slots=True)
class Kept:
    """The backups, the newest first, and when further ones are made."""

    backups: tuple[Backup, ...]
    rules: BackupRules


class BackupCalls(JobCalls):
    """Backups."""

    async def kept(self) -> Kept:
        """Return the backups and the rules."""
        return Kept(
            await self.ask(lambda p, actor: p.backups.list_of(actor)),
            await self.ask(lambda p, actor: p.backups.rules(actor)),
        )

    async def make(self, target: Path | None, ticket: Ticket, *, verify: bool) -> Backup:
        """Make a backup in the usual folder, or as a file that was chosen; maybe try it."""
        return await self.work(
            self._title(_("Backup of {name}")),
            ticket,
            lambda p, actor, progress: p.backups.make(
                actor, target=target, verify=verify, progress=progress
            ),
        )

    async def verify(self, name: str, ticket: Ticket) -> Backup:
        """Restore a backup for a trial."""
        return await self.work(
            self._title(_("Verifying a backup of {name}")),
            ticket,
            lambda p, actor, progress: p.backups.verify(actor, name=name, progress=progress),
        )

    async def restore(self, path: Path, ticket: Ticket) -> MaintenanceRow:
        """Put the content of a backup in the place of that of the database."""
        return await self.work(
            self._title(_("Restoring {name}")),
            ticket,
            lambda p, actor, progress: p.backups.restore(actor, path=path, progress=progress),
        )

    async def lost_by(self, path: Path) -> Loss | None:
        """Return what a restore of this file would take away."""
        return await self.ask(lambda p, actor: p.backups.lost_by(actor, path=path))

    async def delete(self, name: str) -> None:
        """Remove a backup."""
        await self.ask(lambda p, actor: p.backups.delete(actor, name=name))

    async def change_rules(self, rules: BackupRules) -> BackupRules:
        """Put rules in force."""
        return await self.ask(lambda p, actor: p.backups.change_rules(actor, rules=rules))

    @property
    def managed(self) -> bool:
        """Whether it is a workspace: of others, no backups are made by themselves."""
        return self._workspace.info.kind is WorkspaceKind.MANAGED

    @property
    def make_refusal(self) -> str:
        """Why no backup may be made or verified; empty where one may."""
        return self.refusal(Operation.BACKUPS_MAKE)

    @property
    def restore_refusal(self) -> str:
        """Why none may be restored; empty where one may."""
        return self.refusal(Operation.BACKUPS_RESTORE) or self._workspace.info.unwritable

    @property
    def delete_refusal(self) -> str:
        """Why none may be deleted; empty where one may."""
        return self.refusal(Operation.BACKUPS_DELETE)

    @property
    def rules_refusal(self) -> str:
        """Why the schedule may not be changed; empty where it may."""
        if not self.managed:
            return _("Backups are made by themselves of workspaces only.")
        return self.refusal(Operation.BACKUPS_RULES)

    def _title(self, words: str) -> str:
        return words.format(name=self._workspace.info.name)
