"""Exports: whole files or none, nothing a spreadsheet would run, and the way back."""

import asyncio
import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.database.audit_trail import Deed
from core.database.database import Database
from core.database.fields.addresses import Address, AddressKind
from core.database.fields.money import Money
from core.database.query.schemas import Filter, ListQuery, Operator
from core.errors import DatabaseBusyError, ExternalError, PermissionDeniedError, ValidationError
from core.progress import Progress
from core.security.actors import Role
from core.users.schemas import UserRow
from core.users.transfer import export_service
from core.users.transfer.cells import guarded, unguarded
from core.users.transfer.fields import EXPORTED, IMPORTED
from core.users.transfer.schemas import (
    ExportReport,
    FileFormat,
    ImportMode,
    ImportOptions,
)
from tests.core.users.people import People

_EVERYTHING = ListQuery()
_SAME = tuple(name for name in EXPORTED if name in IMPORTED)
_STARTS = st.sampled_from([*"=+-@\t\r\n'\" ;,0５＝＋－＠", "-5.00", "'=", "''"])
_CELLS = st.one_of(st.text(max_size=8), st.lists(_STARTS, max_size=6).map("".join))


def _silent() -> Progress:
    return Progress(lambda: None)


async def _export(
    people: People, target: Path, selection: Sequence[int] | ListQuery = _EVERYTHING,
    format_: FileFormat = FileFormat.CSV, fields: Sequence[str] = EXPORTED,
) -> ExportReport:  # fmt: skip
    return await people.workspace.exports.run(
        people.owner, selection=selection, fields=fields, format=format_, target=target,
        progress=_silent(),
    )  # fmt: skip


def _table(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline="")))


@given(_CELLS)
@settings(max_examples=500)
def test_guarding_a_cell_can_be_undone_and_leaves_no_formula(cell: str) -> None:
    """Shown to fail with a guard that looks at the first character only."""
    safe = guarded(cell)
    assert unguarded(safe) == cell
    bare = re.sub(r"\A[\s'\"]*", "", safe, flags=re.UNICODE)
    if not safe.startswith("'"):
        assert bare[:1] not in {*"=+@＝＋－＠"} or not bare
        assert bare[:1] != "-" or re.fullmatch(r"-[0-9]+(\.[0-9]+)?", safe)
        assert not re.match(r"[ '\"]*[\t\r\n]", safe)


async def test_no_cell_is_a_formula_and_numbers_stay_numbers(
    people: People, tmp_path: Path
) -> None:
    """Shown to fail without the guard."""
    await people.add(
        "anna",
        display_name="=cmd|' /C calc'!A0",
        phone="+8613800138000",
        tags=["@SUM(1)", "-2+3"],
        balance=Money.from_minor(-500, "EUR"),
    )
    file = tmp_path / "people.csv"
    await _export(people, file)
    (row,) = _table(file)
    assert row["display_name"] == "'=cmd|' /C calc'!A0"
    assert row["phone"] == "'+8613800138000"
    assert row["tags"] == "'@SUM(1), -2+3"
    assert (row["balance"], row["balance_currency"]) == ("-5.00", "EUR")
    assert (row["active"], row["role"], row["email"]) == ("true", "viewer", "")


async def test_json_holds_values_as_they_are(people: People, tmp_path: Path) -> None:
    address = Address(AddressKind.WORK, "人民路 1", "", "100000", "北京", "", "CN")
    await people.add("anna", display_name="=1+1", address=address, preferences={"a": [1.5]})
    await people.add("bert")
    file = tmp_path / "people.json"
    report = await _export(people, file, format_=FileFormat.JSON)
    first, second = json.loads(file.read_text("utf-8"))
    assert (first["display_name"], first["preferences"]) == ("=1+1", {"a": [1.5]})
    assert first["address"]["city"] == "北京"
    assert (second["username"], second["address"]) == ("bert", None)
    assert report == ExportReport(people=2, bytes=file.stat().st_size)


async def _locked(_database: Database, _deed: Deed) -> None:
    raise DatabaseBusyError("locked")


