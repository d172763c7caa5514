"""How the file keeps its pages: of which size, and whether it can give free ones back."""

from collections.abc import Iterator
from datetime import timedelta

from core.performance.advice.facts import Facts
from core.performance.advice.finding import (
    Finding,
    Words,
    figure,
    of_changes,
    refusal,
)
from core.performance.advice.rules.files import FREE_BYTES, FREE_SHARE
from core.performance.advice.schemas import AdviceKind, Weight
from core.performance.changes import AutoVacuum, PageSize
from core.performance.maintenance.schemas import MaintenanceRow
from core.performance.storage.schemas import StorageObject
from core.sizes import size_words
from core.translation import _

# Once is chance; who packs a file thrice in a season and gains much each time will again.
PACKED_TIMES, PACKED_WITHIN = 3, timedelta(days=90)
# An overflow page costs a read of its own; below a third of all, larger pages gain little, and
# below some megabytes the whole file stays in memory.
OVERFLOW_SHARE, LEAST_BYTES = 1 / 3, 10_000_000
# Four rows to a page leave room for those that are longer than the mean.
ROWS_TO_A_PAGE = 4
_SIZES = (4096, 8192, 16384)


def auto_vacuum(facts: Facts) -> Iterator[Finding]:
    """Find a file that is packed again and again."""
    if facts.figures.auto_vacuum != "none":
        return
    since = facts.now - PACKED_WITHIN
    runs = [run for run in facts.vacuums if run.started_at >= since and _gained(run)]
    if len(runs) < PACKED_TIMES:
        return
    change, back = AutoVacuum(mode="incremental"), AutoVacuum(mode="none")
    mean = sum(_gain(run) for run in runs) / len(runs)
    words = Words(
        title=_("Let the file give pages back without packing all of it"),
        reason=_(
            "It was packed again and again, and each time much was free: each VACUUM writes"
            " the whole file anew. With auto_vacuum “incremental” the maintenance job of that"
            " name gives free pages back, and nothing else is written."
        ),
        figures=(
            figure(_("Packed within 90 days"), len(runs)),
            figure(_("Gained each time, in the mean"), size_words(mean)),
            figure(_("Size"), size_words(facts.figures.file_bytes)),
        ),
        why_not=_why_not(facts),
        weight=Weight.LOW,
    )
    yield of_changes(AdviceKind.AUTO_VACUUM, words, (change,), (back,))


def page_size(facts: Facts) -> Iterator[Finding]:
    """Find a file whose rows do not fit into its pages, but would into larger ones."""
    report, now = facts.storage, facts.figures.page_size
    if report is None or not report.exact or report.page_size != now or facts.managed:
        return
    if report.file_bytes < LEAST_BYTES:
        return
    long = [one for one in report.objects if one.overflow_pages and one.rows]
    overflow = sum(one.overflow_pages for one in long)
    wanted = _size_for(long)
    used = max(report.page_count - report.freelist_pages, 1)
    if wanted <= now or overflow < OVERFLOW_SHARE * used:
        return
    change = PageSize.model_validate({"size": wanted})
    back = PageSize.model_validate({"size": now})
    words = Words(
        title=_("Use pages of {size} bytes").format(size=f"{wanted:,}"),
        reason=_(
            "Many rows do not fit into a page, so SQLite reads more than one page for each."
            " In the mean such a row would fit into a larger page several times."
        ),
        figures=(
            figure(_("Page size"), now),
            figure(_("Overflow pages"), overflow),
            figure(_("Pages in use"), used),
            figure(_("Mean length of a row"), size_words(_mean(long))),
        ),
        why_not=_why_not(facts) or _log_words(facts),
        weight=Weight.LOW,
    )
    tables = tuple(one.name for one in long[:5])
    yield of_changes(AdviceKind.PAGE_SIZE, words, (change,), (back,), tables)


def _gain(run: MaintenanceRow) -> int:
    if run.before is None or run.after is None:
        return 0
    return run.before.file_bytes - run.after.file_bytes


def _gained(run: MaintenanceRow) -> bool:
    gain = _gain(run)
    return run.before is not None and gain >= max(
        FREE_BYTES, FREE_SHARE * run.before.file_bytes
    )


def _mean(objects: list[StorageObject]) -> float:
    rows = sum(one.rows or 0 for one in objects)
    return sum(one.payload_bytes for one in objects) / max(rows, 1)


def _size_for(objects: list[StorageObject]) -> int:
    """Return the smallest size of a page that holds some such rows; 0 where none does."""
    needed = _mean(objects) * ROWS_TO_A_PAGE
    return next((size for size in _SIZES if objects and size >= needed), 0)


def _why_not(facts: Facts) -> str:
    if refused := refusal(facts):
        return refused
    told = facts.forecast
    if told is not None and not told.fits:
        return _("Packing needs {needed} for a while; {free} are free.").format(
            needed=size_words(told.needed_bytes), free=size_words(told.free_bytes)
        )
    return ""


def _log_words(facts: Facts) -> str:
    if facts.figures.journal_mode != "wal":
        return ""
    return _("SQLite cannot change the page size of a file with a write-ahead log.")
