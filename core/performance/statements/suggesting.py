"""Finds an index that would spare SQLite reading a whole table, or sorting.

Candidates come from the conditions and the order of the statement; only one that SQLite really
takes, on an empty copy of the schema, is suggested.
"""

import itertools
from collections.abc import Collection, Iterator, Sequence

from core.database.monitor.tokens import numbered_by_place
from core.database.quoting import quoted
from core.performance.statements.lines import Access, Line
from core.performance.statements.reading import MOST_CHARACTERS, Reading, Wish, wishes
from core.performance.statements.schemas import Suggestion
from core.performance.statements.trial import Trial, index_columns

_MOST_COLUMNS = 4
_MOST_TRIED = 8
_MOST_LINES = 60
_LONGEST_NAME = 200
_WHOLE = (Access.WHOLE_TABLE, Access.AUTOMATIC_INDEX)
_WHOLE_INDEX = (Access.WHOLE_INDEX, Access.WHOLE_COVERING_INDEX)

_Columns = tuple[tuple[str, bool], ...]


def suggestion(
    sql: str, lines: Sequence[Line], reading: Reading, trial: Trial
) -> Suggestion | None:
    """Return the index that helps most; None where none does. Blocks.

    Args:
        sql: With ``?`` for its parameters.
        lines: Its plan.
    """
    if not trial.whole or len(sql) > MOST_CHARACTERS or len(lines) > _MOST_LINES:
        return None
    _sql, parameters = numbered_by_place(sql)
    before = trial.lines(sql, parameters)
    if _ways(before) != _ways(lines):
        return None  # without its values, or its extension, it is not the same
    best, found = _cost(before), None
    for table, columns in itertools.islice(_candidates(before, reading, trial), _MOST_TRIED):
        after = trial.lines_with(table, columns, sql, parameters)
        if after and _cost(after) < best:
            best = _cost(after)
            found = _suggested(table, columns, trial, best[0] < _cost(before)[0])
    return found


def free_name(taken: Collection[str], *parts: str) -> str:
    """Return a name for a new index; those that are taken are in lower case."""
    name = "_".join(("ix", *parts))[:_LONGEST_NAME]
    numbered = (f"{name}_{number}" for number in itertools.count(2))
    return next(each for each in itertools.chain([name], numbered) if each.lower() not in taken)


def _ways(lines: Sequence[Line]) -> list[tuple[Access, str, str]]:
    return [(line.access, line.name, line.index) for line in lines]


def _cost(lines: Sequence[Line]) -> tuple[int, int]:
    """Return how often all rows of something are read, then how often rows are sorted."""
    whole = sum(line.access in _WHOLE or line.access in _WHOLE_INDEX for line in lines)
    return whole, sum(line.access is Access.SORT for line in lines)


def _candidates(
    before: Sequence[Line], reading: Reading, trial: Trial
) -> Iterator[tuple[str, _Columns]]:
    """Yield indexes to try, the likeliest first: of tables that are read whole, then of others.

    Those matter as well: SQLite may begin with another table once it can search that.
    """
    seen = set[tuple[str, _Columns]]()
    for line in sorted(before, key=lambda line: line.access not in _WHOLE):
        table = reading.names.get(line.name.lower(), "")
        for wish in wishes(reading, line.name, trial.columns(table)) if table else ():
            for columns in _of_wish(wish):
                if columns and (table, columns) not in seen:
                    seen.add((table, columns))
                    yield table, columns


def _of_wish(wish: Wish) -> Iterator[_Columns]:
    equal = tuple((name, False) for name in wish.equal)
    joined = tuple((name, False) for name in wish.joined)
    ranges = tuple((name, False) for name in wish.ranges[:1])
    order = _one_direction(wish.order)
    if order:
        yield _cut((*equal, *(term for term in order if term[0] not in wish.equal)))
    yield _cut((*equal, *ranges))
    yield _cut((*joined, *equal, *ranges))


def _one_direction(order: _Columns) -> _Columns:
    """Return an order so that it can be read from either end, plainly where that is enough."""
    if len({down for _name, down in order}) == 1:
        return tuple((name, False) for name, _down in order)
    return order


def _cut(columns: _Columns) -> _Columns:
    return columns[:_MOST_COLUMNS]


def _suggested(table: str, columns: _Columns, trial: Trial, spares_reading: bool) -> Suggestion:
    name = free_name(trial.taken, table, *(name for name, _down in columns))
    return Suggestion(
        table=table,
        name=name,
        columns=", ".join(f"{name} DESC" if down else name for name, down in columns),
        sql=f"CREATE INDEX {quoted(name)} ON {index_columns(table, columns)}",
        terms=columns,
        spares_reading=spares_reading,
    )
