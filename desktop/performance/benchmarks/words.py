"""What the page says of benchmarks and their figures."""

from collections.abc import Sequence

from core.paths import WorkspaceFolders
from core.performance.benchmarks.schemas import (
    BenchmarkKind,
    BenchmarkRow,
    BenchmarkSettings,
    BenchmarkState,
    Change,
)
from core.translation import _
from core.workspaces.schemas import WorkspaceInfo, WorkspaceKind
from desktop.figures import brief, decimal, number, size
from desktop.performance.words import NONE, milliseconds, per_second
from desktop.widgets.state_badge import Badge, Tone


def kind_words(kind: BenchmarkKind) -> str:
    """Return what is measured."""
    return {
        BenchmarkKind.READS: _("Reads of single rows"),
        BenchmarkKind.WRITES: _("Writes of single rows"),
        BenchmarkKind.MIXED: _("Reads and writes"),
        BenchmarkKind.BULK_INSERT: _("Bulk insert"),
        BenchmarkKind.PAGE_READS: _("Reads of pages"),
    }[kind]


def explanation(kind: BenchmarkKind) -> str:
    """Return what is done meanwhile."""
    return {
        BenchmarkKind.READS: _("Each operation reads one row by its key."),
        BenchmarkKind.WRITES: _("Each operation writes one row in a transaction of its own."),
        BenchmarkKind.MIXED: _("Four reads to each write, for as long as you choose."),
        BenchmarkKind.BULK_INSERT: _("Each operation inserts 1,000 rows in one transaction."),
        BenchmarkKind.PAGE_READS: _("Each operation reads 100 rows behind those before."),
    }[kind]


def pragmas_words(settings: BenchmarkSettings) -> str:
    """Return journal mode, synchronous and cache, in a line."""
    return _("{journal} · {synchronous} · {cache} MB").format(
        journal=settings.journal_mode.upper(),
        synchronous=settings.synchronous,
        cache=decimal(settings.cache_kib / 1000, 0 if settings.cache_kib >= 1000 else 2),
    )


def risk_words(journal_mode: str, synchronous: str) -> str:
    """Return what a power cut may cost with these PRAGMAs."""
    if journal_mode == "wal":
        return {
            "off": _("A power cut may corrupt the file: 301 of 500 simulated ones did."),
            "normal": _(
                "A power cut may lose commits that were acknowledged: 159 of 500 simulated"
                " ones did. The file stays whole."
            ),
        }.get(synchronous, _("No acknowledged commit was lost in 500 simulated power cuts."))
    return {
        "off": _("A power cut may corrupt the file."),
        "normal": _("A power cut at the wrong moment may corrupt the file, if rarely."),
        "full": _("The file stays whole; a power cut may undo the very last commit."),
    }.get(synchronous, _("Acknowledged commits survive a power cut."))


def amount_words(settings: BenchmarkSettings) -> str:
    """Return how much is asked, and by how many at once."""
    if settings.kind is BenchmarkKind.MIXED:
        return _("{concurrency} at once, {seconds} s").format(
            concurrency=number(settings.concurrency), seconds=number(settings.seconds)
        )
    return _("{concurrency} at once, {operations} in all").format(
        concurrency=number(settings.concurrency), operations=number(settings.operations)
    )


def place_words(info: WorkspaceInfo) -> str:
    """Return where the file lies that is measured, and that rows are left alone."""
    if info.kind is WorkspaceKind.PLAIN:
        return _(
            "Measured in a new file in your Buildbench data folder, deleted afterwards."
            " The rows of this database are never touched."
        )
    folder = WorkspaceFolders(info.path).benchmarks
    return _(
        "Measured in a new file in {folder}, deleted afterwards."
        " The rows of this database are never touched."
    ).format(folder=f"{folder.parent.name}/{folder.name}")


def state_badge(row: BenchmarkRow) -> Badge:
    """Return how a benchmark ended; errors within it stand out."""
    if row.state is BenchmarkState.SUCCEEDED and row.result and row.result.errors:
        return Badge(_("With errors"), "warning", Tone.WARNING)
    return {
        BenchmarkState.SUCCEEDED: Badge(_("Done"), "check-bold", Tone.SUCCESS),
        BenchmarkState.FAILED: Badge(_("Failed"), "x-bold", Tone.FAILURE),
        BenchmarkState.CANCELLED: Badge(_("Cancelled"), "prohibit", Tone.QUIET),
    }[row.state]


def title_of(row: BenchmarkRow) -> str:
    """Return which benchmark it is: what, and when."""
    return _("{kind}, {when}").format(kind=kind_words(row.kind), when=brief(row.started_at))


def machine_words(row: BenchmarkRow) -> str:
    """Return where a benchmark ran."""
    machine = row.machine
    return _("SQLite {version} · {system} · {processor}, {cores} cores, {memory}").format(
        version=row.sqlite_version or NONE,
        system=machine.system,
        processor=machine.processor,
        cores=number(machine.cores),
        memory=size(machine.memory_bytes),
    )


def figure_words(name: str) -> str:
    """Return the name of a figure that is compared."""
    words = {
        "throughput": _("Operations a second"),
        "min_ms": _("Shortest"),
        "mean_ms": _("Mean"),
        "p50_ms": _("p50"),
        "p95_ms": _("p95"),
        "p99_ms": _("p99"),
        "max_ms": _("Longest"),
        "errors": _("Errors"),
    }
    return words.get(name, name)


def value_words(value: float, unit: str) -> str:
    """Return a figure with its unit."""
    if unit == "ms":
        return milliseconds(float(value))
    return per_second(float(value)) if unit == "/s" else number(round(value))


def change_badge(change: Change) -> Badge:
    """Return whether the second run is better in a figure."""
    if change.ratio is None:
        words = NONE
    else:
        share = round(100 * (change.ratio - 1))
        sign = "+" if share > 0 else "−" if share < 0 else "±"
        words = _("{sign}{share} %").format(sign=sign, share=number(abs(share)))
    if change.within:
        told = _("{change}, within what repeats vary").format(change=words)
        return Badge(told, "circle", Tone.QUIET)
    if change.better is None:
        return Badge(words, "circle", Tone.QUIET)
    if change.better:
        return Badge(_("{change}, better").format(change=words), "check-bold", Tone.SUCCESS)
    return Badge(_("{change}, worse").format(change=words), "warning", Tone.WARNING)


def newest_profiles(rows: Sequence[BenchmarkRow]) -> list[BenchmarkRow]:
    """Return the runs of the newest comparison of profiles, in the order they were run.

    Args:
        rows: All, the newest first.
    """
    found: list[BenchmarkRow] = []
    labels: set[str] = set()
    for row in rows:
        if not row.label:
            if found:
                break
            continue
        if row.label in labels or (found and _asked(row) != _asked(found[0])):
            break
        labels.add(row.label)
        found.append(row)
    return [row for row in reversed(found) if row.result is not None]


def _asked(row: BenchmarkRow) -> BenchmarkSettings:
    """Return the settings without those in which profiles differ."""
    usual = BenchmarkSettings()
    return row.settings.model_copy(
        update={
            "journal_mode": usual.journal_mode,
            "synchronous": usual.synchronous,
            "cache_kib": usual.cache_kib,
        }
    )
