"""Indexes that foreign keys need, and those that others make needless."""

from collections.abc import Iterator

from core.performance.advice.facts import Facts, IndexFacts, KeyFacts, TableFacts
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
from core.performance.statements.suggesting import free_name
from core.sizes import size_words
from core.translation import _

# Reading so many rows takes about a millisecond; below that an index only costs.
KEY_ROWS = 10_000
# Each row of the parent that goes or is looked up reads the whole table, some 10 ms.
MANY_KEY_ROWS = 100_000


def missing_for_keys(facts: Facts) -> Iterator[Finding]:
    """Find foreign keys of large tables that no index begins with."""
    seen = set[tuple[str, tuple[str, ...]]]()
    for key in facts.keys:
        table = facts.table(key.table)
        wanted = (key.table.lower(), tuple(name.lower() for name in key.columns))
        if table is None or wanted in seen or not key.columns:
            continue
        seen.add(wanted)
        if facts.count(key.table).rows >= KEY_ROWS and not _is_supported(facts, table, key):
            yield _missing(facts, key)


def redundant(facts: Facts) -> Iterator[Finding]:
    """Find indexes that are the beginning of another one, or the same once more."""
    for one in facts.indexes:
        if not one.plain or one.name.lower() in facts.own_indexes:
            continue
        for other in facts.indexes_of(one.table):
            if other.name != one.name and _covers(other, one):
                yield _redundant(facts, one, other)
                break


def _is_supported(facts: Facts, table: TableFacts, key: KeyFacts) -> bool:
    """Tell whether an index of all rows begins with the columns, in whatever order."""
    wanted = {name.lower() for name in key.columns}
    if wanted == {table.rowid_column.lower()}:
        return True
    for index in facts.indexes_of(key.table):
        first = {(term.column or "").lower() for term in index.terms[: len(wanted)]}
        if not index.partial and first == wanted:
            return True
    return False


def _missing(facts: Facts, key: KeyFacts) -> Finding:
    count = facts.count(key.table)
    taken = {one.name.lower() for one in facts.indexes} | set(facts.schema.entries)
    change = CreateIndex(
        table=key.table,
        name=free_name(taken, key.table, *key.columns),
        terms=[(name, False, "") for name in key.columns],
    )
    words = Words(
        title=_("Make an index for the foreign key {table} ({columns})").format(
            table=key.table, columns=", ".join(key.columns)
        ),
        reason=_(
            "It refers to “{parent}”, and no index begins with these columns. Where foreign"
            " keys are enforced, each row that is deleted from “{parent}”, or whose key"
            " changes, makes SQLite read all of “{table}”; so does looking up what belongs to"
            " such a row."
        ).format(parent=key.parent, table=key.table),
        figures=(_rows_figure(key.table, count.rows, more=count.more),),
        why_not=refusal(facts),
        weight=Weight.HIGH if count.rows >= MANY_KEY_ROWS else Weight.MEDIUM,
    )
    kind = AdviceKind.FOREIGN_KEY_INDEX
    return of_changes(kind, words, (change,), (change.inverse,), (key.table,))


def _rows_figure(table: str, rows: int, *, more: bool) -> Figure:
    name = _("Rows of “{table}”").format(table=table)
    if more:
        return figure(name, _("more than {count}").format(count=f"{rows:,}"))
    return figure(name, rows)


def _covers(other: IndexFacts, one: IndexFacts) -> bool:
    """Tell whether whatever is found by one is found by the other as well."""
    if other.partial or other.terms[: len(one.terms)] != one.terms:
        return False
    if len(other.terms) > len(one.terms) or not other.plain:
        return True
    # Twins: the one with the later name goes, so that one of them stays.
    return other.name < one.name


def _redundant(facts: Facts, one: IndexFacts, other: IndexFacts) -> Finding:
    drop = drop_of(facts, one)
    columns = ", ".join(term.column or "" for term in other.terms)
    figures = [
        figure(_("Columns of “{index}”").format(index=one.name), _columns(one)),
        figure(_("Columns of “{index}”").format(index=other.name), columns),
    ]
    if taken := facts.bytes_of(one.name):
        name = _("Size of “{index}”").format(index=one.name)
        figures.append(figure(name, size_words(taken)))
    words = Words(
        title=_("Drop the needless index “{index}”").format(index=one.name),
        reason=_(
            "The index “{other}” of “{table}” begins with the same columns in the same order,"
            " so it finds all that “{index}” finds. Each change of a row is written into both."
        ).format(other=other.name, table=one.table, index=one.name),
        figures=tuple(figures),
        why_not=refusal(facts),
        weight=Weight.LOW,
    )
    tables = (one.table, one.name)
    return of_changes(AdviceKind.REDUNDANT_INDEX, words, (drop,), (drop.inverse,), tables)


def _columns(index: IndexFacts) -> str:
    return ", ".join(term.column or "" for term in index.terms)
