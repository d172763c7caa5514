"""The columns of the tables of the page."""

from collections.abc import Callable
from typing import TypeVar

from core.performance.concurrency.schemas import (
    LeaseFigures,
    LimiterFigures,
    LockFigures,
    OpenTransaction,
    PoolFigures,
    SemaphoreFigures,
    TransactionMode,
)
from core.translation import _
from desktop.figures import number
from desktop.performance.words import NONE, seconds
from desktop.widgets.paged_table import Column
from desktop.widgets.state_badge import Badge, Tone

R = TypeVar("R")

LONG_S = 5.0
"""From this age on, in seconds, a transaction stands out."""


def open_columns() -> tuple[Column[OpenTransaction], ...]:
    """Return the columns of the open transactions."""
    return (
        Column("age", _("Open for"), lambda row: age_badge(row).word, badge=age_badge,
            value=lambda row: round(row.age_s, 3), width=116),
        Column("mode", _("Kind"), mode_words, width=90, value=lambda row: row.mode.value),
        Column("owner", _("Opened by"), lambda row: row.owner, tip=lambda row: row.owner,
            width=224),
        Column("runs", _("Statement runs for"), _runs, right=True, width=152,
            value=lambda row: row.statement_age_s),
        Column("statement", _("Statement now, or last"), lambda row: row.statement or NONE,
            mono=True, width=0, tip=lambda row: row.statement[:2000]),
    )  # fmt: skip


def pool_columns() -> tuple[Column[PoolFigures], ...]:
    """Return the columns of the pools of connections."""
    return (
        Column("name", _("Pool"), lambda row: row.name, width=0, strong=True),
        Column("in_use", _("In use"), lambda row: _of(row.in_use, row.size), right=True,
            width=84, value=lambda row: row.in_use),
        _count("idle", _("Idle"), lambda row: row.idle),
        _count("overflow", _("Extra"), lambda row: row.overflow),
        _count("waits", _("Waits"), lambda row: row.waits),
        Column("waited", _("Waited"), lambda row: _time(row.waited_s), right=True, width=84,
            value=lambda row: row.waited_s),
        _count("checkouts", _("Taken"), lambda row: row.checkouts, 96),
        _count("checkins", _("Given back"), lambda row: row.checkins, 96),
        _count("invalidated", _("Thrown away"), lambda row: row.invalidated, 104),
        _count("connects", _("Opened"), lambda row: row.connects),
    )  # fmt: skip


def lock_columns() -> tuple[Column[LockFigures], ...]:
    """Return the columns of the locks."""
    return (
        Column("name", _("Lock"), lambda row: row.name, width=0, strong=True),
        Column("held", _("Held now"), lambda row: ", ".join(row.held) or NONE, width=180,
            tip=lambda row: "\n".join(row.held), value=lambda row: list(row.held)),
        _count("waiting", _("Waiting"), lambda row: row.waiting),
        _count("acquired", _("Taken"), lambda row: row.acquired),
        Column("waited", _("Waited"), lambda row: _time(row.waited_s), right=True, width=84,
            value=lambda row: row.waited_s),
        _count("timed_out", _("Gave up"), lambda row: row.timed_out),
        Column("longest", _("Longest held"), lambda row: _time(row.longest_held_s), right=True,
            width=104, value=lambda row: row.longest_held_s),
    )  # fmt: skip


def semaphore_columns() -> tuple[Column[SemaphoreFigures], ...]:
    """Return the columns of what only so many may do at once."""
    return (
        Column("name", _("Work"), lambda row: row.name, width=0, strong=True),
        Column("in_use", _("Now"), lambda row: _of(row.in_use, row.limit), right=True,
            width=84, value=lambda row: row.in_use),
        _count("waiting", _("Waiting"), lambda row: row.waiting),
        _count("acquired", _("Done"), lambda row: row.acquired),
        Column("waited", _("Waited"), lambda row: _time(row.waited_s), right=True, width=84,
            value=lambda row: row.waited_s),
        _count("timed_out", _("Gave up"), lambda row: row.timed_out),
    )  # fmt: skip


def limiter_columns() -> tuple[Column[LimiterFigures], ...]:
    """Return the columns of the jobs that wait for each other."""
    return (
        Column("name", _("Work"), lambda row: row.name, width=0, strong=True),
        Column("running", _("Running"), lambda row: _of(row.running, row.limit), right=True,
            width=84, value=lambda row: row.running),
        Column("waiting", _("Waiting"), lambda row: _of(row.waiting, row.queue_limit),
            right=True, width=84, value=lambda row: row.waiting),
        _count("succeeded", _("Succeeded"), lambda row: row.succeeded, 92),
        _count("failed", _("Failed"), lambda row: row.failed),
        _count("cancelled", _("Cancelled"), lambda row: row.cancelled, 88),
        _count("refused", _("Refused"), lambda row: row.refused),
        _count("timed_out", _("Gave up"), lambda row: row.timed_out),
        Column("waited", _("Waited"), lambda row: _time(row.waited_s), right=True, width=84,
            value=lambda row: row.waited_s),
    )  # fmt: skip


def lease_columns() -> tuple[Column[LeaseFigures], ...]:
    """Return the columns of the leases."""
    return (
        Column("name", _("Right"), lambda row: row.name, width=0, strong=True),
        Column("state", _("State"), lambda row: lease_badge(row).word, badge=lease_badge,
            width=150),
        Column("holder", _("Process"), lambda row: row.holder or NONE, width=0,
            tip=lambda row: row.holder),
        Column("token", _("Token"), lambda row: number(row.token), right=True, width=80,
            value=lambda row: row.token),
        Column("expires", _("Holds for"), _expires, right=True, width=92,
            value=lambda row: row.expires_in_s),
    )  # fmt: skip


def age_badge(row: OpenTransaction) -> Badge:
    """Return how long a transaction is open; a long one stands out."""
    if row.age_s >= LONG_S:
        return Badge(seconds(row.age_s), "warning", Tone.WARNING)
    return Badge(seconds(row.age_s), "clock", Tone.QUIET)


def mode_words(row: OpenTransaction) -> str:
    """Return how a transaction sees the database."""
    return {
        TransactionMode.WRITE: _("Writes"),
        TransactionMode.SNAPSHOT: _("Snapshot"),
        TransactionMode.READ: _("Reads"),
    }[row.mode]


def lease_badge(row: LeaseFigures) -> Badge:
    """Return who has a right."""
    if row.expires_in_s <= 0:
        return Badge(_("Nobody has it"), "circle", Tone.QUIET)
    if row.own:
        return Badge(_("This process"), "crown", Tone.SUCCESS)
    return Badge(_("Another process"), "users", Tone.ACCENT)


def _count(name: str, words: str, value: Callable[[R], int], width: int = 76) -> Column[R]:
    return Column(
        name, words, lambda row: number(value(row)), right=True, width=width, value=value
    )


def _runs(row: OpenTransaction) -> str:
    return NONE if row.statement_age_s is None else seconds(row.statement_age_s)


def _expires(row: LeaseFigures) -> str:
    return NONE if row.expires_in_s <= 0 else seconds(row.expires_in_s)


def _time(value: float) -> str:
    return NONE if value == 0 else seconds(value)


def _of(count: int, limit: int) -> str:
    return _("{count} of {limit}").format(count=number(count), limit=number(limit))
