"""Shows the queue and arranges what waits in it. Taking a build out is to cancel it."""

from collections.abc import Mapping, Sequence

from core.builds.queue.queueing import TOPIC
from core.builds.queue.schemas import MOST_SHOWN, QueueOverview
from core.builds.repository import BuildRepository
from core.builds.rules.stored import is_paused, set_paused, stored_rules
from core.builds.schemas import BuildRow, BuildState
from core.database.audit_trail import Deed, Subject
from core.database.database import Database
from core.errors import ConflictError, NotFoundError
from core.projects.schemas import Priority
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import Gate, permitted
from core.translation import _


class QueueService:
    """The queue of a workspace: rows alone, the same for every window."""

    def __init__(self, database: Database, gate: Gate) -> None:
        self.gate = gate
        self._database = database

    @permitted(Operation.BUILDS_READ)
    async def overview(self, actor: Actor) -> QueueOverview:
        """Return what runs and what waits, in one state."""
        async with self._database.read(snapshot=True) as session:
            repository = BuildRepository(session)
            return QueueOverview(
                running=tuple(await repository.active()),
                waiting=tuple(await repository.waiting(MOST_SHOWN)),
                paused=await is_paused(session),
                parallel=(await stored_rules(session)).parallel,
                waiting_count=await repository.waiting_count(),
            )

    @permitted(Operation.QUEUE_ARRANGE)
    async def move(self, actor: Actor, *, build_id: int, before: int | None) -> BuildRow:
        """Put a waiting build right before another one, or behind all of them.

        It takes over the priority of the build that it is put beside.

        Raises:
            NotFoundError: One of the two is gone.
            ConflictError: One of the two does not wait any more.
        """
        async with self._database.unit_of_work() as unit:
            repository = BuildRepository(unit.session)
            build = await _waiting(repository, build_id)
            if before is not None and before != build_id:
                await _waiting(repository, before)
            order = await repository.order()
            ids = [one for one, _priority, _position in order if one != build_id]
            if not ids or before == build_id:
                return build
            place = len(ids) if before is None else ids.index(before)
            beside = ids[min(place, len(ids) - 1)]
            priority = {one: priority for one, priority, _position in order}[beside]
            await repository.change(build_id, priority=priority)
            ids.insert(place, build_id)
            await repository.reorder(_new_positions(ids, order, priority, build_id))
            moved = await _waiting(repository, build_id)
            unit.changed(TOPIC)
            unit.record(_deed(actor, Operation.QUEUE_ARRANGE, build, {"ahead": place}))
            await unit.commit()
        return moved

    @permitted(Operation.QUEUE_ARRANGE)
    async def prioritise(self, actor: Actor, *, build_id: int, priority: Priority) -> BuildRow:
        """Give a waiting build another priority; among its equals it keeps its turn.

        Raises:
            NotFoundError: It is gone.
            ConflictError: It does not wait any more.
        """
        async with self._database.unit_of_work() as unit:
            repository = BuildRepository(unit.session)
            build = await _waiting(repository, build_id)
            wanted = int(Priority(priority))
            await repository.change(build_id, priority=wanted)
            moved = await _waiting(repository, build_id)
            unit.changed(TOPIC)
            changes = {"priority": [build.priority, wanted]}
            unit.record(_deed(actor, Operation.QUEUE_ARRANGE, build, changes))
            await unit.commit()
        return moved

    @permitted(Operation.QUEUE_PAUSE)
    async def pause(self, actor: Actor) -> None:
        """Start no build any more until ``resume``; what runs goes on."""
        await self._set_paused(actor, paused=True)

    @permitted(Operation.QUEUE_PAUSE)
    async def resume(self, actor: Actor) -> None:
        """Start builds again."""
        await self._set_paused(actor, paused=False)

    async def _set_paused(self, actor: Actor, *, paused: bool) -> None:
        async with self._database.unit_of_work() as unit:
            if await is_paused(unit.session) is paused:
                return
            await set_paused(unit.session, paused)
            unit.changed(TOPIC)
            subject = Subject("queue", "", "")
            key = Operation.QUEUE_PAUSE.key
            unit.record(Deed(actor, key, subject, {"paused": [not paused, paused]}))
            await unit.commit()


async def _waiting(repository: BuildRepository, build_id: int) -> BuildRow:
    build = await repository.find(build_id)
    if build is None:
        raise NotFoundError(
            _("This build is gone."), hint=_("It may have been deleted with its project.")
        )
    if build.state is not BuildState.PENDING:
        raise ConflictError(
            _("Build #{number} of “{project}” does not wait any more.").format(
                number=build.number, project=build.project
            ),
            hint=_("What has started can be cancelled."),
        )
    return build


def _new_positions(
    ids: Sequence[int], order: Sequence[tuple[int, int, int]], priority: int, moved: int
) -> dict[int, int]:
    """Return the positions that put the builds of one priority into this order.

    They are the same positions as before, given anew: none is given twice, and whatever is
    queued later comes behind all of them.
    """
    position = {one: place for one, _priority, place in order}
    equals = {one for one, own, _position in order if own == priority} | {moved}
    group = [one for one in ids if one in equals]
    places = sorted(position[one] for one in group)
    return {
        one: place for one, place in zip(group, places, strict=True) if position[one] != place
    }


def _deed(
    actor: Actor, operation: Operation, build: BuildRow, changes: Mapping[str, object]
) -> Deed:
    name = f"{build.project} #{build.number}"
    return Deed(actor, operation.key, Subject("build", build.uid, name), changes)
