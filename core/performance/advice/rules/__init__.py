"""A rule each, or a family of them: functions of facts alone, which yield findings."""

from collections.abc import Callable, Iterator

from core.performance.advice.facts import Facts
from core.performance.advice.finding import Finding
from core.performance.advice.rules import (
    damage,
    files,
    indexes,
    measured,
    pages,
    rows,
    statements,
    statistics,
)
from core.performance.advice.schemas import Weight

RULES: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
    damage.unread,
    damage.checked,
    rows.violations,
    statements.missing,
    indexes.missing_for_keys,
    files.freelist,
    files.log,
    files.journal_mode,
    statistics.analyze,
    indexes.redundant,
    statements.unused,
    pages.auto_vacuum,
    pages.page_size,
    measured.cache_size,
    rows.without_key,
)
_WEIGHTS = tuple(Weight)
_MOST = 200


def findings(facts: Facts) -> tuple[Finding, ...]:
    """Return what all rules find, the weightiest first, each change once; blocks."""
    found = dict[tuple[object, ...], Finding]()
    for rule in RULES:
        for one in rule(facts):
            # The same by its change: an index may be missing for more than one reason.
            same = tuple(str(each.as_json()) for each in one.changes) or (one.told.key,)
            found.setdefault(same, one)
    ordered = sorted(found.values(), key=lambda one: _WEIGHTS.index(one.told.weight))
    return tuple(ordered[:_MOST])
