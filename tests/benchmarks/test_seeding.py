"""The seeder: its rows keep the rules that everything else keeps."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.people import DOMAINS, people
from benchmarks.seeding import DEMO, DEMO_PEOPLE, make, write_demo
from core.database.engine import connect_bare
from core.database.fields.money import Money, parse_money
from core.database.fields.registry import standard_fields
from core.users.schemas import new_user

_UNTIL = datetime(2026, 5, 1, tzinfo=UTC)
_USERS = 300
_CHECK_SEARCH = "INSERT INTO users_search (users_search, rank) VALUES ('integrity-check', 1)"
_TABLES = ("users", "user_tags", "user_activity", "projects", "builds", "build_numbers")


@pytest.fixture
def seeded(tmp_path: Path, home: Path) -> Path:
    """Return a workspace with a few invented people."""
    file = tmp_path / "seeded.db"
    make(file, users=_USERS, seed=3, until=_UNTIL)
    return file


def _rows(file: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(connect_bare(file, "ro")) as database:
        return {
            table: database.execute(f"SELECT * FROM {table}").fetchall() for table in _TABLES
        }


def test_the_same_seed_gives_the_same_rows(seeded: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.db"
    make(again, users=_USERS, seed=3, until=_UNTIL)
    first, second = _rows(seeded), _rows(again)
    assert first == second
    assert len(first["users"]) == _USERS
    assert all(first.values())


def test_what_triggers_keep_is_as_they_would_have_kept_it(seeded: Path) -> None:
    """Shown to fail without the rebuild of the full-text index and without a trigger."""
    with closing(connect_bare(seeded, "rw")) as database:
        schema = _names(database)
        database.execute(
            "INSERT INTO users_search (users_search, rank) VALUES ('integrity-check', 1)"
        )
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        before = database.execute("SELECT tag, user_id FROM user_tags").fetchall()
        database.execute("UPDATE users SET tags = tags, username = username")
        assert database.execute("SELECT tag, user_id FROM user_tags").fetchall() == before
    assert {"users_inserted", "users_renamed", "users_tagged", "users_deleted"} <= schema
    assert {"ix_users_username_key", "ix_builds_requested_by_uid"} <= schema


def _names(database: sqlite3.Connection) -> set[str]:
    return {name for (name,) in database.execute("SELECT name FROM sqlite_master")}


def test_values_are_in_the_form_their_fields_give_them(seeded: Path) -> None:
    types = standard_fields()
    read = {"tags": json.loads, "address": json.loads, "preferences": json.loads}
    kinds = {
        "username": "username",
        "display_name": "person_name",
        "email": "email",
        "phone": "phone",
        "address": "address",
        "tags": "tags",
        "preferences": "json",
    }
    with closing(connect_bare(seeded, "ro")) as database:
        database.row_factory = sqlite3.Row
        for row in database.execute("SELECT * FROM users"):
            Money.from_minor(row["balance_minor"], row["balance_currency"])
            for name, kind in kinds.items():
                stored = row[name]
                if stored is None:
                    continue
                type_ = types.get(kind)
                value = type_.validate(read.get(name, str)(stored))
                shown = json.dumps(value) if kind == "tags" else type_.show(value)
                same = (
                    json.loads(shown) == json.loads(stored) if name in read else shown == stored
                )
                assert same, name
            assert row["email"] is None or row["email"].split("@")[1] in DOMAINS


def test_nothing_happens_after_the_present_or_before_its_person() -> None:
    for person in people(2_000, seed=11, until=_UNTIL):
        times = [person.created_at, *person.seen, _UNTIL]
        assert times == sorted(times)


def test_the_people_of_the_demo_are_reachable_nowhere(tmp_path: Path) -> None:
    written = tmp_path / "people.json"
    write_demo(written)
    for file in (written, Path(__file__).parents[2] / DEMO):
        entries = json.loads(file.read_text("utf-8"))
        assert len(entries) == DEMO_PEOPLE
        for entry in entries:
            balance = parse_money(entry["balance"])
            person = new_user({**entry, "balance": balance})
            assert person.password is None
            assert person.email is None or person.email.endswith(DOMAINS)
            assert person.phone is None or person.phone == entry["phone"]
