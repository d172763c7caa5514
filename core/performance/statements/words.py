"""Lines of a plan in whole sentences."""

import re

from core.performance.statements.facts import Facts, Rows
from core.performance.statements.lines import Access, Line
from core.performance.statements.schemas import PlanVerdict
from core.translation import _, ngettext

_VERDICTS = {
    Access.WHOLE_TABLE: PlanVerdict.FULL_SCAN,
    Access.AUTOMATIC_INDEX: PlanVerdict.FULL_SCAN,
    Access.RIGHT_JOIN: PlanVerdict.FULL_SCAN,
    Access.WHOLE_INDEX: PlanVerdict.INDEX,
    Access.WHOLE_COVERING_INDEX: PlanVerdict.COVERING_INDEX,
    Access.INDEX: PlanVerdict.INDEX,
    Access.COVERING_INDEX: PlanVerdict.COVERING_INDEX,
    Access.PRIMARY_KEY: PlanVerdict.PRIMARY_KEY,
    Access.ONE_END: PlanVerdict.PRIMARY_KEY,
    Access.SORT: PlanVerdict.SORT,
}

_OF_TABLES = (Access.WHOLE_TABLE, Access.RIGHT_JOIN, Access.AUTOMATIC_INDEX)
_WHOLE_INDEXES = (Access.WHOLE_INDEX, Access.WHOLE_COVERING_INDEX)
_COMPARISON = re.compile(r"(?:=|>=?|<=?)\?")


def verdict(line: Line, table: str) -> PlanVerdict:
    """Return the verdict of a line; going through an intermediate result is none.

    Args:
        table: The table that the name in the line stands for; empty where it is none.
    """
    if line.access in _OF_TABLES and not table:
        return PlanVerdict.OTHER
    return _VERDICTS.get(line.access, PlanVerdict.OTHER)


def sentence(line: Line, detail: str, table: str, facts: Facts) -> str:
    """Return what a line means."""
    rows = facts.rows.get(table.lower())
    name = table or line.name
    if line.access is Access.WHOLE_TABLE:
        return whole_table(table, rows) if table else _result(line.name)
    if line.access is Access.VIRTUAL:
        return _virtual(line, name, facts)
    if line.access is Access.SORT:
        return _sorting(line.purpose)
    if line.access in _WHOLE_INDEXES and facts.is_partial(line.index):
        return _("Reads the rows of {table} that are in the partial index {index}.").format(
            table=name, index=line.index
        )
    text = _texts(line).get(line.access) or _of_part(detail)
    return text.format(
        table=name,
        index=line.index,
        columns=_columns(line),
        detail=detail,
    )


def whole_table(table: str, rows: Rows | None) -> str:
    """Return that a table is read from end to end, and how many rows that is."""
    if rows is None:
        return _("Reads the whole table {table}.").format(table=table)
    if not rows.count:
        return _("Reads the whole table {table}, which is empty.").format(table=table)
    text = (
        ngettext(
            "Reads the whole table {table} (about {rows} row).",
            "Reads the whole table {table} (about {rows} rows).",
            rows.count,
        )
        if rows.analysed
        else ngettext(
            "Reads the whole table {table} (up to {rows} row).",
            "Reads the whole table {table} (up to {rows} rows).",
            rows.count,
        )
    )
    return text.format(table=table, rows=f"{rows.count:,}")


def _of_part(detail: str) -> str:
    """Return what a line means that only says how a statement is put together."""
    for pattern, words in _parts():
        if re.match(pattern, detail):
            return words
    return _("SQLite calls this step “{detail}”.")


def _parts() -> tuple[tuple[str, str], ...]:
    return (
        (r"CORRELATED (SCALAR|LIST) SUBQUERY", _("Runs this subquery for each row anew.")),
        (r"(SCALAR|LIST) SUBQUERY", _("Runs this subquery once.")),
        (r"REUSE (SCALAR|LIST) SUBQUERY", _("Takes what the subquery gave before.")),
        (r"COMPOUND QUERY|MERGE \(", _("Puts the rows of several queries together.")),
        (r"LEFT-MOST SUBQUERY|LEFT$", _("The first of these queries.")),
        (r"UNION ALL", _("The next of these queries, with all its rows.")),
        (r"RIGHT$", _("The next of these queries.")),
        (
            r"(UNION|EXCEPT|INTERSECT) USING TEMP B-TREE",
            _("The next of these queries; its rows are compared with those before."),
        ),
        (r"MULTI-INDEX OR", _("Looks up each side of OR by itself.")),
        (r"INDEX \d+", _("One side of OR.")),
        (r"SETUP", _("Where the recursion begins.")),
        (r"RECURSIVE STEP", _("Runs for each row that the step before gave.")),
        (r"BLOOM FILTER", _("Leaves rows out early that have no partner.")),
        (r"USING .* FOR IN-OPERATOR", _("Looks up the values of IN by an index.")),
    )


def _result(name: str) -> str:
    if name.startswith("("):
        return _("Goes through all rows of an intermediate result.")
    return _("Goes through all rows of the intermediate result {name}.").format(name=name)


def _virtual(line: Line, name: str, facts: Facts) -> str:
    entry = facts.table(name)
    if entry is not None and "fts5" in entry.sql[:200].lower() and line.index.endswith(":"):
        return _("Reads the whole full-text table {table}; only MATCH uses its index.").format(
            table=name
        )
    if entry is None:
        return _("Takes rows from the function {table}.").format(table=name)
    return _("Asks the virtual table {table}, which finds rows in its own way.").format(
        table=name
    )


def _sorting(purpose: str) -> str:
    last = purpose.startswith("LAST")
    if purpose.endswith("ORDER BY"):
        if last:
            return _("Sorts rows for a part of ORDER BY; an index gives the rest of the order.")
        return _("Sorts the rows for ORDER BY.")
    if purpose.endswith("GROUP BY"):
        return _("Sorts the rows for GROUP BY.")
    if purpose == "DISTINCT":
        return _("Collects the rows to find those that are alike, for DISTINCT.")
    return _("Collects rows in a temporary index, for {purpose}.").format(purpose=purpose)


def _columns(line: Line) -> str:
    terms = line.terms.replace(" AND ", ", ")
    return _COMPARISON.sub("", terms) if line.access is Access.AUTOMATIC_INDEX else terms


def _texts(line: Line) -> dict[Access, str]:
    by_index = (
        _("Finds rows of {table} by the index {index} ({columns}).")
        if line.terms
        else _("Takes rows of {table} from one end of the index {index}.")
    )
    return {
        Access.INDEX: by_index,
        Access.COVERING_INDEX: _(
            "Finds rows of {table} in the index {index} alone ({columns})."
        )
        if line.terms
        else by_index,
        Access.PRIMARY_KEY: _("Finds rows of {table} by its primary key ({columns})."),
        Access.ONE_END: _("Takes rows from one end of {table}."),
        Access.WHOLE_INDEX: _("Reads all rows of {table} in the order of the index {index}."),
        Access.WHOLE_COVERING_INDEX: _(
            "Reads the whole index {index} in the place of the table {table}."
        ),
        Access.AUTOMATIC_INDEX: _(
            "Builds an index on {table} ({columns}) for each run anew, from all its rows."
        ),
        Access.RIGHT_JOIN: _("Reads the whole of {table} again, for rows without a partner."),
        Access.RESULT: _("Makes the intermediate result {table}."),
        Access.VALUES: _("Takes its rows from the statement itself."),
    }
