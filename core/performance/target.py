"""The database that is looked after, as all services of performance see it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from core.database.concurrency.board import ConcurrencyBoard
from core.database.concurrency.limiter import Priority, PriorityLimiter
from core.database.database import Database
from core.database.engine import mode_without_trace
from core.errors import ReadOnlyError
from core.events import EventBus
from core.paths import WorkspaceFolders
from core.progress import JobBoard
from core.security.permissions import Gate
from core.translation import _

FILE_JOBS = "file_jobs"


class Keeper(Protocol):
    """Another database that keeps what is learnt of one."""

    async def database(self) -> Database:
        """Return that database, ready to be written; made where there is none yet."""

    async def exists(self) -> bool:
        """Tell whether there is one already."""


@dataclass(frozen=True, slots=True)
class Target:
    """A database file, and where it is kept what is learnt of it.

    Attributes:
        path: The file.
        managed: Whether it is a workspace; else it has no people, builds and audit trail.
        read_only: Why the file cannot be written at all, in words; empty where the operator
            may let it be changed.
        database: Reads it; writes it where it is a workspace.
        keeper: Keeps the figures, runs and alerts of a file that does not keep its own.
        folders: Where backups and locks lie.
        gate: Lets through who may.
        jobs: Shows what is done without being asked for.
        holder: The name under which this process holds leases in the file; empty where it
            can hold none.
        board: The locks and limits of this process.
        immutable: It is read without looking for a log beside it.
    """

    path: Path
    managed: bool
    read_only: str
    database: Database
    keeper: Keeper | None
    folders: WorkspaceFolders
    bus: EventBus
    gate: Gate
    jobs: JobBoard
    holder: str = ""
    board: ConcurrencyBoard = field(default_factory=ConcurrencyBoard)
    immutable: bool = False

    @property
    def limiter(self) -> PriorityLimiter:
        """Bounds the heavy jobs of this process."""
        return self.board.heavy_jobs

    @asynccontextmanager
    async def turn(self, priority: Priority) -> AsyncIterator[None]:
        """Wait until no other heavy job of this process is at the file, and there is room.

        Raises:
            QueueFullError: Too much waits already.
        """
        # The file first: who waits for it must not take the room of who is at it.
        async with self.board.lock(FILE_JOBS).hold(self.path), self.limiter.place(priority):
            yield

    async def records(self) -> Database:
        """Return the database that keeps figures, runs and alerts.

        It is the workspace itself, or its companion in the person's data folder.

        Raises:
            AppError: The companion cannot be made or opened.
        """
        return self.database if self.keeper is None else await self.keeper.database()

    async def has_records(self) -> bool:
        """Tell whether anything was kept; who only reads asks, as ``records`` would make it."""
        return self.keeper is None or await self.keeper.exists()

    @property
    def reading_mode(self) -> str:
        """The mode in which the maintenance child reads the file, and leaves it as it is."""
        return "immutable" if self.immutable else mode_without_trace(self.path)

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.path.name

    def check_writable(self) -> None:
        """Let pass what changes the file.

        Raises:
            ReadOnlyError: It cannot be written.
        """
        if self.read_only:
            raise ReadOnlyError(
                _("“{name}” can only be read.").format(name=self.name),
                detail=self.read_only,
                hint=_("Nothing was changed."),
            )
