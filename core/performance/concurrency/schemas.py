"""What goes on at once in a database, as a screen shows it."""

from dataclasses import dataclass

from core.database.concurrency.figures import (
    LimiterFigures,
    LockFigures,
    OpenTransaction,
    PoolFigures,
    SemaphoreFigures,
    TransactionFigures,
    TransactionMode,
)

__all__ = [
    "ConcurrencyOverview",
    "LeaseFigures",
    "LimiterFigures",
    "LockFigures",
    "OpenTransaction",
    "PoolFigures",
    "SemaphoreFigures",
    "TransactionFigures",
    "TransactionMode",
]


@dataclass(frozen=True, slots=True)
class LeaseFigures:
    """A right that one process at a time has.

    Attributes:
        name: What it is for, in words.
        holder: Who has or had it, in words: the process and its computer.
        token: The fencing token; it grows whenever another takes the lease.
        expires_in_s: How long it holds unless it is renewed, in seconds; 0 or less where
            nobody has it.
        own: Whether it is this process.
    """

    name: str
    holder: str
    token: int
    expires_in_s: float
    own: bool


@dataclass(frozen=True, slots=True)
class ConcurrencyOverview:
    """All of it at one moment; names are words for people.

    Attributes:
        open: The open transactions, the oldest first.
        locks: Of this process, for all its databases; so are semaphores and limiters.
        held_by: Other programs that keep the file locked, "name (pid)", where the system tells.
    """

    pools: tuple[PoolFigures, ...]
    transactions: TransactionFigures
    open: tuple[OpenTransaction, ...]
    locks: tuple[LockFigures, ...]
    semaphores: tuple[SemaphoreFigures, ...]
    limiters: tuple[LimiterFigures, ...]
    leases: tuple[LeaseFigures, ...]
    held_by: tuple[str, ...] = ()