async def test_an_export_is_entered_in_the_audit_trail_or_not_made(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing before it was entered, and, with the entry last, leaving the file there."""
    await people.add("anna")
    await people.add("bert")
    file = tmp_path / "people.csv"
    await _export(people, file, fields=("username", "email"))
    entry = (await people.workspace.audit.entries(people.owner)).rows[0]
    assert (entry.operation, entry.actor) == ("users.export", people.owner.user)
    assert entry.changes == {"count": 2, "fields": "username, email", "file": str(file)}
    monkeypatch.setattr(Database, "record", _locked)
    other = tmp_path / "other.csv"
    with pytest.raises(DatabaseBusyError):
        await _export(people, other)
    assert not other.exists()


async def test_what_a_list_shows_is_exported_slice_by_slice(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_service, "SLICE", 3)
    for number in range(10):
        role = Role.OPERATOR if number % 2 else Role.VIEWER
        await people.add(f"user{number}", role=role)
    gone = await people.add("zoe")
    await people.service.delete(people.owner, user_id=gone.row.id)
    operators = ListQuery((Filter("role", Operator.EQ, "operator"),), order=("-username",))
    expected: dict[str, tuple[Sequence[int] | ListQuery, list[str]]] = {
        "all": (ListQuery(), [f"user{number}" for number in range(10)]),
        "some": (operators, ["user9", "user7", "user5", "user3", "user1"]),
        "none": (ListQuery(search="nobody at all"), []),
        "ids": ([4, 2, gone.row.id, 4, 999], ["user1", "user3", "zoe"]),
    }
    for format_ in FileFormat:
        for name, (selection, usernames) in expected.items():
            file = tmp_path / f"{name}.{format_.value}"
            report = await _export(people, file, selection, format_, ["username", "role"])
            rows = json.loads(file.read_bytes()) if format_ is FileFormat.JSON else _table(file)
            assert [row["username"] for row in rows] == usernames
            assert report.people == len(usernames)


async def test_a_cancelled_or_failed_export_leaves_the_old_file(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown to fail where the file is written in place."""
    monkeypatch.setattr(export_service, "SLICE", 1)
    for number in range(5):
        await people.add(f"user{number}")
    file = tmp_path / "people.csv"
    file.write_text("old")
    exporting: asyncio.Task[ExportReport]

    def cancel_after_two() -> None:
        if progress.fraction is not None and progress.fraction >= 0.4:
            exporting.cancel()

    progress = Progress(cancel_after_two)
    exporting = asyncio.create_task(
        people.workspace.exports.run(
            people.owner, selection=_EVERYTHING, fields=EXPORTED, format=FileFormat.CSV,
            target=file, progress=progress,
        )
    )  # fmt: skip
    monkeypatch.setattr(progress, "report", _reporting(progress, cancel_after_two))
    with pytest.raises(asyncio.CancelledError):
        await exporting
    assert file.read_text() == "old"
    with pytest.raises(ExternalError):
        await _export(people, tmp_path / "missing" / "people.csv")
    assert _partial_files(tmp_path) == []


def _partial_files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if "partial" in path.name]


def _reporting(progress: Progress, then: Any) -> Any:
    def report(fraction: float | None = None, text: str | None = None) -> None:
        progress.fraction = fraction
        then()

    return report


async def test_only_administrators_export_and_only_known_fields(
    people: People, tmp_path: Path
) -> None:
    operator = await people.signed_in("olga", Role.OPERATOR)
    with pytest.raises(PermissionDeniedError):
        await people.workspace.exports.run(
            operator, selection=_EVERYTHING, fields=EXPORTED, format=FileFormat.CSV,
            target=tmp_path / "people.csv", progress=_silent(),
        )  # fmt: skip
    for fields in ([], ["username", "password_hash"], ["note"]):
        with pytest.raises(ValidationError):
            await _export(people, tmp_path / "people.csv", fields=fields)
    assert not (tmp_path / "people.csv").exists()


_LINES = st.one_of(
    st.lists(_STARTS, min_size=1, max_size=6).map("".join), st.text(min_size=1, max_size=12)
)

_JSON = st.one_of(
    st.text(max_size=4),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(),
    st.none(),
    st.booleans(),
    st.lists(st.text(max_size=2), max_size=2),
)


@given(data=st.data())
@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_what_is_exported_can_be_imported_again(
    people: People, tmp_path: Path, data: st.DataObject
) -> None:
    """Shown to fail without taking the apostrophes off, and without the currency's column."""
    await people.write("DELETE FROM users")
    stored = await _some_people(people, data)
    for format_ in FileFormat:
        file = tmp_path / f"people.{format_.value}"
        await _export(people, file, format_=format_, fields=_SAME)
        await people.write("DELETE FROM users")
        preview = await people.workspace.imports.preview(people.owner, path=file)
        assert set(preview.mapping.items()) == {(name, name) for name in _SAME}
        report = await people.workspace.imports.run(
            people.owner,
            path=file,
            mapping=preview.mapping,
            options=ImportOptions(preview.file, ImportMode.ALL_OR_NOTHING),
            progress=_silent(),
        )
        assert (report.refusals, report.created) == ((), len(stored))
        assert await _all(people) == stored


async def _some_people(people: People, data: st.DataObject) -> list[dict[str, object]]:
    for number in range(data.draw(st.integers(1, 4))):
        values = {
            "display_name": data.draw(_LINES),
            "tags": data.draw(st.lists(_LINES, max_size=3)),
            "balance": Money.from_minor(
                data.draw(st.integers(-(10**12), 10**12)),
                data.draw(st.sampled_from(["EUR", "JPY", "BHD"])),
            ),
            "preferences": data.draw(st.dictionaries(st.text(max_size=4), _JSON, max_size=3)),
            "address": {"street": data.draw(_LINES), "city": "Rome", "country": "IT"},
            "email": data.draw(st.sampled_from([None, f"+a{number}@example.org"])),
            "phone": data.draw(st.sampled_from([None, "+8613800138000"])),
            "active": data.draw(st.booleans()),
            "role": data.draw(st.sampled_from(Role)),
        }
        kept = values
        while True:
            try:
                await people.add(f"user{number}", **kept)
                break
            except ValidationError as error:
                kept = {name: one for name, one in kept.items() if name not in error.fields}
    return await _all(people)


async def _all(people: People) -> list[dict[str, object]]:
    rows: list[UserRow] = []
    page = await people.service.page(people.owner, query=ListQuery(), page=1, per_page=100)
    rows.extend(page.items)
    names = [name for name in _SAME if name != "balance_currency"]
    return [{name: getattr(row, name) for name in names} for row in rows]
