"""What goes on at once in a database, and in this process."""

import asyncio
import os
from dataclasses import replace

from core.database import leases
from core.database.lock_holders import described, is_child_of, pids_locking
from core.performance.concurrency.schemas import (
    ConcurrencyOverview,
    LeaseFigures,
    OpenTransaction,
)
from core.performance.concurrency.words import holder, named
from core.performance.target import Target
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import permitted
from core.translation import _


class ConcurrencyService:
    """Shows connections, transactions, locks, limits and leases."""

    def __init__(self, target: Target) -> None:
        self.gate = target.gate
        self._target = target

    @permitted(Operation.PERFORMANCE_READ)
    async def overview(self, actor: Actor) -> ConcurrencyOverview:
        """Return how it stands at this moment.

        Raises:
            DatabaseError: The leases could not be read.
        """
        held = await self._leases()
        database, board = self._target.database, self._target.board
        return ConcurrencyOverview(
            pools=tuple(replace(one, name=named(one.name)) for one in database.pools()),
            transactions=database.transactions.figures(),
            open=tuple(map(_with_actor, database.transactions.open())),
            locks=tuple(replace(one, name=named(one.name)) for one in board.locks()),
            semaphores=tuple(replace(one, name=named(one.name)) for one in board.semaphores()),
            limiters=tuple(replace(one, name=named(one.name)) for one in board.limiters()),
            leases=held,
            held_by=await asyncio.to_thread(self._programs),
        )

    def _programs(self) -> tuple[str, ...]:
        """Return who else keeps the file locked, children of this process apart; blocks."""
        pids = pids_locking(self._target.path)
        others = [pid for pid in pids if not is_child_of(pid, os.getpid())]
        return tuple(sorted(map(described, others)))

    async def _leases(self) -> tuple[LeaseFigures, ...]:
        if not self._target.managed:
            return ()
        async with self._target.database.read() as session:
            states = await leases.states(session)
        return tuple(
            LeaseFigures(
                name=named(one.name),
                holder=holder(one.holder),
                token=one.token,
                expires_in_s=one.left_ms / 1000,
                own=one.left_ms > 0 and one.holder == self._target.holder,
            )
            for one in states
        )


def _with_actor(transaction: OpenTransaction) -> OpenTransaction:
    if not transaction.actor:
        return transaction
    owner = _("{caller}, for {user}").format(caller=transaction.owner, user=transaction.actor)
    return replace(transaction, owner=owner)
