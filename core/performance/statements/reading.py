"""What a statement asks of each table, read by sqlglot.

That parser knows most of what SQLite takes, not all: where it gives up nothing is known.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.dialects.sqlite import SQLite

MOST_CHARACTERS = 20_000
_MOST_VIEWS = 20
_EQUAL = (exp.EQ, exp.Is, exp.In)
_RANGES = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of one table in one place: columns that an index would begin with.

    Attributes:
        equal: Compared with what does not depend on other tables.
        joined: Compared with columns of other tables.
        ranges: Limited from one side or both.
        order: Ordered by, with whether that is descending; empty where other tables or
            expressions are in it.
    """

    equal: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A statement taken apart.

    Attributes:
        names: For each name that a table goes by in it, in lower case, the table; a name for
            two tables is left out.
    """

    tree: exp.Expr | None = None
    names: Mapping[str, str] = field(default_factory=dict)


def read(sql: str, views: Mapping[str, str]) -> Reading:
    """Take a statement apart.

    Args:
        views: By the names of views in lower case, the statement that made each.
    """
    tree = _parsed(sql)
    if tree is None:
        return Reading()
    names: dict[str, str | None] = {}
    waiting, seen = [tree], set[str]()
    while waiting and len(seen) < _MOST_VIEWS:
        for alias, name in _tables(waiting.pop()):
            if name.lower() in views and name.lower() not in seen:
                seen.add(name.lower())
                waiting.extend(filter(None, [_parsed(views[name.lower()])]))
            known = names.setdefault(alias.lower(), name)
            if known is not None and known.lower() != name.lower():
                names[alias.lower()] = None
    return Reading(tree, {alias: name for alias, name in names.items() if name is not None})


def wishes(reading: Reading, name: str, columns: Mapping[str, str]) -> Iterator[Wish]:
    """Yield what is asked in each place of what goes by a name there.

    Args:
        columns: Those of its table, by their names in lower case.
    """
    if reading.tree is None:
        return
    for table in reading.tree.find_all(exp.Table):
        if table.alias_or_name.lower() == name.lower():
            place = table.find_ancestor(exp.Select, exp.Update, exp.Delete)
            if place is not None:
                yield _wish(place, name.lower(), columns)


def _parsed(sql: str) -> exp.Expr | None:
    if len(sql) > MOST_CHARACTERS:
        return None
    try:
        return sqlglot.parse_one(sql, read=SQLite)
    except Exception:  # the work of others, given what they may not know
        return None


def _tables(tree: exp.Expr) -> Iterator[tuple[str, str]]:
    results = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.name and table.name.lower() not in results:
            yield table.alias_or_name, table.name


def _wish(place: exp.Expr, name: str, columns: Mapping[str, str]) -> Wish:
    found: dict[str, list[str]] = {"equal": [], "joined": [], "ranges": []}
    for condition in _conditions(place):
        side = _own_side(condition, name, columns)
        if side is None:
            continue
        column, rest = side
        own = any(_is_own(other, name, columns) for other in rest)
        if own or column in found["equal"] + found["joined"]:
            continue
        if isinstance(condition, _RANGES):
            found["ranges"].append(column)
        else:
            found["joined" if rest else "equal"].append(column)
    ranges = [each for each in found["ranges"] if each not in found["equal"]]
    return Wish(
        equal=tuple(found["equal"]),
        joined=tuple(found["joined"]),
        ranges=tuple(dict.fromkeys(ranges)),
        order=_order(place, name, columns),
    )


def _conditions(place: exp.Expr) -> Iterator[exp.Expr]:
    """Yield what must hold, all of it, for a row to count."""
    where = place.args.get("where")
    joins = place.args.get("joins") or []
    for whole in [where and where.this, *(join.args.get("on") for join in joins)]:
        if whole is not None:
            bare = whole.unnest()
            yield from bare.flatten() if isinstance(bare, exp.And) else (bare,)


def _own_side(
    condition: exp.Expr, name: str, columns: Mapping[str, str]
) -> tuple[str, list[exp.Column]] | None:
    """Return the column that is compared, and the columns that it is compared with.

    What stands in a query of its own there is no such column: it has tables of its own.
    """
    if not isinstance(condition, (*_EQUAL, *_RANGES)):
        return None
    sides = [condition.this]
    if isinstance(condition, exp.Binary):
        sides.append(condition.expression)
    for side in sides:
        if isinstance(side, exp.Column) and _is_own(side, name, columns):
            others = [
                each
                for each in condition.find_all(exp.Column)
                if each is not side
                and each.find_ancestor(exp.Select) is condition.find_ancestor(exp.Select)
            ]
            return columns[side.name.lower()], others
    return None


def _is_own(column: exp.Column, name: str, columns: Mapping[str, str]) -> bool:
    if column.name.lower() not in columns:
        return False
    return not column.table or column.table.lower() == name


def _order(
    place: exp.Expr, name: str, columns: Mapping[str, str]
) -> tuple[tuple[str, bool], ...]:
    order = place.args.get("order")
    found = []
    for term in order.expressions if order is not None else ():
        column = term.this
        if not isinstance(column, exp.Column) or not _is_own(column, name, columns):
            return ()
        found.append((columns[column.name.lower()], bool(term.args.get("desc"))))
    return tuple(found)
