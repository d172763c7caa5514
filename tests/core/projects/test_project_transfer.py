"""Projects as files: there and back, hostile files, names that are taken, nothing by halves."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from core.database.audit_trail import Deed
from core.database.database import Database
from core.errors import AppError, DatabaseBusyError, ExternalError
from core.progress import Progress
from core.projects.schemas import BuildType, Checkout, ProjectCreate, ProjectRow
from core.projects.transfer import reading
from core.projects.transfer.reading import UnreadableProjectsError
from core.projects.transfer.schemas import Existing, ProjectImportPlan
from core.triggers.schemas import TriggerCreate, TriggerType
from tests.core.running import Bench


async def exported(bench: Bench, target: Path) -> int:
    """Export all projects."""
    return await bench.workspace.project_transfer.export(
        bench.actor, project_ids=None, target=target, progress=Progress(lambda: None)
    )


async def planned(bench: Bench, source: Path) -> ProjectImportPlan:
    """Return what a file holds."""
    return await bench.workspace.project_transfer.examine(bench.actor, source=source)


def written(target: Path, *entries: object, **beside: object) -> Path:
    """Write a file of entries."""
    document = {"format": "buildbench projects", "version": 1, "projects": entries, **beside}
    target.write_text(json.dumps(document))
    return target


def entry(**fields: object) -> dict[str, object]:
    """Return a good entry, but for these fields."""
    return {"name": "one", "path": "/", "command": "true", **fields}


def told(row: ProjectRow) -> dict[str, object]:
    """Return what a file carries of a project."""
    return {name: getattr(row, name) for name in ProjectCreate.model_fields
            if name not in ("secrets", "active")}  # fmt: skip


async def test_there_and_back(bench: Bench, tmp_path: Path) -> None:
    """All fields come back; no secret, nothing that runs.

    Seen failing with projects that arrived as active as they were.
    """
    first = await bench.project(
        "make x", name="first", tags=("ci",), environment={"A": "1"}, type="make",
        secrets={"TOKEN": "much too secret"}, timeout_s=None, artifact_patterns=("*.o",),
        build_types=(BuildType(name="debug", environment={"B": "2"}),), before_steps=("a",),
        checkout=Checkout.OWN_TREE, repository_url="https://example.org/x", branch="dev",
        priority=10, parallel=2, retry_limit=1, retry_exit_codes=(3,), nice=5,
    )  # fmt: skip
    second = await bench.project(name="second")
    triggers = bench.workspace.triggers
    for one in (
        TriggerCreate(kind=TriggerType.SCHEDULE, expression="0 4 * * *"),
        TriggerCreate(kind=TriggerType.AFTER_PROJECT, source_project_id=first.id),
    ):
        await triggers.create(bench.actor, project_id=second.id, data=one)
    file = tmp_path / "projects.json"
    assert await exported(bench, file) == 2
    assert "much too secret" not in file.read_text()
    before = {
        row.name: told(row) for row in await bench.workspace.projects.list_all(bench.actor)
    }
    for row in (first, second):
        await bench.workspace.projects.delete(bench.actor, project_id=row.id)
    plan = await planned(bench, file)
    assert [(one.name, one.exists, one.problems, one.unknown) for one in plan.projects] == [
        ("first", False, (), ()), ("second", False, (), ())
    ]  # fmt: skip
    assert plan.projects[0].secret_names == ("TOKEN",)
    report = await bench.workspace.project_transfer.run(bench.actor, plan=plan)
    assert (len(report.created), report.triggers, report.notices) == (2, 2, ())
    rows = {row.name: row for row in await bench.workspace.projects.list_all(bench.actor)}
    assert {name: told(row) for name, row in rows.items()} == before
    assert not any(row.active or row.secret_names for row in rows.values())
    back = await triggers.list_of(bench.actor, project_id=rows["second"].id)
    assert [(one.kind, one.enabled, one.source_project) for one in back] == [
        (TriggerType.SCHEDULE, False, ""), (TriggerType.AFTER_PROJECT, False, "first")
    ]  # fmt: skip


async def _locked(_database: Database, _deed: Deed) -> None:
    raise DatabaseBusyError("locked")


async def test_an_export_is_entered_in_the_audit_trail_or_not_made(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing before it was entered, and, with the entry last, leaving the file there."""
    await bench.project(name="b")
    await bench.project(name="a", secrets={"TOKEN": "much too secret"})
    file = tmp_path / "projects.json"
    await exported(bench, file)
    entry = (await bench.workspace.audit.entries(bench.actor)).rows[0]
    assert (entry.operation, entry.actor) == ("projects.export", bench.actor.user)
    assert entry.changes == {"count": 2, "names": "a, b", "file": str(file)}
    monkeypatch.setattr(Database, "record", _locked)
    other = tmp_path / "other.json"
    with pytest.raises(DatabaseBusyError):
        await exported(bench, other)
    assert not other.exists()


@pytest.mark.parametrize("existing", list(Existing))
async def test_names_that_are_taken(bench: Bench, tmp_path: Path, existing: Existing) -> None:
    present = await bench.project("old", name="One", secrets={"TOKEN": "much too secret"})
    build = await bench.workspace.builds.queue(bench.actor, project_id=present.id)
    file = written(tmp_path / "x.json", entry(command="new"), entry(name="two"))
    plan = await planned(bench, file)
    assert [one.exists for one in plan.projects] == [True, False]
    report = await bench.workspace.project_transfer.run(
        bench.actor, plan=plan, existing=existing
    )
    rows = {row.name: row for row in await bench.workspace.projects.list_all(bench.actor)}
    if existing is Existing.SKIP:
        assert (sorted(rows), report.skipped) == (["One", "two"], ("one",))
        assert rows["One"].active
    elif existing is Existing.RENAME:
        assert sorted(rows) == ["One", "one (2)", "two"]
    else:
        assert sorted(rows) == ["one", "two"]
        assert (rows["one"].id, rows["one"].command) == (present.id, "new")
        assert (rows["one"].active, rows["one"].secret_names) == (False, ("TOKEN",))
        assert (await bench.get(build.id)).command == "old"


