"""Imports of hostile files: each is taken exactly or refused in words, and nothing breaks."""

import io
import json
import tracemalloc
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import AppError
from core.progress import Progress
from core.users.transfer import json_files, text_files
from core.users.transfer.errors import UnreadableFileError
from core.users.transfer.fields import IMPORTED
from core.users.transfer.schemas import (
    Existing,
    FileFormat,
    FileOptions,
    ImportMode,
    ImportOptions,
    ImportReport,
)
from core.users.transfer.source import Source
from tests.core.users.people import People

_FEW = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_EVERY = {name: name for name in IMPORTED if not name.startswith("address.")}
_HOSTILE = (
    "'; DROP TABLE users; --",
    "%",
    "_",
    "\\",
    '"',
    "NULL",
    "\0",
    "a\0b",
    "\ud800",
    "\u202eevil",
    "\u200b",
    "=1+1",
    "{}",
    "[[[[",
    "1e999",
    "NaN",
    "-0",
    "9" * 400,
    "x" * 5_000,
    "\ufeff",
    "\r\n\r\n",
    "${jndi:ldap://x}",
    "../../etc/passwd",
    "true",
    "😀" * 30,
    "ﷺ",
    "İ",
)
_VALUES = st.one_of(
    st.sampled_from(_HOSTILE),
    st.text(max_size=12),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.lists(st.sampled_from(_HOSTILE), max_size=3),
    st.dictionaries(st.sampled_from(("street", "city", "country", "x")), st.text(max_size=4)),
)


async def _import(people: People, path: Path, **given_: object) -> ImportReport:
    options = ImportOptions(
        FileOptions(encoding="utf-8", delimiter=",", header=True),
        ImportMode.ROW_BY_ROW,
        Existing.UPDATE,
    )
    return await people.workspace.imports.run(
        people.owner, path=path, mapping=given_.get("mapping", _EVERY),  # type: ignore[arg-type]
        options=options, progress=Progress(lambda: None),
    )  # fmt: skip


@given(rows=st.lists(st.dictionaries(st.sampled_from(list(_EVERY)), _VALUES), max_size=8))
@_FEW
async def test_any_json_is_taken_or_refused_row_by_row(
    people: People, tmp_path: Path, rows: list[dict[str, object]]
) -> None:
    """Shown to fail where refused rows are counted by their lines."""
    await people.write("DELETE FROM users")
    rows = [{"username": f"user{n}", "display_name": "X", **row} for n, row in enumerate(rows)]
    path = tmp_path / "people.json"
    path.write_text(json.dumps([{"username": "sure", "display_name": "Sure"}, *rows]))
    report = await _import(people, path)
    assert report.rows == len(rows) + 1
    parts = report.created + report.updated + report.skipped + report.refused
    assert parts == report.rows
    assert all(one.reason and len(one.value) <= 81 for one in report.refusals)
    [(stored,)] = await people.read("SELECT count(*) FROM users")
    assert stored == report.created
    await people.workspace.users.find_by_username(people.owner, username="sure")


@pytest.mark.parametrize("field", sorted(_EVERY))
async def test_hostile_cells_are_stored_exactly_or_refused(
    people: People, tmp_path: Path, field: str
) -> None:
    cells = [text for text in _HOSTILE if "\ud800" not in text]
    lines = ["username,display_name,probe"]
    for number, text in enumerate(cells):
        quoted = '"' + text.replace('"', '""') + '"'
        lines.append(f"user{number},X,{quoted}")
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines), "utf-8", newline="")
    mapping = {"username": "username", "display_name": "display_name"}
    for column in [name for name in mapping if name == field]:
        del mapping[column]
    report = await _import(people, path, mapping={**mapping, "probe": field})
    assert report.rows == len(cells)
    assert report.created + report.updated + report.refused == report.rows
    assert await people.read("PRAGMA integrity_check") == [("ok",)]
    if field == "tags":
        found = await people.read("SELECT username, tags FROM users")
        told = {name: json.loads(tags) for name, tags in found}
        assert told["user0"] == ["'; DROP TABLE users; --"]
        assert told["user1"] == ["%"]


