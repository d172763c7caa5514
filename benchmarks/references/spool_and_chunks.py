"""The least that storing a log can cost: spool, cut, compress, insert. Nothing else.

One process reads the command's output, appends it to a file, cuts it at 256 KiB, compresses
each piece with zstd -3 and inserts it; one commit every 4 MiB. No times, marks, masking,
supervision or recovery.

Usage: spool_and_chunks.py FOLDER COMMAND
"""

import subprocess
import sys
from pathlib import Path

import pysqlite3
import zstandard

BLOCK, CHUNK, COMMIT = 64 * 1024, 256 * 1024, 4 * 1024 * 1024


def main(folder: Path, command: str) -> None:
    """Run the command and store its output."""
    database = pysqlite3.connect(str(folder / "chunks.db"), isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute(
        "CREATE TABLE chunks (id INTEGER PRIMARY KEY, first INT, lines INT, data BLOB)"
    )
    compressor = zstandard.ZstdCompressor(level=3)
    waiting, line, uncommitted = b"", 0, 0
    database.execute("BEGIN IMMEDIATE")
    with (folder / "spool").open("wb", buffering=0) as spool:
        process = subprocess.Popen(
            ["/bin/sh", "-c", command], stdout=subprocess.PIPE, bufsize=0
        )
        assert process.stdout is not None
        while block := process.stdout.read(BLOCK):
            spool.write(block)
            waiting += block
            while len(waiting) >= CHUNK:
                cut = waiting.rfind(b"\n", 0, CHUNK) + 1 or CHUNK
                piece, waiting = waiting[:cut], waiting[cut:]
                lines = piece.count(b"\n")
                row = (line, lines, compressor.compress(piece))
                database.execute(
                    "INSERT INTO chunks (first, lines, data) VALUES (?, ?, ?)", row
                )
                line += lines
                uncommitted += cut
            if uncommitted >= COMMIT:
                database.execute("COMMIT")
                database.execute("BEGIN IMMEDIATE")
                uncommitted = 0
        process.wait()
    database.execute(
        "INSERT INTO chunks (first, lines, data) VALUES (?, ?, ?)",
        (line, waiting.count(b"\n"), compressor.compress(waiting)),
    )
    database.execute("COMMIT")
    database.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
