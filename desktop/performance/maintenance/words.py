"""What the deeds of maintenance are called, what they are for, and how they ended."""

from collections.abc import Iterable
from typing import Final

from core.performance.maintenance.schemas import (
    CheckpointMode,
    FileFigures,
    MaintenanceRow,
    RunState,
    Task,
    VacuumForecast,
)
from core.translation import _, ngettext
from desktop.figures import ago, number, percent, size
from desktop.performance.words import NONE, change_words, milliseconds, room_words, seconds
from desktop.widgets.state_badge import Badge, Tone

ICONS: Final = {
    Task.VACUUM: "package",
    Task.INCREMENTAL_VACUUM: "arrows-in",
    Task.CHECKPOINT: "download-simple",
    Task.ANALYZE: "chart-bar",
    Task.OPTIMIZE: "lightning",
    Task.REINDEX: "tree-structure",
    Task.QUICK_CHECK: "check-circle",
    Task.INTEGRITY_CHECK: "shield-check",
    Task.FOREIGN_KEY_CHECK: "link",
}

SQL: Final = {
    Task.VACUUM: "VACUUM",
    Task.INCREMENTAL_VACUUM: "PRAGMA incremental_vacuum",
    Task.CHECKPOINT: "PRAGMA wal_checkpoint",
    Task.ANALYZE: "ANALYZE",
    Task.OPTIMIZE: "PRAGMA optimize",
    Task.REINDEX: "REINDEX",
    Task.QUICK_CHECK: "PRAGMA quick_check",
    Task.INTEGRITY_CHECK: "PRAGMA integrity_check",
    Task.FOREIGN_KEY_CHECK: "PRAGMA foreign_key_check",
}
"""What SQLite calls it."""

_OF_DAMAGE: Final = (Task.INTEGRITY_CHECK, Task.QUICK_CHECK, Task.RESTORE)
_LONGEST_FOUND: Final = 300


def task_words(task: Task) -> str:
    """Return the name of a deed."""
    return {
        Task.VACUUM: _("Pack the database"),
        Task.INCREMENTAL_VACUUM: _("Give free pages back"),
        Task.CHECKPOINT: _("Empty the write-ahead log"),
        Task.ANALYZE: _("Count rows and values"),
        Task.OPTIMIZE: _("Optimise"),
        Task.REINDEX: _("Build indexes anew"),
        Task.QUICK_CHECK: _("Quick check"),
        Task.INTEGRITY_CHECK: _("Full check"),
        Task.FOREIGN_KEY_CHECK: _("Check foreign keys"),
        Task.BACKUP: _("Backup"),
        Task.RESTORE: _("Restore"),
        Task.VERIFY: _("Verify a backup"),
        Task.ADVICE: _("Recommendation applied"),
        Task.UNDO: _("Recommendation taken back"),
    }[task]


def explanation(task: Task) -> str:
    """Return what a deed is for, in a sentence or two."""
    return {
        Task.VACUUM: _(
            "Writes the whole file anew without its free pages and with rows in order. Writers"
            " wait meanwhile."
        ),
        Task.INCREMENTAL_VACUUM: _(
            "Cuts free pages off the end of the file, without writing the rest anew."
        ),
        Task.CHECKPOINT: _(
            "Moves changes from the log into the database, so that the log stops growing."
        ),
        Task.ANALYZE: _(
            "Lets SQLite know how many rows and different values there are, so that it chooses"
            " the right indexes."
        ),
        Task.OPTIMIZE: _("Counts only those tables whose figures are missing or out of date."),
        Task.REINDEX: _(
            "Needed after a check found a broken index, or when sorting rules have changed."
        ),
        Task.QUICK_CHECK: _(
            "Reads each page and row, but does not compare indexes with their tables."
        ),
        Task.INTEGRITY_CHECK: _(
            "Reads all of the file, compares each index with its table, and finds any damage."
        ),
        Task.FOREIGN_KEY_CHECK: _("Finds rows that refer to rows that are not there."),
    }[task]


def damage(runs: Iterable[MaintenanceRow]) -> str:
    """Return the first problem that checks found of the whole file; empty where none holds.

    As for alerts: a quick check that finds nothing says nothing of what a full one found, and
    a restore says that all is well again.

    Args:
        runs: The newest of each task, the newest first.
    """
    for run in runs:
        if run.task not in _OF_DAMAGE or run.state is not RunState.SUCCEEDED:
            continue
        if run.findings and run.task is not Task.RESTORE:
            return run.findings[0]
        if run.task is not Task.QUICK_CHECK:
            break
    return ""


def replaced(run: MaintenanceRow | None, runs: Iterable[MaintenanceRow]) -> bool:
    """Tell whether a restore has put something else in the place of what a run was about."""
    return run is not None and any(
        one.task is Task.RESTORE
        and one.state is RunState.SUCCEEDED
        and one.started_at > run.started_at
        for one in runs
    )


def before_restore() -> str:
    """Return what is said of a check of something that is not there any more."""
    return _("before the last restore")


