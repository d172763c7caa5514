"""Compares two benchmarks: what became better or worse, and what else differs."""

from collections.abc import Sequence

from core.performance.benchmarks.repeating import REPEATS, alike, limit, repeats_of
from core.performance.benchmarks.schemas import (
    BenchmarkResult,
    BenchmarkRow,
    Change,
    Comparison,
)
from core.translation import _

_Groups = Sequence[Sequence[BenchmarkResult]]

# Field, unit, and whether more of it is better.
_FIGURES = (
    ("throughput", "/s", True),
    ("min_ms", "ms", False),
    ("mean_ms", "ms", False),
    ("p50_ms", "ms", False),
    ("p95_ms", "ms", False),
    ("p99_ms", "ms", False),
    ("max_ms", "ms", False),
    ("errors", "", False),
)


def compare(
    first: BenchmarkRow, second: BenchmarkRow, kept: Sequence[BenchmarkRow]
) -> Comparison:
    """Return both side by side; figures only where both came to their ends.

    Args:
        kept: All runs that are known: repeats of the two tell how much they vary.
    """
    groups = [repeats_of(first, kept)]
    if not alike(first, second):
        groups.append(repeats_of(second, kept))
    changes: tuple[Change, ...] = ()
    if first.result is not None and second.result is not None:
        changes = tuple(
            _change(name, unit, more, (first.result, second.result), groups)
            for name, unit, more in _FIGURES
        )
    return Comparison(
        first, second, changes, tuple(_notes(first, second)), _about_chance(groups)
    )


def _change(
    name: str,
    unit: str,
    more: bool,
    results: tuple[BenchmarkResult, BenchmarkResult],
    groups: _Groups,
) -> Change:
    before, after = (float(getattr(result, name)) for result in results)
    ratio = after / before if before else None
    better = None if before == after else (after > before) == more
    if not all(result.operations for result in results):
        # Where nothing succeeded, there are no durations: zeros stand for them.
        return Change(name, unit, before, after, ratio, None if unit == "ms" else better)
    if not unit:
        return Change(name, unit, before, after, ratio, better)
    most = limit(name, groups)
    if most is None or not ratio:
        return Change(name, unit, before, after, ratio, None)
    within = max(ratio, 1 / ratio) <= most
    return Change(name, unit, before, after, ratio, None if within else better, within)


def _about_chance(groups: _Groups) -> str:
    """Return what stands behind what is called better or worse."""
    if any(len(group) < REPEATS for group in groups):
        return _(
            "Apart from what failed nothing is called better or worse: single runs differ by"
            " chance. By how much is known once each was measured {count} times in the same"
            " way."
        ).format(count=REPEATS)
    if len(groups) == 1:
        return _(
            "Both were measured in the same way, as {count} runs in all. Better or worse is"
            " what differs by more than these vary, in 19 of 20 cases."
        ).format(count=len(groups[0]))
    return _(
        "Better or worse is what differs by more than repeats vary, in 19 of 20 cases; known"
        " by {first} runs like the first, and {second} like the second."
    ).format(first=len(groups[0]), second=len(groups[1]))


def _setting(name: str) -> str:
    """Return what a setting is called."""
    return {
        "kind": _("what is measured"),
        "concurrency": _("how many at once"),
        "operations": _("operations"),
        "seconds": _("duration"),
        "warm_up": _("warm-up"),
        "rows": _("rows of the table"),
        "journal_mode": _("journal mode"),
        "synchronous": _("synchronous"),
        "cache_kib": _("cache"),
    }[name]


def _notes(first: BenchmarkRow, second: BenchmarkRow) -> list[str]:
    notes = []
    settings = zip(first.settings, second.settings, strict=True)
    names = [name for (name, one), (_name, other) in settings if one != other]
    if names:
        told = _("Other settings: {names}.").format(names=", ".join(map(_setting, names)))
        notes.append(told)
    if first.sqlite_version != second.sqlite_version:
        told = _("Another SQLite: {first} and {second}.").format(
            first=first.sqlite_version, second=second.sqlite_version
        )
        notes.append(told)
    if first.machine != second.machine:
        notes.append(_("Another machine, or another folder on it."))
    return notes
