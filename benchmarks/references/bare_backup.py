"""The least that a backup can cost: its steps alone, in one script with apsw.

``FILE TARGET`` copies it, checks the copy, counts its rows, flushes, hashes and names it.
"""

import hashlib
import os
import sys
from pathlib import Path

import apsw


def main(file: str, target: str) -> None:
    os.nice(5)  # as the process is that the application has for it
    partial = target + ".partial"
    connection = apsw.Connection(file)
    connection.execute("VACUUM INTO ?", (partial,))
    connection.close()
    copy = apsw.Connection(partial)
    assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    copy.execute("SELECT count(*) FROM samples").fetchall()
    copy.close()
    with Path(partial).open("rb+") as opened:
        os.fsync(opened.fileno())
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    Path(target + ".json").write_text(digest)
    Path(partial).rename(target)
    folder = os.open(Path(target).parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
