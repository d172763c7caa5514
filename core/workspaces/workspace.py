"""An open workspace: its database, its services, and the duties of its leader."""

import asyncio
import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

from core.audit.service import AuditService
from core.builds.artifacts.service import ArtifactService
from core.builds.artifacts.sweeping import ArtifactSweep
from core.builds.logs.service import LogService
from core.builds.queue.service import QueueService
from core.builds.retention import Retention
from core.builds.rules.service import BuildRulesService
from core.builds.running.dispatcher import Dispatcher
from core.builds.running.follower import BuildFollower
from core.builds.service import BuildService
from core.builds.statistics.service import BuildStatisticsService
from core.completion import to_the_end
from core.database.change_watch import ChangeWatch
from core.database.concurrency.board import ConcurrencyBoard
from core.database.database import Database
from core.database.leases import Fence
from core.errors import ConflictError, DatabaseOpenError, PermissionDeniedError, why_refused
from core.events import EventBus
from core.paths import WorkspaceFolders
from core.performance.service import Performance
from core.progress import JobBoard
from core.projects.removal.trees import TreeSweep
from core.projects.service import ProjectService
from core.projects.transfer.service import ProjectTransfer
from core.rights.service import RightsService
from core.security.permissions import Gate
from core.security.sealing import Sealer
from core.security.system_keyring import SystemKeyring
from core.security.workspace_keys import WorkspaceKeys
from core.settings import KeyStorage, SettingsStore
from core.sign_in.desk import Surroundings
from core.sign_in.passwords import Passwords
from core.sign_in.service import SignInService
from core.sign_in.watcher import Watcher
from core.translation import _
from core.triggers.scheduler import TriggerScheduler
from core.triggers.service import TriggerService
from core.users.erasing import Eraser
from core.users.insights.service import UserInsights
from core.users.notes import Notes
from core.users.schemas import UserCreate
from core.users.service import UserService
from core.users.transfer.export_service import UserExports
from core.users.transfer.import_service import UserImports
from core.users.writing import Writer
from core.workspaces.companion import Companion
from core.workspaces.duties import Duty, with_duties
from core.workspaces.leader import Leader
from core.workspaces.schemas import WorkspaceInfo, WorkspaceKind, WorkspaceStatus
from core.workspaces.targets import target_of

OPENNESS = "open_here"
_MIB = 1024 * 1024
_LOOK_EVERY_S = 15.0


