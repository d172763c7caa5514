"""Leases: one process at a time, by the clock of the database, with a fencing token.

The token grows with each acquisition. A write under a ``Fence`` first checks, inside its
own BEGIN IMMEDIATE, that the lease is still held with that token: nobody else can take it
before that transaction ends, so a late write of a former holder is always refused.
"""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_ACQUIRE = text(
    "INSERT INTO leases (name, holder, token, expires_ms) VALUES (:name, :holder, 1,"
    " CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER) + :ttl_ms)"
    " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = token + 1,"
    " expires_ms = excluded.expires_ms"
    " WHERE leases.expires_ms <= CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)"
    " OR leases.holder = :dead RETURNING token"
)
_RENEW = text(
    "UPDATE leases"
    " SET expires_ms = CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER) + :ttl_ms"
    " WHERE name = :name AND holder = :holder AND token = :token"
    " AND expires_ms > CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER) RETURNING token"
)
_HELD = text(
    "SELECT 1 FROM leases WHERE name = :name AND holder = :holder AND token = :token"
    " AND expires_ms > CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)"
)
_RELEASE = text(
    "UPDATE leases SET expires_ms = 0"
    " WHERE name = :name AND holder = :holder AND token = :token"
)
_HOLDER = text(
    "SELECT holder FROM leases WHERE name = :name"
    " AND expires_ms > CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)"
)
_ALL = text(
    "SELECT CAST(name AS TEXT), CAST(holder AS TEXT), CAST(token AS INTEGER),"
    " CAST(expires_ms AS INTEGER) - CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)"
    " FROM leases ORDER BY name"
)


@dataclass(frozen=True, slots=True)
class LeaseState:
    """How a lease stands by the clock of the database.

    ``left_ms`` is how long it holds unless it is renewed, in milliseconds; 0 or less where
    nobody has it.
    """

    name: str
    holder: str
    token: int
    left_ms: int


@dataclass(frozen=True, slots=True)
class Fence:
    """The right that a write must still have."""

    name: str
    holder: str
    token: int

    def values(self) -> dict[str, object]:
        """Return the parameters of the statements that check it."""
        return {"name": self.name, "holder": self.holder, "token": self.token}


class LeaseLostError(Exception):
    """The lease went to another process; the write was not made."""


async def acquire(
    session: AsyncSession, *, name: str, holder: str, ttl_ms: int, dead: str = ""
) -> Fence | None:
    """Take the lease if nobody holds it; None while somebody does.

    Args:
        dead: A holder that is known to live no more, so that its lease counts as free.
    """
    values = {"name": name, "holder": holder, "ttl_ms": ttl_ms, "dead": dead}
    token = await session.scalar(_ACQUIRE, values)
    return None if token is None else Fence(name, holder, int(token))


async def renew(session: AsyncSession, fence: Fence, *, ttl_ms: int) -> bool:
    """Hold the lease for longer; False when it was lost."""
    token = await session.scalar(_RENEW, {**fence.values(), "ttl_ms": ttl_ms})
    return token is not None


async def require(session: AsyncSession, fence: Fence) -> None:
    """Check the lease inside a write transaction.

    Raises:
        LeaseLostError: It is no longer held with this token.
    """
    if await session.scalar(_HELD, fence.values()) is None:
        raise LeaseLostError(fence.name)


async def release(session: AsyncSession, fence: Fence) -> None:
    """Let others take the lease at once."""
    await session.execute(_RELEASE, fence.values())


async def holder(session: AsyncSession, name: str) -> str:
    """Return who holds the lease now, an empty text when nobody does."""
    return str(await session.scalar(_HOLDER, {"name": name}) or "")


async def states(session: AsyncSession) -> tuple[LeaseState, ...]:
    """Return how all leases stand, whoever has them."""
    rows = await session.execute(_ALL)
    return tuple(
        LeaseState(name or "", owner or "", token or 0, left_ms or 0)
        for name, owner, token, left_ms in rows
    )
