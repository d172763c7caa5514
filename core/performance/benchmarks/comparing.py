"""Compares two benchmarks: what became better or worse, and what else differs."""

from core.performance.benchmarks.schemas import (
    BenchmarkResult,
    BenchmarkRow,
    Change,
    Comparison,
)
from core.translation import _

# Runs of the same thing on a quiet machine differ by less than this share.
NOISE = 0.05

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


def compare(first: BenchmarkRow, second: BenchmarkRow) -> Comparison:
    """Return both side by side; figures only where both came to their ends."""
    changes: tuple[Change, ...] = ()
    if first.result is not None and second.result is not None:
        changes = tuple(
            _change(name, unit, more, first.result, second.result)
            for name, unit, more in _FIGURES
        )
    return Comparison(first, second, changes, tuple(_notes(first, second)))


def _change(
    name: str, unit: str, more: bool, first: BenchmarkResult, second: BenchmarkResult
) -> Change:
    before, after = float(getattr(first, name)), float(getattr(second, name))
    # Where nothing succeeded, there are no durations: zeros stand for them.
    known = unit != "ms" or bool(first.operations and second.operations)
    better = (after > before) == more if known and not _alike(before, after) else None
    return Change(name, unit, before, after, after / before if before else None, better)


def _alike(first: float, second: float) -> bool:
    return abs(first - second) <= NOISE * max(abs(first), abs(second))


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
