"""What concerns the whole file: its journal, its log, and what is free in it."""

from collections.abc import Iterator

from core.performance.advice.facts import Facts
from core.performance.advice.finding import (
    Finding,
    Words,
    figure,
    of_changes,
    of_task,
    refusal,
)
from core.performance.advice.schemas import AdviceKind, Weight
from core.performance.changes import JournalMode
from core.performance.maintenance.schemas import Task
from core.sizes import size_words
from core.translation import _

# Others read pages that are free along with the rest of the file when they copy it; below a
# quarter, or some megabytes, new rows take that room soon.
FREE_SHARE, FREE_BYTES = 0.25, 10_000_000
HIGH_FREE_SHARE = 0.5
# A log is emptied at 1,000 pages, some 4 MB; ours is cut to 64 MiB. What is well beyond was
# kept from being emptied, and each reader looks for its pages there first.
LOG_BYTES = 100_000_000
# What is smaller is read and written so quickly that hardly anybody waits.
SHARED_BYTES = 10_000_000

_BACK = ("delete", "truncate", "persist")


def journal_mode(facts: Facts) -> Iterator[Finding]:
    """Find a file whose readers and writers wait for each other."""
    mode = facts.figures.journal_mode
    if facts.managed or not facts.wal_is_safe or mode not in _BACK or not facts.tables:
        return
    if facts.read_only:
        return  # who cannot write beside a file with a log cannot read it, either
    change = JournalMode(mode="wal")
    words = Words(
        title=_("Use a write-ahead log"),
        reason=_(
            "The journal mode is “{mode}”: nobody can read while a write is completed, and"
            " nobody can write while somebody reads. With a write-ahead log readers and one"
            " writer go on at the same time. Leave it as it is if the file lies on a network"
            " drive, or if a program that uses it keeps its folder from being written."
        ).format(mode=mode),
        figures=(
            figure(_("Journal mode"), mode),
            figure(_("Size"), size_words(facts.figures.file_bytes)),
        ),
        why_not=refusal(facts),
        weight=Weight.MEDIUM if facts.figures.file_bytes >= SHARED_BYTES else Weight.LOW,
    )
    back = JournalMode.model_validate({"mode": mode})
    yield of_changes(AdviceKind.JOURNAL_MODE, words, (change,), (back,))


def freelist(facts: Facts) -> Iterator[Finding]:
    """Find a file of which much is free."""
    free, whole = facts.figures.freelist_bytes, facts.figures.file_bytes
    if free < FREE_BYTES or free < FREE_SHARE * whole:
        return
    told = facts.forecast
    figures = [
        figure(_("Free in the file"), size_words(free)),
        figure(_("Size"), size_words(whole)),
        figure(_("Share"), f"{free / max(whole, 1):.0%}"),
    ]
    why_not = refusal(facts)
    if told is not None:
        figures.append(figure(_("Needed meanwhile"), size_words(told.needed_bytes)))
        if told.seconds is not None:
            seconds = _("{count} s").format(count=f"{told.seconds:.0f}")
            figures.append(figure(_("Time, by earlier runs"), seconds))
        if not told.fits:
            why_not = why_not or _(
                "Packing needs {needed} for a while; {free} are free."
            ).format(needed=size_words(told.needed_bytes), free=size_words(told.free_bytes))
    words = Words(
        title=_("Pack the file"),
        reason=_(
            "{share} of it are pages that hold nothing. VACUUM gives {free} back to the disk."
            " It is not worth it if the file soon grows to this size again."
        ).format(share=f"{free / max(whole, 1):.0%}", free=size_words(free)),
        figures=tuple(figures),
        why_not=why_not,
        weight=Weight.HIGH if free >= HIGH_FREE_SHARE * whole else Weight.MEDIUM,
    )
    yield of_task(AdviceKind.FREELIST, words, Task.VACUUM, "VACUUM")


def log(facts: Facts) -> Iterator[Finding]:
    """Find a write-ahead log that is much larger than it becomes by itself."""
    size = facts.figures.wal_bytes
    if facts.figures.journal_mode != "wal" or size < LOG_BYTES:
        return
    words = Words(
        title=_("Empty the write-ahead log"),
        reason=_(
            "SQLite empties the log by itself at some megabytes, unless somebody reads all the"
            " time, or a large transaction was written. A large one takes room, and what is"
            " read is looked for in it first."
        ),
        figures=(
            figure(_("Size of the log"), size_words(size)),
            figure(_("Size of the database"), size_words(facts.figures.file_bytes)),
        ),
        why_not=refusal(facts),
    )
    will_do = "PRAGMA wal_checkpoint(TRUNCATE)"
    yield of_task(AdviceKind.WAL_GROWING, words, Task.CHECKPOINT, will_do)
