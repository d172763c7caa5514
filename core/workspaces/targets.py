"""An open database as the services of performance see it."""

from core.database.concurrency.board import ConcurrencyBoard
from core.database.database import Database
from core.events import EventBus
from core.paths import WorkspaceFolders
from core.performance.target import Target
from core.progress import JobBoard
from core.security.permissions import Gate
from core.workspaces.companion import Companion
from core.workspaces.schemas import WorkspaceInfo, WorkspaceKind


def target_of(
    info: WorkspaceInfo,
    database: Database,
    companion: Companion,
    *,
    bus: EventBus,
    gate: Gate,
    board: ConcurrencyBoard,
    jobs: JobBoard,
    holder: str,
) -> Target:
    """Return it; what is not ours, or can only be read, keeps nothing of itself.

    Args:
        holder: The name under which this process holds leases in a workspace.
    """
    managed = info.kind is WorkspaceKind.MANAGED
    keeper = None if managed and not info.read_only else companion
    return Target(
        path=info.path,
        managed=managed,
        read_only=info.unwritable,
        immutable=info.immutable,
        database=database,
        keeper=keeper,
        folders=keeper.folders if keeper else WorkspaceFolders(info.path),
        bus=bus,
        gate=gate,
        jobs=jobs,
        holder=holder if managed else "",
        board=board,
    )
