"""What benchmarks of this very database have shown."""

import itertools
from collections import defaultdict
from collections.abc import Iterator

from core.performance.advice.facts import Facts
from core.performance.advice.finding import Finding, Words, figure, of_words
from core.performance.advice.schemas import AdviceKind, Weight
from core.performance.benchmarks.schemas import BenchmarkKind, BenchmarkRow, BenchmarkState
from core.translation import _

# Runs differ by themselves. That all of three are faster than all of three others happens
# once in twenty times by chance, and hardly ever by so much.
RUNS, FASTER = 3, 1.2
_READING = (BenchmarkKind.READS, BenchmarkKind.PAGE_READS)


def cache_size(facts: Facts) -> Iterator[Finding]:
    """Find that reading was faster with a larger cache each time it was measured.

    A workspace is left out: its cache is the same for all.
    """
    if facts.managed:
        return
    for runs in _alike(facts.benchmarks):
        sizes = sorted(size for size, speeds in runs.items() if len(speeds) >= RUNS)
        for small, large in itertools.combinations(sizes, 2):
            if min(runs[large]) >= FASTER * max(runs[small]):
                yield _finding(small, large, runs)
                return


def _alike(rows: tuple[BenchmarkRow, ...]) -> Iterator[dict[int, list[float]]]:
    """Yield by the size of the cache how fast reading was, where all else was the same."""
    found: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        whole = row.state is BenchmarkState.SUCCEEDED and row.kind in _READING
        if whole and row.result is not None and not row.result.errors:
            rest = row.settings.model_copy(update={"cache_kib": 0})
            same = repr((rest, row.machine, row.sqlite_version))
            found[same][row.settings.cache_kib].append(row.result.throughput)
    yield from found.values()


def _finding(small: int, large: int, runs: dict[int, list[float]]) -> Finding:
    words = Words(
        title=_("Give programs that read this file a larger cache"),
        reason=_(
            "Each of the last benchmarks that read with a cache of {large} KiB was faster than"
            " each with {small} KiB; all else was the same. They read a table of their own, so"
            " it holds for this file where it is as large."
        ).format(large=f"{large:,}", small=f"{small:,}"),
        figures=tuple(
            figure(
                _("Reads in a second with {size} KiB").format(size=f"{size:,}"),
                _("{low} to {high} in {runs} runs").format(
                    low=f"{min(runs[size]):,.0f}",
                    high=f"{max(runs[size]):,.0f}",
                    runs=len(runs[size]),
                ),
            )
            for size in (small, large)
        ),
        why_not=_(
            "SQLite does not keep the size in the file: each program says PRAGMA cache_size ="
            " -{large} when it opens it."
        ).format(large=large),
        weight=Weight.LOW,
    )
    return of_words(AdviceKind.CACHE_SIZE, words)
