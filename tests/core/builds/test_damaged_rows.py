"""Rows of running builds that hold what they cannot: such a build must end all the same."""

import pytest
from sqlalchemy import text

from core.builds.running import dispatcher
from core.builds.schemas import FailureReason
from tests.core.running import Bench
from tests.waiting import until

DAMAGES = [("retry_exit_codes", "5"), ("artifact_patterns", "5"), ("environment", "5")]
_STATE = text("SELECT state, reason FROM builds WHERE id = :id")


@pytest.mark.parametrize(("column", "value"), DAMAGES)
@pytest.mark.expected_log("Following build", "TypeError", "given up")
async def test_a_damaged_row_is_given_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, column: str, value: str
) -> None:
    """Seen to be followed again and again, for ever, with a place in the queue taken."""
    monkeypatch.setattr(dispatcher, "CHECK_EVERY_S", 0.05)
    build = await bench.queue("sleep 0.5; exit 3", retry_limit=1)
    identity = bench.workspace.folders.builds / build.uid / "supervisor.json"
    await until(identity.exists, "the build to run")
    async with bench.workspace.database.unit_of_work() as unit:
        damage = text(f"UPDATE builds SET {column} = :value WHERE id = :id")
        await unit.session.execute(damage, {"value": value, "id": build.id})
        await unit.commit()

    async def ended() -> bool:
        async with bench.workspace.database.read() as session:
            found = (await session.execute(_STATE, {"id": build.id})).one()
        return tuple(found) == ("failed", FailureReason.LOST.value)

    await until(ended, "the end of a build whose row is damaged")
    folder = bench.workspace.folders.builds / build.uid
    await until(lambda: not folder.exists(), "the folder to be deleted")
    after = await bench.run("true")
    assert after.state.value == "success"
