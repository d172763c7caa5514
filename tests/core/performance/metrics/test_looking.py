"""What a query must tell does not keep others waiting."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from core.performance.metrics import looking
from core.performance.metrics.looking import Looks
from core.workspaces.workspace import Workspace
from tests.core.database.test_transactions import ENDLESS


async def _endless(session: AsyncSession) -> int:
    return int(await session.scalar(ENDLESS) or 0)


@pytest.mark.expected_log("Figures of .* cannot be read")
async def test_a_fault_ends_one_look_and_not_all(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Seen ending the task, so that the last figures stood there for ever."""
    looks = Looks(workspace.performance.target, wanted=lambda: True, failed=lambda: None)

    async def fails(_session: AsyncSession) -> int:
        raise RuntimeError("not foreseen")

    await looks.look()
    with monkeypatch.context() as patched:
        patched.setattr(looking, "freelist_bytes", fails)
        await looks.look()
        await looks.look()
    assert looks.found == {}
    assert [record.levelname for record in caplog.records].count("ERROR") == 1
    await looks.look()
    assert looks.found


async def test_a_figure_that_takes_too_long_is_given_up(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen hanging without a limit."""
    failures: list[bool] = []
    looks = Looks(
        workspace.performance.target,
        wanted=lambda: True,
        failed=lambda: failures.append(True),
    )
    await looks.look()
    assert looks.found
    monkeypatch.setattr(looking, "freelist_bytes", _endless)
    monkeypatch.setattr(looking, "LONGEST_S", 0.1)
    async with asyncio.timeout(20):
        await looks.look()
    assert (looks.found, failures) == ({}, [True])
    assert workspace.database.transactions.figures().timed_out == 1
