"""Plans of statements, explained; and which index would help, where SQLite would take it."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from core.database.monitor.figures import PlanLine
from core.database.monitor.tokens import asking_for_plan, numbered_by_place
from core.performance.statements import words
from core.performance.statements.facts import Facts, count_rows, facts_of
from core.performance.statements.lines import Access, Line, parse
from core.performance.statements.reading import Reading, read
from core.performance.statements.repeats import outer, visited
from core.performance.statements.schemas import Plan, PlanStep, PlanVerdict, Suggestion
from core.performance.statements.suggesting import suggestion
from core.performance.statements.trial import Trial, trial_of
from core.translation import _

# Below so many rows reading all of them takes no longer than a search.
FEW_ROWS = 1_000
_MOST_SENTENCES = 3
_DELETES = re.compile(r"\s*DELETE\b", re.IGNORECASE)
_SCAN = PlanVerdict.FULL_SCAN
_WORST_FIRST = (
    PlanVerdict.FULL_SCAN,
    PlanVerdict.SORT,
    PlanVerdict.INDEX,
    PlanVerdict.COVERING_INDEX,
    PlanVerdict.PRIMARY_KEY,
    PlanVerdict.OTHER,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement with the plan that SQLite made of it."""

    sql: str
    lines: tuple[PlanLine, ...]


async def explain(session: AsyncSession, sql: str) -> Plan:
    """Explain a statement of our own; what others wrote is explained by the service.

    Args:
        session: One that reads.
        sql: Begins with SELECT, INSERT or the like; parameters count as NULL.

    Raises:
        DBAPIError: It is none that this database understands.
    """
    # EXPLAIN does not notice that the schema has changed; reading anything does.
    facts = await facts_of(session)
    asked, parameters = numbered_by_place(sql)
    connection = await session.connection()
    rows = await connection.exec_driver_sql(asking_for_plan(asked), (None,) * parameters)
    lines = tuple(PlanLine(row["id"], row["parent"], row["detail"]) for row in rows.mappings())
    (plan,) = await _described(session, [Asked(asked, lines)], facts)
    return plan


async def described(session: AsyncSession, asked: Sequence[Asked]) -> tuple[Plan, ...]:
    """Explain plans in words; the database is asked for what is known of its tables.

    Raises:
        DBAPIError: The schema cannot be read.
    """
    return await _described(session, asked, await facts_of(session)) if asked else ()


async def _described(
    session: AsyncSession, asked: Sequence[Asked], facts: Facts
) -> tuple[Plan, ...]:
    readings = await asyncio.to_thread(_read_all, asked, facts)
    scanned = {
        table
        for each, reading in zip(asked, readings, strict=True)
        for line in map(parse, (line.detail for line in each.lines))
        if (table := _table(line, reading, facts)) and words.verdict(line, table) is _SCAN
    }
    await count_rows(session, facts, scanned)
    return await asyncio.to_thread(_describe_all, asked, readings, facts)


def _read_all(asked: Iterable[Asked], facts: Facts) -> list[Reading]:
    views = {name: entry.sql for name, entry in facts.entries.items() if entry.kind == "view"}
    return [
        read(each.sql, views) if _must_be_read(each, facts) else Reading() for each in asked
    ]


def _must_be_read(asked: Asked, facts: Facts) -> bool:
    """Tell whether more than the plan is needed: reading takes longer than all the rest."""
    for line in map(parse, (line.detail for line in asked.lines)):
        if line.access in (Access.SORT, Access.WHOLE_TABLE, Access.AUTOMATIC_INDEX):
            return True
        another = re.search(rf"\bAS\W+{re.escape(line.name)}\b", asked.sql, re.IGNORECASE)
        if line.name and (facts.table(line.name) is None or another):
            return True
    return False


def _describe_all(
    asked: Sequence[Asked], readings: Sequence[Reading], facts: Facts
) -> tuple[Plan, ...]:
    with trial_of(facts) as trial:
        return tuple(
            _describe(each, reading, facts, trial)
            for each, reading in zip(asked, readings, strict=True)
        )


def _describe(asked: Asked, reading: Reading, facts: Facts, trial: Trial) -> Plan:
    found = [(line, parse(line.detail)) for line in asked.lines]
    steps = tuple(
        _step(line, parsed, _table(parsed, reading, facts), facts) for line, parsed in found
    )
    worst = min((step.verdict for step in steps), key=_WORST_FIRST.index, default=None)
    if worst is None:
        return Plan(PlanVerdict.OTHER, _without_steps(asked.sql), ())
    plan = Plan(worst, _summary(steps, worst), steps)
    if worst not in (PlanVerdict.FULL_SCAN, PlanVerdict.SORT):
        return plan
    whole = [step for step in steps if step.verdict is PlanVerdict.FULL_SCAN]
    if whole and all(visited(step, steps) < FEW_ROWS for step in whole):
        return replace(plan, words=_("{words} That is quick.").format(words=plan.words))
    found_index = suggestion(asked.sql, [parsed for _line, parsed in found], reading, trial)
    return _with_suggestion(plan, found_index) if found_index else plan


def _with_suggestion(plan: Plan, found: Suggestion) -> Plan:
    text = (
        _("{words} An index on {table} ({columns}) would avoid reading {table} whole.")
        if found.spares_reading
        else _("{words} An index on {table} ({columns}) would save the sorting.")
    )
    told = text.format(words=plan.words, table=found.table, columns=found.columns)
    return replace(plan, words=told, suggestion=found)


def _step(line: PlanLine, parsed: Line, table: str, facts: Facts) -> PlanStep:
    rows = facts.rows.get(table.lower()) if table else None
    return PlanStep(
        id=line.id,
        parent=line.parent,
        detail=line.detail,
        words=words.sentence(parsed, line.detail, table, facts),
        verdict=words.verdict(parsed, table),
        table=table,
        rows=rows.count if rows else None,
    )


def _table(line: Line, reading: Reading, facts: Facts) -> str:
    """Return the table that a name in a plan stands for; empty where it is none."""
    if not line.name or line.access is Access.RESULT:
        return ""
    name = reading.names.get(line.name.lower(), "" if reading.tree else line.name)
    entry = facts.table(name or line.name) if name or not reading.tree else None
    return entry.name if entry is not None else ""


def _summary(steps: Sequence[PlanStep], worst: PlanVerdict) -> str:
    """Return what matters: all that is of the worst kind, or else how rows are found."""
    telling = [step.words for step in steps if step.verdict is worst]
    if worst is PlanVerdict.FULL_SCAN:
        telling += _repeated(steps)
        telling += [step.words for step in steps if step.verdict is PlanVerdict.SORT]
    return " ".join(list(dict.fromkeys(telling))[:_MOST_SENTENCES])


def _repeated(steps: Sequence[PlanStep]) -> list[str]:
    """Return that a table is read for each row of another, where nothing joins the two."""
    told = []
    for step in steps:
        around = outer(step, steps) if step.verdict is PlanVerdict.FULL_SCAN else None
        if around is not None:
            text = (
                _("{table} is read anew for each row of {outer}.")
                if around.detail.startswith("SCAN ")
                else _("{table} is read anew for each row that is found of {outer}.")
            )
            told.append(text.format(table=step.table, outer=around.table))
    return told


def _without_steps(sql: str) -> str:
    if _DELETES.match(sql):
        return _("Removes all rows at once, without looking at any.")
    return _("Needs no rows to be found.")