async def test_errors_by_field_and_what_was_not_understood(
    bench: Bench, tmp_path: Path
) -> None:
    file = written(
        tmp_path / "x.json",
        entry(command="", nice=99, surprise=1, path="/no/such/folder"),
        entry(name="two", secrets={"TOKEN": "a value"}),
        entry(name="three", path="/no/such/folder", triggers=[{"kind": "commits", "x": 1}]),
        entry(name="THREE"),
        "no object",
        entry(
            name="five",
            path="here",
            triggers=[{"kind": "after_project", "source_project": "gone"}],
        ),
        entry(name="six", description="\ud800"),
        beside=1,
    )
    plan = await planned(bench, file)
    problems = [{one.field for one in found.problems} for found in plan.projects]
    assert problems == [{"command", "nice"}, {"secrets"}, set(), {"name"}, {""}, set(), {""}]
    assert plan.unknown == ("beside",)
    assert plan.projects[0].unknown == ("surprise",)
    assert plan.projects[2].unknown == ("triggers.1.x",)
    assert plan.projects[2].folder_problem == ""
    assert "whole path" in plan.projects[5].folder_problem
    report = await bench.workspace.project_transfer.run(bench.actor, plan=plan)
    assert [one.name for one in report.created] == ["three", "five"]
    assert any("“gone”" in notice for notice in report.notices)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b"{}", b'"x"', b"\xff\xfe", b"[" * 1_000_000, b'{"a":1,"a":2}',
        b'{"format":"buildbench projects","version":2,"projects":[]}',
        b'{"format":"buildbench projects","version":true,"projects":[]}',
        b'{"format":"buildbench projects","version":1,"projects":{}}',
        b'{"format":"buildbench projects","version":' + b"9" * 10_000 + b',"projects":[]}',
        b'{"format":"buildbench projects","version":1,"projects":[' + b"0," * 5_000 + b"0]}",
    ],
)  # fmt: skip
async def test_files_that_hold_no_projects(bench: Bench, tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "x.json").write_bytes(raw)
    with pytest.raises(UnreadableProjectsError):
        await planned(bench, tmp_path / "x.json")


async def test_places_that_are_no_files(bench: Bench, tmp_path: Path) -> None:
    """Seen waiting for ever without ``O_NONBLOCK``."""
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1 << 40)
    for name in ("pipe", "huge"):
        with pytest.raises(UnreadableProjectsError):
            await planned(bench, tmp_path / name)
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises((ExternalError, UnreadableProjectsError)):
            await planned(bench, path)


async def test_an_import_is_whole_or_not_at_all(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen failing with a commit after each project."""
    file = written(tmp_path / "x.json", *(entry(name=f"p{n}") for n in range(5)))
    plan = await planned(bench, file)
    import core.projects.transfer.service as module

    real, calls = module._new, []

    def failing(data: ProjectCreate, name: str) -> object:
        calls.append(name)
        if len(calls) == 4:
            raise ExternalError("no more")
        return real(data, name)

    monkeypatch.setattr(module, "_new", failing)
    with pytest.raises(AppError, match="no more"):
        await bench.workspace.project_transfer.run(bench.actor, plan=plan)
    assert await bench.workspace.projects.list_all(bench.actor) == ()


_VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(some.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
_FIELDS = some.sampled_from([*ProjectCreate.model_fields, "triggers", "other"])


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(some.dictionaries(_FIELDS, _VALUES, max_size=6))
def test_no_entry_is_stumbled_over(fields: dict[str, object]) -> None:
    """Whatever an entry holds, it is planned or told to be wrong, and arrives inactive."""
    found = reading.planned(1, {"name": "x", "path": "/", "command": "y", **fields})
    assert (found.data is None) is bool(found.problems)
    if found.data is not None:
        assert not found.data.active
        assert found.data.secrets == {}
    assert not any(one.data.enabled for one in found.triggers)


async def test_paths_of_a_stranger_are_not_looked_at(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may lead to another machine, or to a mount that hangs; seen asking for them."""
    far = "/net/far away/project"
    file = written(
        tmp_path / "x.json",
        entry(path=far),
        entry(name="two", path=far, repository_url="https://example.org/x"),
    )
    asked = []
    for name in ("stat", "lstat", "open", "access", "scandir", "readlink"):
        real = getattr(os, name)

        def noted(path: object, *args: Any, real: Any = real, **values: Any) -> Any:
            asked.append(str(path))
            return real(path, *args, **values)

        monkeypatch.setattr(os, name, noted)
    plan = await planned(bench, file)
    await bench.workspace.project_transfer.run(bench.actor, plan=plan)
    assert str(file) in asked
    assert [path for path in asked if path.startswith("/net")] == []
    assert [one.folder_problem for one in plan.projects] == ["", ""]


async def test_a_folder_of_the_home_is_that_of_who_imports(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen to store the sign, of which no shell makes a folder where a build begins."""
    monkeypatch.setenv("HOME", str(tmp_path))
    plan = await planned(bench, written(tmp_path / "x.json", entry(path="~")))
    assert plan.projects[0].folder_problem == ""
    await bench.workspace.project_transfer.run(bench.actor, plan=plan)
    (row,) = await bench.workspace.projects.list_all(bench.actor)
    assert row.path == str(tmp_path)