def damage_text(task: Task, found: str) -> str:
    """Return what to know before a deed writes to a file that may be damaged."""
    risk = _(
        "The last check found problems: {found}\n\nWriting may damage more of the file, and"
        " what can be read now may be lost. Restore a good backup, or make a copy of the"
        " file and see on the page Recommendations how to save its rows, before anything else."
    ).format(found=found[:_LONGEST_FOUND])
    if task is Task.REINDEX:
        risk += "\n\n" + _("Where all of the problems are of indexes, this puts them right.")
    return risk


def mode_words(mode: CheckpointMode) -> str:
    """Return what a checkpoint waits for."""
    return {
        CheckpointMode.PASSIVE: _("Wait for nobody"),
        CheckpointMode.FULL: _("Wait for writers"),
        CheckpointMode.RESTART: _("Wait for readers, too"),
        CheckpointMode.TRUNCATE: _("Wait, and cut the log"),
    }[mode]


def state_badge(row: MaintenanceRow) -> Badge:
    """Return how a run ended; problems that a check found stand out."""
    if row.state is RunState.SUCCEEDED and row.findings:
        return Badge(_("Problems found"), "warning", Tone.WARNING)
    return {
        RunState.RUNNING: Badge(_("Running"), "play-fill", Tone.ACCENT),
        RunState.SUCCEEDED: Badge(_("Done"), "check-bold", Tone.SUCCESS),
        RunState.FAILED: Badge(_("Failed"), "x-bold", Tone.FAILURE),
        RunState.CANCELLED: Badge(_("Cancelled"), "prohibit", Tone.QUIET),
    }[row.state]


def last_words(row: MaintenanceRow | None) -> str:
    """Return when a deed was done last, how long it took, by whom, and what came out."""
    if row is None:
        return _("Not run yet.")
    parts = [ago(row.started_at)]
    if row.state is not RunState.RUNNING:
        parts.append(milliseconds(float(row.duration_ms)))
    parts.append(row.actor)
    if changed := size_words(row):
        parts.append(changed)
    head = " · ".join(part for part in parts if part)
    return f"{head} — {row.message}" if row.message else head


def size_words(row: MaintenanceRow) -> str:
    """Return the size of the file before and after where it is another one; else nothing."""
    before, after = row.before, row.after
    if before is None or after is None or row.state is not RunState.SUCCEEDED:
        return ""
    if row.task is Task.CHECKPOINT:
        return _change(before.wal_bytes, after.wal_bytes)
    return _change(before.file_bytes, after.file_bytes)


def gain_words(row: MaintenanceRow) -> str:
    """Return how much smaller or larger file and log became together."""
    if row.before is None or row.after is None:
        return NONE
    change = whole_size(row.after) - whole_size(row.before)
    return change_words(change) if change else NONE


def whole_size(figures: FileFigures) -> int:
    """Return the size of a file with its log, in bytes."""
    return figures.file_bytes + figures.wal_bytes


def forecast_words(forecast: VacuumForecast) -> str:
    """Return what VACUUM would gain, how long it would take, and what it needs."""
    parts = [_gain(forecast)]
    if forecast.seconds is None:
        parts.append(_("how long it takes is known after the first run"))
    else:
        parts.append(_("takes about {time}").format(time=seconds(forecast.seconds)))
    parts.append(room_words(forecast))
    return " · ".join(parts)


def _gain(forecast: VacuumForecast) -> str:
    gain = size(forecast.gain_bytes)
    if forecast.gain_bytes <= 0:
        return (
            _("There is nothing to give back")
            if forecast.measured
            else _("There are no free pages to give back")
        )
    if forecast.measured:
        return _("Would give back about {size}").format(size=gain)
    return _("Would give back {size} or more; the page Storage measures how much").format(
        size=gain
    )


def refusal(task: Task, figures: FileFigures, forecast: VacuumForecast) -> str:
    """Return why a deed cannot be done as the file and the disk are; empty where it can."""
    if task is Task.VACUUM and not forecast.fits:
        return _("There is not enough room: it needs {needed}, and {free} are free.").format(
            needed=size(forecast.needed_bytes), free=size(forecast.free_bytes)
        )
    if task is Task.INCREMENTAL_VACUUM and figures.auto_vacuum != "incremental":
        return _(
            "Not for this file: its auto_vacuum is “{mode}”, not “incremental”. Pack it."
        ).format(mode=figures.auto_vacuum)
    if task is Task.CHECKPOINT and figures.journal_mode != "wal":
        return _(
            "Not for this file: its journal mode is “{mode}”, it has no write-ahead log."
        ).format(mode=figures.journal_mode)
    return ""


def pages_words(figures: FileFigures) -> str:
    """Return how many pages a file has, and how large they are."""
    words = ngettext(
        "{count} page of {size} bytes", "{count} pages of {size} bytes", figures.page_count
    )
    return words.format(count=number(figures.page_count), size=number(figures.page_size))


def free_words(figures: FileFigures) -> str:
    """Return which share of a file is free."""
    share = figures.freelist_bytes / figures.file_bytes if figures.file_bytes else 0.0
    return _("{share} of the file").format(share=percent(share))


def _change(before: int, after: int) -> str:
    if before == after:
        return ""
    return _("{before} → {after}").format(before=size(before), after=size(after))
