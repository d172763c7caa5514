"""When the leader sweeps: at first, after deletions, and never once another process leads."""

import asyncio

import pytest

from core import sweeping
from core.errors import DatabaseError
from core.sweeping import Sweep
from core.workspaces import leader
from tests.core.running import Bench
from tests.waiting import until


class _Counted(Sweep):
    """Counts its turns; the first one fails."""

    what = "nothing at all"
    first_after_s = 0.0
    turns = 0

    async def sweep(self) -> int:
        """Count."""
        self.turns += 1
        if self.turns == 1:
            raise DatabaseError("locked")
        return 0


@pytest.mark.expected_log("The sweep of nothing at all failed")
async def test_a_sweep_is_made_after_deletions_until_others_lead(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing without the subscription, and with a lost lease told as a warning only."""
    monkeypatch.setattr(sweeping, "SOON_S", 0.0)
    monkeypatch.setattr(leader, "TTL_MS", 600_000)
    await bench.workspace._leader.stop()
    fence = await bench.workspace._leader._acquire()
    assert fence is not None
    sweep = _Counted(bench.workspace.database, bench.workspace.folders)
    duty = asyncio.create_task(sweep.keep_swept(fence, bench.core.events))
    for turns in (1, 2):
        await until(lambda: sweep.turns >= turns, f"turn {turns}")  # noqa: B023
        project = await bench.project()
        await bench.workspace.projects.delete(bench.actor, project_id=project.id)
    await until(lambda: sweep.turns >= 3, "a turn after the second deletion")
    await bench.workspace._leader._release(fence)
    project = await bench.project()
    await bench.workspace.projects.delete(bench.actor, project_id=project.id)
    await asyncio.wait_for(duty, 30)
