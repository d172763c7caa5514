"""What an alert says: what happened, why it matters, and what to do."""

from core.performance.alerts.schemas import AlertKind
from core.performance.amounts import size
from core.performance.maintenance.schemas import MOST_FINDINGS
from core.translation import _, ngettext

_SIZES = frozenset({AlertKind.DISK_LOW, AlertKind.WAL_LARGE, AlertKind.MEMORY_HIGH})

_LISTED = frozenset({AlertKind.INTEGRITY_FAILED, AlertKind.KEYS_BROKEN})


def title(kind: AlertKind) -> str:
    """Return what happened in a few words."""
    return {
        AlertKind.DISK_LOW: _("The disk is almost full"),
        AlertKind.SLOW_STATEMENTS: _("Statements are slow"),
        AlertKind.ERROR_RATE: _("Statements fail"),
        AlertKind.WAL_LARGE: _("The write-ahead log is large"),
        AlertKind.INTEGRITY_FAILED: _("The database is damaged"),
        AlertKind.KEYS_BROKEN: _("Rows refer to rows that are not there"),
        AlertKind.LONG_TRANSACTION: _("A transaction is open for long"),
        AlertKind.CPU_HIGH: _("Buildbench keeps the processor busy"),
        AlertKind.MEMORY_HIGH: _("Buildbench uses much memory"),
        AlertKind.CONNECTION_FAILURES: _("The database does not answer"),
        AlertKind.BACKUP_FAILED: _("Scheduled backups fail"),
    }[kind]


def words(kind: AlertKind, value: float, threshold: float, detail: str) -> str:
    """Return it in whole sentences.

    Args:
        value: The figure, in the unit of its rule.
        threshold: What it reached.
        detail: What else is known, such as the first problem of a check.
    """
    told = _told(kind, round(value)).format(
        value=_amount(kind, value),
        threshold=_amount(kind, threshold),
        detail=detail or _("unknown"),
    )
    return " ".join((told, _advice(kind)))


def _amount(kind: AlertKind, value: float) -> str:
    if kind in _SIZES:
        return size(value)
    if kind is AlertKind.SLOW_STATEMENTS:
        return _("{count} ms").format(count=f"{value:.0f}")
    if kind is AlertKind.LONG_TRANSACTION:
        return _("{count} s").format(count=f"{value:.0f}")
    if kind is AlertKind.CPU_HIGH:
        return _("{share} %").format(share=f"{100 * value:.0f}")
    if kind in _LISTED and value >= MOST_FINDINGS:
        return _("{count} or more").format(count=f"{value:,.0f}")
    return f"{value:.1f}" if kind is AlertKind.ERROR_RATE else f"{value:,.0f}"


def _told(kind: AlertKind, count: int) -> str:
    """Return what happened, with ``{value}``, ``{threshold}`` and ``{detail}`` to be filled."""
    if kind is AlertKind.INTEGRITY_FAILED:
        return ngettext(
            "The last check found {value} problem: {detail}.",
            "The last check found {value} problems, the first: {detail}.",
            count,
        )
    if kind is AlertKind.BACKUP_FAILED:
        return ngettext(
            "The last scheduled backup failed. {detail}",
            "The last {value} scheduled backups failed. {detail}",
            count,
        )
    if kind is AlertKind.CONNECTION_FAILURES:
        return ngettext(
            "It could not be read {value} time within a minute.",
            "It could not be read {value} times within a minute.",
            count,
        )
    return {
        AlertKind.DISK_LOW: _("Only {value} are free where the database lies."),
        AlertKind.SLOW_STATEMENTS: _(
            "More than one statement took {value} or longer; the limit is {threshold}."
        ),
        AlertKind.ERROR_RATE: _("{value} statements failed each second."),
        AlertKind.WAL_LARGE: _("It grew to {value}."),
        AlertKind.LONG_TRANSACTION: _("One was open for {value}; begun by: {detail}."),
        AlertKind.CPU_HIGH: _("It took {value} of one processor core for a long time."),
        AlertKind.MEMORY_HIGH: _("It grew to {value}."),
        AlertKind.KEYS_BROKEN: _("The last check of foreign keys: {detail}"),
    }[kind]


def _advice(kind: AlertKind) -> str:
    return {
        AlertKind.DISK_LOW: _(
            "When nothing is left, builds fail and nothing can be saved. Make room, or remove"
            " old backups and artifacts."
        ),
        AlertKind.SLOW_STATEMENTS: _(
            "Lists and searches then feel slow. See on the page Statements which ones take the"
            " time, and on Recommendations what would help."
        ),
        AlertKind.ERROR_RATE: _(
            "What was asked for was not done. See on the page Statements which ones fail, and"
            " in the log why."
        ),
        AlertKind.WAL_LARGE: _(
            "Reading becomes slower and the disk fuller. A reader that stays open keeps it from"
            " being emptied: close other programs that use the file, then run a checkpoint on"
            " the page Maintenance."
        ),
        AlertKind.INTEGRITY_FAILED: _(
            "Rows may be lost or wrong, and more of them with each write. Stop writing, and"
            " restore the last good backup on the page Maintenance. Without one, the page"
            " Recommendations says what can be saved."
        ),
        AlertKind.KEYS_BROKEN: _(
            "What is read together may be missing or wrong, though the file itself may be"
            " whole. See on the page Maintenance which rows these are, put them right, and"
            " check again."
        ),
        AlertKind.LONG_TRANSACTION: _(
            "Others may wait for it, and the write-ahead log grows meanwhile. See on the page"
            " Concurrency what it does; if it does not end, close the window that began it."
        ),
        AlertKind.CPU_HIGH: _(
            "Builds have less of it. See on the page Statements whether the database is the"
            " reason, and in the log what else goes on."
        ),
        AlertKind.MEMORY_HIGH: _(
            "The computer may begin to swap, and all programs become slow. Close workspaces"
            " that are not needed, or start Buildbench again."
        ),
        AlertKind.CONNECTION_FAILURES: _(
            "Nothing can be shown or saved meanwhile. Check that the file is still there, that"
            " its disk is connected, and that no other program keeps it locked."
        ),
        AlertKind.BACKUP_FAILED: _(
            "What was done since the last good backup is lost if the disk fails. Put right what"
            " is said here, then make a backup on the page Maintenance: with the next one that"
            " succeeds, this alert is over."
        ),
    }[kind]
