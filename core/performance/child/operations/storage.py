"""Measures what takes the room in a file, page by page, by SQLite's own ``dbstat``."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import apsw

from core.performance.child.conversation import Conversation
from core.performance.child.names import Names, module_of, owners
from core.performance.child.opening import opened
from core.performance.child.operations.trees import Tree, Walk
from core.performance.child.protocol import Request

MOST_OBJECTS = 20_000
LONGEST_NAME = 1_000
# Some of them with the longest names would not fit into a line of the answer.
_MOST_NAMES = 4_000_000
_MOST_PROBLEMS = 100
_MOST_MEMORY_BYTES = 512 * 1024 * 1024
_SCHEMA = "sqlite_schema"
_LOCK_BYTE = 0x40000000  # https://sqlite.org/fileformat2.html#the_lock_byte_page
_MAP_ENTRY_BYTES = 5  # https://sqlite.org/fileformat2.html#pointer_map_or_ptrmap_pages

# The name is longest where it is quoted, and the module follows it soon.
_VIRTUAL = (
    "SELECT CAST(name AS BLOB), CAST(substr(sql, 1, 2 * length(name) + 1000) AS BLOB)"
    " FROM main.sqlite_schema WHERE type = 'table' AND coalesce(rootpage, 0) = 0"
)
_TREES = (
    "SELECT CAST(name AS BLOB), type, CAST(tbl_name AS BLOB) FROM main.sqlite_schema"
    " WHERE rootpage > 0"
)


class Entry(NamedTuple):
    """What the schema says of a B-tree; ``table`` is whose it is."""

    kind: str
    table: str


def storage(request: Request, tell: Conversation) -> dict[str, Any]:
    """Return the sizes of all tables and indexes, as one reader sees them at one moment.

    ``objects`` are the largest first, at most ``MOST_OBJECTS``, fewer where their names are
    very long, and a last one, without a name, that sums up the others. ``counted_pages`` are
    those that belong to something, the free ones and those of SQLite itself as well;
    ``packed_pages`` about how many VACUUM would leave. ``problems`` are objects with the
    ``name`` of what could not be read and a ``message``.
    """
    apsw.hard_heap_limit(_MOST_MEMORY_BYTES)
    mode = str(request.arguments.get("mode", "ro"))
    with opened(request.path, tell, mode=mode) as connection:
        connection.execute("BEGIN")  # all that follows sees the same state
        names = Names(connection)
        walk = Walk(connection, tell, connection.pragma("page_count"))
        trees = {names.text(raw): tree for raw, tree in walk.trees().items()}
        entries = _entries(connection, names)
        free = connection.pragma("freelist_count")
        own = _own_pages(connection, walk.page_count)
        page_size = connection.pragma("page_size")
        pages = sum(tree.pages for tree in trees.values())
        return {
            "page_size": page_size,
            "page_count": walk.page_count,
            "freelist_pages": free,
            "counted_pages": pages + free + own,
            "packed_pages": own + sum(tree.packed(page_size) for tree in trees.values()),
            "objects": _objects(connection, trees, entries, page_size),
            "problems": [
                {"name": names.text(raw)[:LONGEST_NAME], "message": message}
                for raw, message in walk.problems[:_MOST_PROBLEMS]
            ],
        }


def _entries(connection: apsw.Connection, names: Names) -> dict[str, Entry]:
    virtual = {
        names.text(name): module_of(names.text(sql))
        for name, sql in connection.execute(_VIRTUAL)
    }
    rows = [
        (names.text(name), str(kind), names.text(table))
        for name, kind, table in connection.execute(_TREES)
    ]
    owner = owners((name for name, kind, _table in rows if kind == "table"), virtual)
    found = {
        name: Entry(_kind(name, kind), owner.get(table, table)) for name, kind, table in rows
    }
    found[_SCHEMA] = Entry("internal", _SCHEMA)
    return found


def _kind(name: str, kind: str) -> str:
    if kind == "index":
        return "index"
    return "internal" if name.lower().startswith("sqlite_") else "table"


def _objects(
    connection: apsw.Connection,
    trees: Mapping[str, Tree],
    entries: Mapping[str, Entry],
    page_size: int,
) -> list[dict[str, Any]]:
    ordered = sorted(trees.items(), key=lambda item: (-item[1].pages, item[0]))
    objects: list[dict[str, Any]] = []
    room = _MOST_NAMES
    for name, tree in ordered[:MOST_OBJECTS]:
        entry = entries.get(name, Entry("table", name))
        room -= len(name[:LONGEST_NAME]) + len(entry.table[:LONGEST_NAME])
        if room < 0:
            break
        by_key = entry.kind == "table" and _without_rowid(connection, name)
        objects.append(
            {
                **_figures(tree, page_size),
                "name": name[:LONGEST_NAME],
                "table": entry.table[:LONGEST_NAME],
                "kind": entry.kind,
                "without_rowid": by_key,
            }
        )
    rest = [tree for _name, tree in ordered[len(objects) :]]
    return [*objects, _others(rest, page_size)] if rest else objects


def _figures(tree: Tree, page_size: int) -> dict[str, Any]:
    return {
        "bytes": tree.pages * page_size,
        "pages": tree.pages,
        "rows": tree.rows,
        "payload_bytes": tree.payload,
        "unused_bytes": tree.unused,
        "overflow_pages": tree.overflow,
        "fragmentation": tree.fragmentation,
    }


def _others(trees: Sequence[Tree], page_size: int) -> dict[str, Any]:
    together = Tree()
    for tree in trees:
        together.add(tree)
    figures = {**_figures(together, page_size), "rows": None}
    return {**figures, "name": "", "table": "", "kind": "table", "count": len(trees)}


def _without_rowid(connection: apsw.Connection, name: str) -> bool:
    """Tell whether a table is its own index, which then goes by the name of the table."""
    with contextlib.suppress(apsw.SQLError):
        query = "SELECT 1 FROM pragma_index_info(?, 'main')"
        return connection.execute(query, (name,)).fetchone() is not None
    return False


def _own_pages(connection: apsw.Connection, page_count: int) -> int:
    """Return how many pages SQLite keeps for itself, which ``dbstat`` leaves out."""
    page_size = connection.pragma("page_size")
    lock_page = _LOCK_BYTE // page_size + 1
    count = 1 if lock_page <= page_count else 0
    if not connection.pragma("auto_vacuum"):
        return count
    every = (page_size - connection.reserve_bytes("main")) // _MAP_ENTRY_BYTES + 1
    maps = range(2, page_count + 1, every)
    last_moved_out = bool(maps) and maps[-1] == lock_page == page_count
    return count + len(maps) - last_moved_out
