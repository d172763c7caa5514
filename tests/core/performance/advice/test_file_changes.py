"""What is done to the whole file: packed, with other pages, or with pages to give back."""

import sqlite3
from contextlib import closing
from pathlib import Path

from core.performance.changes import AutoVacuum, PageSize
from core.performance.child.client import run_child
from core.progress import Progress
from tests.core.performance.files import content, make_plain


def quietly() -> Progress:
    return Progress(lambda: None)


def _pragma(path: Path, name: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


async def test_pages_are_changed_and_rows_stay(tmp_path: Path) -> None:
    path = make_plain(tmp_path / "plain.db", rows=500, journal="delete")
    before = content(path)
    for change in (AutoVacuum(mode="incremental"), PageSize(size=8192)):
        answer = await run_child("change", path=path, changes=[change.as_json()])
        assert answer == {"refused": ""}
    assert (_pragma(path, "auto_vacuum"), _pragma(path, "page_size")) == (2, 8192)
    assert content(path) == before
    back = [AutoVacuum(mode="none").as_json(), PageSize(size=4096).as_json()]
    assert await run_child("change", path=path, changes=back) == {"refused": ""}
    assert (_pragma(path, "auto_vacuum"), _pragma(path, "page_size")) == (0, 4096)
    assert content(path) == before
