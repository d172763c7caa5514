"""Which builds of a project a trigger after it has still to look at."""

from sqlalchemy import text

from core.triggers.followed import Followed
from core.triggers.repository import TriggerRepository
from tests.core.running import Bench

_CANCEL_MOST = text("UPDATE builds SET state = 'cancelled' WHERE number % 10 <> 0")
_OF_PROJECT = text("SELECT id, state FROM builds WHERE project_id = :id ORDER BY id")


async def test_new_builds_are_found_without_a_look_at_all(bench: Bench) -> None:
    """Seen to fail with one portion alone, and with the builds of other projects."""
    await bench.workspace.queue.pause(bench.actor)
    own, other = await bench.project(), await bench.project()
    for number in range(130):
        of = other if number % 7 == 0 else own
        await bench.workspace.builds.queue(bench.actor, project_id=of.id)
    async with bench.workspace.database.unit_of_work() as unit:
        await unit.session.execute(_CANCEL_MOST)
        await unit.commit()
    async with bench.workspace.database.read(snapshot=True) as session:
        repository = TriggerRepository(session)
        rows = [tuple(row) for row in await session.execute(_OF_PROJECT, {"id": own.id})]
        for upto in (0, 1, 40, 79, 80, 81, 129, 130):
            found = await repository.builds_to_look_at(own.id, Followed(upto))
            assert found == [row for row in rows if row[0] > upto]
        still = {build_id for build_id, state in rows if state == "pending"}
        assert await repository.followed_from_now(own.id) == Followed(130, frozenset(still))
        assert still
