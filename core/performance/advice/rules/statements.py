"""Indexes that the statements of this process ask for, and those that they never use."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from core.database.monitor import StatementFigures
from core.database.monitor.tokens import numbered_by_place
from core.performance.advice.facts import Facts, IndexFacts
from core.performance.advice.finding import (
    Finding,
    Words,
    drop_of,
    figure,
    of_changes,
    refusal,
)
from core.performance.advice.schemas import AdviceKind, Figure, Weight
from core.performance.changes import CreateIndex
from core.performance.statements.lines import Line, parse
from core.performance.statements.reading import Reading, read
from core.performance.statements.schemas import Suggestion
from core.performance.statements.suggesting import suggestion
from core.performance.statements.trial import Trial, trial_of
from core.sizes import size_words
from core.translation import _

# A search takes less than a millisecond. What takes five in the mean reads a lot, and below
# half a second in all nobody waited for it.
COSTLY_MEAN_S, COSTLY_TOTAL_S = 0.005, 0.5
HIGH_TOTAL_S = 10.0
INDEX_ROWS = 1_000
_MOST_TRIED = 20
_MOST_PLAN = 6

# A working day tells what a workspace usually runs; a table that few statements read may
# simply not have been looked at.
UNUSED_AFTER = timedelta(hours=24)
UNUSED_STATEMENTS, UNUSED_RUNS = 5, 1_000


def missing(facts: Facts) -> Iterator[Finding]:
    """Find indexes that would spare costly statements reading or sorting; blocks."""
    costly = [
        one
        for one in facts.statements
        if one.fingerprint.plannable
        and one.count
        and one.total_s >= COSTLY_TOTAL_S
        and one.total_s / one.count >= COSTLY_MEAN_S
    ]
    if not costly:
        return
    entries = facts.schema.entries.items()
    views = {name: entry.sql for name, entry in entries if entry.kind == "view"}
    found = dict[tuple[str, tuple[tuple[str, bool], ...]], Finding]()
    with trial_of(facts.schema) as trial:
        for one in costly[:_MOST_TRIED]:
            reading = read(one.fingerprint.plannable, views)
            best = _tried(one, reading, trial)
            if best is None or facts.count(best.table).rows < INDEX_ROWS:
                continue
            key = (best.table.lower(), best.terms)
            if key not in found:
                found[key] = _finding(facts, one, best, trial)
    yield from found.values()


def _tried(one: StatementFigures, reading: Reading, trial: Trial) -> Suggestion | None:
    sql = one.fingerprint.plannable
    return suggestion(sql, _lines(one, trial), reading, trial)


def _lines(one: StatementFigures, trial: Trial) -> Sequence[Line]:
    """Return the plan as it was asked for with values, or else without."""
    if one.plan is not None:
        return tuple(parse(line.detail) for line in one.plan)
    asked, parameters = numbered_by_place(one.fingerprint.plannable)
    return trial.lines(asked, parameters)


def _finding(facts: Facts, one: StatementFigures, best: Suggestion, trial: Trial) -> Finding:
    asked, parameters = numbered_by_place(one.fingerprint.plannable)
    before = trial.details(asked, parameters)
    after = trial.details_with(best.table, best.terms, asked, parameters, best.name)
    figures = (
        figure(_("Statement"), one.fingerprint.text[:300]),
        figure(_("Runs"), one.count),
        figure(_("Mean time"), _ms(one.total_s / one.count)),
        figure(_("Time in all"), _("{count} s").format(count=f"{one.total_s:.1f}")),
        figure(_("Rows of “{table}”").format(table=best.table), _rows(facts, best.table)),
        figure(_("Plan now"), "; ".join(before[:_MOST_PLAN])),
        figure(_("Plan with it"), "; ".join(after[:_MOST_PLAN])),
    )
    weight = Weight.HIGH if one.total_s >= HIGH_TOTAL_S else Weight.MEDIUM
    return suggested(best, figures, refusal(facts), weight)


def suggested(
    index: Suggestion,
    figures: tuple[Figure, ...] = (),
    why_not: str = "",
    weight: Weight = Weight.MEDIUM,
) -> Finding:
    """Return what makes an index that the plan of a statement suggests."""
    change = CreateIndex(
        table=index.table,
        name=index.name,
        terms=[(name, down, "") for name, down in index.terms],
    )
    title = _("Make an index on {table} ({columns})")
    words = Words(
        title=title.format(table=index.table, columns=index.columns),
        reason=_reason(index),
        figures=figures,
        why_not=why_not,
        weight=weight,
    )
    kind = AdviceKind.MISSING_INDEX
    return of_changes(kind, words, (change,), (change.inverse,), (index.table,))


def _reason(best: Suggestion) -> str:
    if best.spares_reading:
        return _(
            "A statement reads all of “{table}” each time it runs. Tried on a copy of the"
            " schema, SQLite takes this index instead. Writing to the table becomes a little"
            " slower by it."
        ).format(table=best.table)
    return _(
        "A statement sorts rows of “{table}” each time it runs. Tried on a copy of the schema,"
        " SQLite takes this index, in which they are in order. Writing to the table becomes a"
        " little slower by it."
    ).format(table=best.table)


def _ms(seconds: float) -> str:
    return _("{count} ms").format(count=f"{seconds * 1000:.1f}")


def _rows(facts: Facts, table: str) -> str:
    count = facts.count(table)
    words = _("more than {count}") if count.more else "{count}"
    return words.format(count=f"{count.rows:,}")


def unused(facts: Facts) -> Iterator[Finding]:
    """Find indexes that no statement used for long, although many read their tables.

    A file of another program is never judged: what that runs is not seen here.
    """
    if not facts.managed or not facts.whole or facts.since is None:
        return
    if facts.now - facts.since < UNUSED_AFTER:
        return
    judged = [
        index
        for index in facts.indexes
        if index.plain and index.name.lower() not in facts.own_indexes
        if not _supports_key(facts, index)
    ]
    if not judged:
        return
    known = [one for one in facts.statements if one.fingerprint.plannable]
    with trial_of(facts.schema) as trial:
        plans = [_plan(one, trial) for one in known]
    views = [each.name for each in facts.schema.entries.values() if each.kind == "view"]
    for index in judged:
        readers = [one for one in known if _names(one, index.table)]
        unknown = [
            one
            for one, plan in zip(known, plans, strict=True)
            if plan is None and any(_names(one, name) for name in (index.table, *views))
        ]
        used = any(index.name.lower() in line.lower() for plan in plans for line in plan or ())
        runs = sum(one.count for one in readers)
        enough = len(readers) >= UNUSED_STATEMENTS and runs >= UNUSED_RUNS
        if enough and not unknown and not used:
            yield _unused(facts, index, len(readers), runs)


def _supports_key(facts: Facts, index: IndexFacts) -> bool:
    for key in facts.keys:
        if key.table.lower() == index.table.lower():
            wanted = {name.lower() for name in key.columns}
            first = {(term.column or "").lower() for term in index.terms[: len(wanted)]}
            if first == wanted:
                return True
    return False


def _names(one: StatementFigures, table: str) -> bool:
    name = rf"(?<!\w){re.escape(table)}(?!\w)"
    return re.search(name, one.fingerprint.plannable, re.IGNORECASE) is not None


def _plan(one: StatementFigures, trial: Trial) -> Sequence[str] | None:
    """Return the plan as it was asked for, else as it is tried; None where that fails, too.

    Of what ran only once it was not asked for.
    """
    if one.plan is not None:
        return [line.detail for line in one.plan]
    return trial.details(*numbered_by_place(one.fingerprint.plannable)) or None


def _unused(facts: Facts, index: IndexFacts, statements: int, runs: int) -> Finding:
    assert facts.since is not None
    drop = drop_of(facts, index)
    hours = (facts.now - facts.since).total_seconds() / 3600
    figures = [
        figure(_("Statements that name “{table}”").format(table=index.table), statements),
        figure(_("Runs of them"), runs),
        figure(_("Watched"), _("{count} hours").format(count=f"{hours:.0f}")),
    ]
    if taken := facts.bytes_of(index.name):
        figures.append(figure(_("Size"), size_words(taken)))
    words = Words(
        title=_("Drop the unused index “{index}”").format(index=index.name),
        reason=_(
            "None of the statements that this window ran used it, while each change of a row"
            " of “{table}” is written into it. What other programs ask is not seen here."
        ).format(table=index.table),
        figures=tuple(figures),
        why_not=refusal(facts),
        weight=Weight.LOW,
    )
    tables = (index.table, index.name)
    return of_changes(AdviceKind.UNUSED_INDEX, words, (drop,), (drop.inverse,), tables)
