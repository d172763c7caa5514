"""A process of its own that leads a workspace, made to be paused.

``python -m tests.faults.leading DATABASE`` prints ``leading TOKEN`` and ``following`` as that
changes. For each ``write`` on its standard input it writes under the token that it got last,
and prints ``wrote`` or ``refused``; ``queue PROJECT_ID`` queues a build. It ends with its
input.
"""

import asyncio
import sys
from pathlib import Path

from sqlalchemy import text

from core.app import open_core
from core.database.leases import Fence, LeaseLostError
from core.security.actors import Actor, Origin
from core.settings import load_settings
from core.workspaces import leader
from core.workspaces.leader import Leader
from core.workspaces.workspace import Workspace

_ADD = text(
    "INSERT INTO workspace_settings (name, value) VALUES ('writes', '1')"
    " ON CONFLICT (name) DO UPDATE SET value = CAST(value + 1 AS TEXT)"
)
_fences: list[Fence] = []


def _tell(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def _lose_it_soon() -> None:
    leader.TTL_MS, leader.RENEW_S, leader.RETRY_S = 1_500, 0.5, 0.2
    set_fence = Leader._set

    def set_and_tell(self: Leader, fence: Fence | None) -> None:
        set_fence(self, fence)
        if fence is not None:
            _fences.append(fence)
            _tell("leading", fence.token)
        else:
            _tell("following")

    Leader._set = set_and_tell  # type: ignore[method-assign]


async def _write(workspace: Workspace) -> None:
    try:
        async with workspace.database.unit_of_work(fence=_fences[-1], patient=True) as unit:
            await unit.session.execute(_ADD)
            await unit.commit()
    except LeaseLostError:
        _tell("refused")
    else:
        _tell("wrote")


async def main(database: Path) -> None:
    """Serve until the input ends."""
    _lose_it_soon()
    actor = Actor.of_this_computer(Origin.SCRIPT)
    async with open_core(load_settings()) as core:
        workspace = await core.workspaces.open(database)
        while line := await asyncio.to_thread(sys.stdin.readline):
            if line.startswith("queue"):
                project_id = int(line.split()[1])
                build = await workspace.builds.queue(actor, project_id=project_id)
                _tell("queued", build.id)
            else:
                await _write(workspace)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
