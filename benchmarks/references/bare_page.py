"""The least that pages of people can cost: a plain SELECT by the driver, rows as tuples.

Usage: bare_page.py FILE PAGES. Reads so many pages of 100 behind seeded user names, and
prints the median seconds of a page.
"""

import random
import statistics
import sys
import time

import pysqlite3

PAGE = (
    "SELECT u.*, (SELECT count(*) FROM builds b WHERE b.requested_by_uid = u.uid)"
    " FROM users u WHERE u.username_key > ? AND +u.deleted_at IS NULL"
    " ORDER BY u.username_key LIMIT 100"
)


def main(file: str, pages: int) -> None:
    """Read and print."""
    database = pysqlite3.connect(f"file:{file}?mode=ro", uri=True)
    database.execute("PRAGMA cache_size=-16000")
    chance = random.Random(5)
    seconds = []
    for _ in range(pages):
        begin = "".join(chance.choice("abcdefghijklmnoprstuv") for _ in range(3))
        started = time.perf_counter()
        rows = database.execute(PAGE, (begin,)).fetchall()
        seconds.append(time.perf_counter() - started)
        assert rows
    print(statistics.median(seconds))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
