"""The least that looking after a database can cost: its steps alone, in one script with apsw.

``vacuum FILE`` packs it and empties its log; ``check FILE`` checks it. Prints the seconds,
without start and imports.
"""

import sys
import time

import apsw


def main(what: str, file: str) -> None:
    started = time.perf_counter()
    connection = apsw.Connection(file)
    if what == "vacuum":
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    else:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main(*sys.argv[1:])
