"""What the planner of SQLite does not know of the tables."""

from collections.abc import Iterator

from core.performance.advice.facts import Facts
from core.performance.advice.finding import (
    Finding,
    Words,
    figure,
    of_task,
    refusal,
)
from core.performance.advice.schemas import AdviceKind, Figure, Weight
from core.performance.maintenance.schemas import Task
from core.translation import _, ngettext

# SQLite supposes a million rows where it knows nothing: a choice between indexes matters
# only where many rows would be read for a wrong one.
TABLE_ROWS = 1_000
GROWN = 10
_MOST_NAMED = 5


def analyze(facts: Facts) -> Iterator[Finding]:
    """Find tables with a choice of indexes that were never analysed, or grew tenfold since."""
    unknown, grown = [], []
    for table in facts.tables:
        if table.shadow or facts.count(table.name).rows < TABLE_ROWS:
            continue
        indexes = [one for one in facts.indexes_of(table.name) if not one.partial]
        then = facts.schema.rows.get(table.name.lower())
        if then is None or not then.analysed:
            # With one way to the rows there is nothing to choose by statistics.
            if len(indexes) >= 2:
                unknown.append(table.name)
        elif indexes and facts.count(table.name).rows >= GROWN * max(then.count, 1):
            grown.append(table.name)
    if unknown or grown:
        yield _finding(facts, unknown, grown)


def _finding(facts: Facts, unknown: list[str], grown: list[str]) -> Finding:
    reasons = []
    if unknown:
        reasons.append(
            ngettext(
                "{count} table with several indexes was never analysed, so SQLite guesses"
                " which of them finds fewer rows.",
                "{count} tables with several indexes were never analysed, so SQLite guesses"
                " which of them finds fewer rows.",
                len(unknown),
            ).format(count=len(unknown))
        )
    if grown:
        reasons.append(
            ngettext(
                "{count} table has ten times as many rows as when it was analysed, or more.",
                "{count} tables have ten times as many rows as when they were analysed, or"
                " more.",
                len(grown),
            ).format(count=len(grown))
        )
    words = Words(
        title=_("Count rows and values with ANALYZE"),
        reason=" ".join(reasons),
        figures=tuple(_figure(facts, name) for name in (*unknown, *grown)[:_MOST_NAMED]),
        why_not=refusal(facts),
        weight=Weight.MEDIUM,
    )
    return of_task(
        AdviceKind.ANALYZE, words, Task.ANALYZE, "ANALYZE", tuple(sorted((*unknown, *grown)))
    )


def _figure(facts: Facts, table: str) -> Figure:
    now, then = facts.count(table), facts.schema.rows.get(table.lower())
    rows = _("more than {count}") if now.more else "{count}"
    told = rows.format(count=f"{now.rows:,}")
    if then is not None and then.analysed:
        told = _("{now}, analysed with {then}").format(now=told, then=f"{then.count:,}")
    return figure(_("Rows of “{table}”").format(table=table), told)
