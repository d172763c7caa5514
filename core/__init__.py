"""Buildbench without a window: everything it knows and does, usable from a script.

The SQLite library of the system may be one that corrupts WAL databases
(https://sqlite.org/wal.html#walresetbug), so pysqlite3, which carries a safe one,
takes the place of ``sqlite3`` before anything can import that.
"""

import sys

import pysqlite3
import pysqlite3.dbapi2

sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
