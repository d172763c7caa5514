"""Database files to be looked after in tests: not ours, with rows, and of every kind."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

_ROWS = 4_000
_SCHEMA = """
CREATE TABLE owners (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE things (
    id INTEGER PRIMARY KEY, owner INTEGER REFERENCES owners (id), name TEXT UNIQUE, data BLOB
);
CREATE TABLE pairs (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE INDEX things_by_owner ON things (owner, name);
CREATE INDEX things_by_length ON things (length(data)) WHERE owner > 1;
CREATE VIEW names AS SELECT name FROM things;
CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'trigram');
CREATE TRIGGER gone AFTER DELETE ON owners BEGIN DELETE FROM pairs WHERE a = old.name; END;
"""

_CONTENT = (
    ("id, name", "owners"),
    ("id, owner, name, data", "things"),
    ("a, b", "pairs"),
    ("text", "words"),
    ("name", "names"),
    ("type, name, tbl_name, sql", "sqlite_schema"),
)


def make_plain(
    path: Path, *, rows: int = _ROWS, journal: str = "wal", auto_vacuum: str = "none"
) -> Path:
    """Make a file with all kinds of things in it, a third of it free."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA auto_vacuum={auto_vacuum}")
        connection.execute(f"PRAGMA journal_mode={journal}")
        connection.executescript(_SCHEMA)
        connection.execute("BEGIN")
        fill(connection, rows)
        connection.execute("DELETE FROM things WHERE id % 3 = 0")
        connection.execute("COMMIT")
    return path


def make_large(path: Path, *, rows: int = 200_000) -> Path:
    """Make a file of half a kilobyte a row, which takes a while to pack."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=wal")
        connection.execute("PRAGMA synchronous=off")
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x BLOB)")
        connection.execute(
            f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{rows})"
            " INSERT INTO t SELECT i, randomblob(500) FROM n"
        )
    return path


def fill(connection: sqlite3.Connection, rows: int) -> None:
    """Put rows into all tables."""
    numbers = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{rows})"
    connection.execute(
        f"INSERT INTO owners SELECT i, 'o' || i FROM ({numbers} SELECT * FROM n)"
    )
    connection.execute(
        "INSERT INTO things SELECT i, i, 'thing ' || (i * 7919 % 100003) || '-' || i,"
        f" randomblob(500) FROM ({numbers} SELECT * FROM n)"
    )
    connection.execute(f"INSERT INTO pairs SELECT 'o' || i, i FROM ({numbers} SELECT * FROM n)")
    connection.execute(
        f"INSERT INTO words SELECT 'word ' || i FROM ({numbers} SELECT * FROM n)"
    )


def content(path: Path) -> tuple[str, str]:
    """Return what a file says: whether it is whole, and a digest of all its rows."""
    digest = hashlib.sha256()
    with closing(sqlite3.connect(path)) as connection:
        (whole,) = connection.execute("PRAGMA integrity_check").fetchone()
        for columns, table in _CONTENT:
            for row in connection.execute(f"SELECT {columns} FROM {table} ORDER BY {columns}"):
                digest.update(repr(row).encode())
    return str(whole), digest.hexdigest()


def digest_of(path: Path) -> str:
    """Return the hash of a file; no connection of this process may be open on it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