_BROKEN = {
    "nothing.csv": b"",
    "blank.csv": b"\n\n \n",
    "empty.json": b"[]",
    "numbers.json": b"[1, 2]",
    "unclosed.json": b'[{"username": "anna"}',
    "nested.json": b'[{"username": ' + b"[" * 100_000,
    "binary.csv": bytes(range(256)) * 20,
    "zeros.csv": b"\0" * 5_000,
    "endless.csv": b"a" * (text_files.LONGEST_LINE + 10),
    "quote.csv": b'username,name\nanna,"' + b"x\n" * 200_000,
    "columns.csv": b"a," * 10_000,
    "trailing.json": b'[{"username": "anna"}] and more',
    "huge.json": b'[{"username": "' + b"x" * (2 * text_files.LONGEST_LINE) + b'"}]',
}


@pytest.mark.parametrize("name", _BROKEN)
async def test_broken_files_are_refused_in_words(
    people: People, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(_BROKEN[name])
    imports = people.workspace.imports
    with suppress(AppError):
        preview = await imports.preview(people.owner, path=path)
        report = await imports.run(
            people.owner,
            path=path,
            mapping={preview.columns[0]: "username"},
            options=ImportOptions(preview.file, ImportMode.ROW_BY_ROW),
            progress=Progress(lambda: None),
        )
        assert report.refused == report.rows
    assert await people.read("SELECT count(*) FROM users") == [(0,)]


async def test_halves_of_characters_are_refused_in_any_place(
    people: People, tmp_path: Path
) -> None:
    """Shown to fail where names are looked for before they are held against their rules."""
    half = json.dumps({"username": "\ud800", "\ud800": "x", "display_name": "X"})
    path = tmp_path / "people.json"
    path.write_text(half)
    preview = await people.workspace.imports.preview(people.owner, path=path)
    assert preview.columns == ("username", "display_name")
    assert preview.rows == (("\ufffd", "X"),)
    report = await _import(people, path)
    assert [(one.field, one.value) for one in report.refusals] == [("username", "\ufffd")]


async def test_what_is_no_file_is_refused(people: People, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.csv"):
        with pytest.raises(AppError):
            await people.workspace.imports.preview(people.owner, path=path)
    fine = tmp_path / "fine.csv"
    fine.write_text("username\nanna\n")
    for options in (
        FileOptions(encoding="zlib"),
        FileOptions(encoding="no such"),
        FileOptions(delimiter="ab"),
        FileOptions(delimiter='"'),
        FileOptions(encoding="utf-16"),
    ):
        with pytest.raises(UnreadableFileError):
            await people.workspace.imports.preview(people.owner, path=fine, options=options)


def test_a_large_array_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    """Shown to fail with ``json.load``."""
    path = tmp_path / "people.json"
    with path.open("w") as file:
        file.write("[")
        for number in range(60_000):
            padding = "x" * 300
            file.write(
                f'{"," if number else ""}{{"username": "user{number}", "p": "{padding}"}}'
            )
        file.write("]")
    source = Source(path, FileOptions())
    assert source.format is FileFormat.JSON
    tracemalloc.start()
    try:
        assert sum(1 for _row in source.rows()) == 60_000
        assert tracemalloc.get_traced_memory()[1] < path.stat().st_size
    finally:
        tracemalloc.stop()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(
    found=st.lists(st.dictionaries(st.text(max_size=3), _JSON, max_size=3), max_size=20),
    indent=st.sampled_from([None, 1]),
    window=st.integers(1, 20),
)
@settings(max_examples=150)
def test_arrays_are_read_as_json_reads_them(
    found: list[dict[str, object]], indent: int | None, window: int
) -> None:
    """Through windows so small that objects lie across their edges.

    Shown to fail where too little is read ahead.
    """
    text = json.dumps(found, indent=indent)
    longest = max((len(json.dumps([one], indent=indent)) for one in found), default=0)
    with patch.object(json_files, "LONGEST_LINE", longest + window):
        file = io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8")
        read = [value for _line, value in json_files.objects(file)]
    assert read == found