class Workspace:
    """A database that is open, with the services that its kind has.

    A plain database has no projects and builds; asking for them is refused in words.
    """

    def __init__(
        self,
        *,
        info: WorkspaceInfo,
        database: Database,
        settings: SettingsStore,
        bus: EventBus,
        sealer: Sealer,
        companion: Companion,
        board: ConcurrencyBoard,
        jobs: JobBoard,
        opens_here: Callable[[], bool],
    ) -> None:
        self.info = info
        self.database = database
        database.monitor.slow_ms = lambda: settings.current.slow_statement_ms
        self.folders = WorkspaceFolders(info.path)
        # A database without people has nobody to ask for.
        self.gate = Gate(open_here=info.kind is WorkspaceKind.PLAIN or opens_here())
        self._opens_here = opens_here
        self._bus = bus
        self._openness = Watcher(
            bus, frozenset({OPENNESS}), self._look_whether_open, every_s=_LOOK_EVERY_S
        )
        self._projects = ProjectService(database, sealer, self.gate, self.folders)
        self._audit = AuditService(database, self.gate)
        self._rights = RightsService(database, self.gate)
        self._sign_in = SignInService(
            Surroundings(
                database=database,
                gate=self.gate,
                bus=bus,
                sealer=sealer,
                uid=info.uid,
                name=info.path.stem,
                passwords=Passwords(board),
                keyring=SystemKeyring(),
                may_use_keyring=lambda: settings.current.key_storage is not KeyStorage.FILE,
            )
        )
        self._keys = WorkspaceKeys(sealer, self.gate, database)
        writer = Writer(database, Notes(sealer), self._hash_password)
        self._users = UserService(database, self.gate, writer)
        self._insights = UserInsights(database, self.gate)
        self._imports = UserImports(
            database, self.gate, writer, lambda: settings.current.phone_region
        )
        self._exports = UserExports(database, self.gate, self._users)
        self._dispatcher = Dispatcher(
            database=database,
            bus=bus,
            folders=self.folders,
            projects=self._projects,
            cap_bytes=lambda: settings.current.log_cap_mib * _MIB,
        )
        self._builds = BuildService(
            database=database,
            folders=self.folders,
            projects=self._projects,
            check_trusted=self._check_trusted,
            gate=self.gate,
        )
        self._queue = QueueService(database, self.gate)
        self._build_rules = BuildRulesService(database, self.gate)
        self._logs = LogService(
            database=database, followers=self._dispatcher.followers, gate=self.gate
        )
        self._artifact_sweep = ArtifactSweep(database, self.folders)
        self._retention = Retention(database, bus, self._artifact_sweep.sweep)
        self._artifacts = ArtifactService(
            database=database, folders=self.folders, gate=self.gate
        )
        self._statistics = BuildStatisticsService(database, self.gate)
        self._triggers = TriggerService(database, self._projects, self.gate)
        self._project_transfer = ProjectTransfer(
            database,
            self.gate,
            lambda actor, project_id, data: self._triggers.create(
                actor, project_id=project_id, data=data
            ),
        )
        self._scheduler = TriggerScheduler(
            database=database, bus=bus, builds=self._builds, board=board
        )
        self._companion = companion
        self._changes = ChangeWatch(database, bus)
        self._leader = Leader(database, bus, self._lead)
        target = target_of(
            info, database, companion,
            bus=bus, gate=self.gate, board=board, jobs=jobs, holder=self._leader.holder,
        )  # fmt: skip
        self.performance = Performance(target)

    @property
    def projects(self) -> ProjectService:
        """The projects of a managed workspace."""
        self._check_managed()
        return self._projects

    @property
    def project_transfer(self) -> ProjectTransfer:
        """Carries projects into and out of a managed workspace."""
        self._check_managed()
        return self._project_transfer

    @property
    def builds(self) -> BuildService:
        """The builds of a managed workspace."""
        self._check_managed()
        return self._builds

    @property
    def queue(self) -> QueueService:
        """The order of the builds that wait in a managed workspace."""
        self._check_managed()
        return self._queue

    @property
    def build_rules(self) -> BuildRulesService:
        """The rules for builds in a managed workspace."""
        self._check_managed()
        return self._build_rules

    @property
    def logs(self) -> LogService:
        """The logs of the builds of a managed workspace."""
        self._check_managed()
        return self._logs

    @property
    def artifacts(self) -> ArtifactService:
        """What the builds of a managed workspace made."""
        self._check_managed()
        return self._artifacts

    @property
    def statistics(self) -> BuildStatisticsService:
        """The figures of the builds of a managed workspace."""
        self._check_managed()
        return self._statistics

    @property
    def triggers(self) -> TriggerService:
        """What starts builds of a managed workspace by itself."""
        self._check_managed()
        return self._triggers

    @property
    def audit(self) -> AuditService:
        """The audit trail of a managed workspace."""
        self._check_managed()
        return self._audit

    @property
    def sign_in(self) -> SignInService:
        """Signing in into a managed workspace."""
        self._check_managed()
        return self._sign_in

    @property
    def rights(self) -> RightsService:
        """Who may do what in a managed workspace."""
        self._check_managed()
        return self._rights

    @property
    def users(self) -> UserService:
        """The people of a managed workspace."""
        self._check_managed()
        return self._users

    @property
    def insights(self) -> UserInsights:
        """What the people of a managed workspace do, in figures."""
        self._check_managed()
        return self._insights

    @property
    def imports(self) -> UserImports:
        """Imports people into a managed workspace."""
        self._check_managed()
        return self._imports

    @property
    def exports(self) -> UserExports:
        """Exports the people of a managed workspace."""
        self._check_managed()
        return self._exports

    @property
    def keys(self) -> WorkspaceKeys:
        """The keys that the secrets of a managed workspace are sealed with."""
        self._check_managed()
        return self._keys

    @property
    def followers(self) -> Mapping[int, BuildFollower]:
        """The builds whose output this process takes in."""
        return self._dispatcher.followers

    async def start(self, *, duties: bool = True) -> None:
        """Watch for changes of others, measure, and try to lead where duties are allowed."""
        await self.performance.start()
        if self.info.kind is WorkspaceKind.MANAGED:
            await self._changes.start()
            await self._sign_in.start()
            self._openness.start()
            if duties:
                await self._lead_if_allowed()

    async def trusted(self) -> None:
        """Take note that the person trusts this workspace now."""
        self.info = dataclasses.replace(self.info, trusted=True)
        await self._lead_if_allowed()

    async def status(self) -> WorkspaceStatus:
        """Return sizes of the files, and who leads; ``FileGoneError`` where it is gone."""
        self.database.presence.check()
        path = self.info.path
        leader = ""
        if self.info.kind is WorkspaceKind.MANAGED:
            leader = await self._leader.current()
        return WorkspaceStatus(
            database_bytes=_size(path),
            wal_bytes=_size(path.with_name(path.name + "-wal")),
            leading=self._leader.leading,
            leader=leader,
        )

    async def close(self) -> None:
        """Stop the duties, let others lead, close all connections. Running builds go on."""
        await to_the_end(self._close())

    async def _close(self) -> None:
        try:
            await self._openness.stop()
            await self._leader.stop()
            await self._sign_in.close()
            await self._changes.stop()
        finally:
            await self.performance.close()
            await self._companion.close()
            await self.database.close()

    async def _look_whether_open(self) -> None:
        """Ask who is there from now on, where another window took the openness back."""
        if self.gate.open_here and not await asyncio.to_thread(self._opens_here):
            self.gate.open_here = False

    async def _lead_if_allowed(self) -> None:
        if self.info.trusted and not self.info.read_only:
            try:
                self.folders.create()
            except OSError as error:
                raise DatabaseOpenError(
                    _("The folder of “{name}” cannot be used.").format(name=self.info.name),
                    detail=why_refused(error),
                    hint=_("It lies beside the file and must be writable: {path}").format(
                        path=self.folders.root
                    ),
                ) from error
            await self._leader.start()

    async def _lead(self, fence: Fence) -> None:
        """Do the duties of the leader until cancelled."""
        trees = TreeSweep(self.database, self.folders)
        duties: tuple[Duty, ...] = (
            lambda: Eraser(self.database).keep_erasing(fence),
            lambda: self._retention.keep_removing(fence),
            lambda: self._scheduler.run(fence),
            lambda: self._artifact_sweep.keep_swept(fence, self._bus),
            lambda: trees.keep_swept(fence, self._bus),
            *self.performance.duties(fence),
        )
        await with_duties(self._dispatcher.run(fence), duties)

    async def _hash_password(self, data: UserCreate) -> str:
        return await self._sign_in.hash_of_new(
            data.password or "",
            username=data.username,
            display_name=data.display_name,
            email=data.email or "",
        )

    def _check_managed(self) -> None:
        if self.info.kind is WorkspaceKind.PLAIN:
            raise ConflictError(
                _("“{name}” is not a Buildbench workspace.").format(name=self.info.name),
                hint=_("Projects and builds need a workspace: make a new one."),
            )

    def _check_trusted(self) -> None:
        if not self.info.trusted:
            raise PermissionDeniedError(
                _("Nothing in this workspace may run on this computer yet."),
                detail=_("It was made elsewhere, and its commands could do anything you can."),
                hint=_("Look at its projects; then trust it, and run again."),
            )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
