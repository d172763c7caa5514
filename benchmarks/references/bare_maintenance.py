"""The least that looking after a database can cost: its steps alone, in one script with apsw.

``vacuum FILE`` packs it and empties its log; ``check FILE`` checks it.
"""

import os
import sys

import apsw


def main(what: str, file: str) -> None:
    os.nice(5)  # as the process is that the application has for it
    connection = apsw.Connection(file)
    if what == "vacuum":
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    else:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
