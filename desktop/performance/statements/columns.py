"""The columns of the statements and of the runs that were slow."""

from core.performance.statements.schemas import SlowStatement, StatementKind, StatementRow
from core.translation import _
from desktop.figures import ago, brief, exact, number
from desktop.performance.words import NONE, milliseconds, verdict_badge
from desktop.widgets.paged_table import Column

_LONGEST_TIP = 2000


def statement_columns() -> tuple[Column[StatementRow], ...]:
    """Return the columns of all statements."""
    return (*_main_columns(), *_further_columns())


def slow_columns() -> tuple[Column[SlowStatement], ...]:
    """Return the columns of the runs that were slow."""
    return (
        Column("at", _("When"), lambda row: brief(row.at), muted=True, width=120,
            tip=lambda row: exact(row.at), value=lambda row: row.at),
        Column("duration", _("Time"), lambda row: milliseconds(row.duration_ms), right=True,
            width=78, value=lambda row: row.duration_ms),
        Column("rows", _("Rows"), lambda row: number(row.rows), right=True, width=70,
            value=lambda row: row.rows),
        Column("caller", _("Asked for by"), lambda row: _place(row) or NONE, width=0,
            tip=lambda row: row.caller),
        Column("types", _("Types of its values"), _types, width=120, mono=True,
            tip=lambda row: _types(row)[:_LONGEST_TIP],
            value=lambda row: list(row.parameter_types)),
    )  # fmt: skip


def _place(row: SlowStatement) -> str:
    """Return who asked without where that lies, which is in the tip."""
    return ".".join(row.caller.split(".")[-2:])


def sort_key(field: str, row: StatementRow) -> tuple[bool, float | str]:
    """Return by what a statement is sorted in a column."""
    if field == "text":
        return (False, row.text.casefold())
    if field == "last_at":
        return (False, row.last_at.timestamp())
    if field == "verdict":
        return (row.verdict is None, row.verdict.value if row.verdict else "")
    return (False, float(getattr(row, field)))


def kind_words(kind: StatementKind) -> str:
    """Return whether a statement reads or writes."""
    return {
        StatementKind.READ: _("Reads"),
        StatementKind.WRITE: _("Writes"),
        StatementKind.OTHER: _("Other"),
    }[kind]


def _main_columns() -> tuple[Column[StatementRow], ...]:
    return (
        Column("statement", _("Statement"), lambda row: row.text, mono=True, width=250,
            tip=lambda row: row.text[:_LONGEST_TIP], sort="text", fixed=True),
        Column("total", _("Total"), lambda row: milliseconds(row.total_ms), right=True,
            width=80, value=lambda row: row.total_ms, sort="total_ms"),
        Column("count", _("Calls"), lambda row: number(row.count), right=True, width=74,
            value=lambda row: row.count, sort="count"),
        Column("p95", _("p95"), lambda row: milliseconds(row.p95_ms), right=True, width=80,
            value=lambda row: row.p95_ms, sort="p95_ms"),
        Column("plan", _("Plan"), _plan, width=146, sort="verdict",
            badge=lambda row: verdict_badge(row.verdict), tip=lambda row: row.plan_words,
            value=lambda row: row.verdict.value if row.verdict else None),
    )  # fmt: skip


def _further_columns() -> tuple[Column[StatementRow], ...]:
    return (
        Column("kind", _("Kind"), lambda row: kind_words(row.kind), width=80, shown=False,
            value=lambda row: row.kind.value),
        _time("mean", _("Mean"), "mean_ms"),
        _time("p50", _("p50"), "p50_ms"),
        _time("p99", _("p99"), "p99_ms"),
        _time("max", _("Longest"), "max_ms"),
        Column("rows", _("Rows"), lambda row: number(row.rows), right=True, width=84,
            value=lambda row: row.rows, sort="rows", shown=False),
        Column("errors", _("Errors"), lambda row: number(row.errors), right=True, width=74,
            value=lambda row: row.errors, sort="errors", shown=False),
        Column("last_at", _("Last run"), lambda row: ago(row.last_at), muted=True, width=120,
            tip=lambda row: exact(row.last_at), value=lambda row: row.last_at, sort="last_at",
            shown=False),
    )  # fmt: skip


def _time(name: str, words: str, field: str) -> Column[StatementRow]:
    def value(row: StatementRow) -> float:
        return float(getattr(row, field))

    return Column(name, words, lambda row: milliseconds(value(row)), right=True, width=80,
        value=value, sort=field, shown=False)  # fmt: skip


def _plan(row: StatementRow) -> str:
    badge = verdict_badge(row.verdict)
    return badge.word if badge else NONE


def _types(row: SlowStatement) -> str:
    return ", ".join(row.parameter_types) or NONE
