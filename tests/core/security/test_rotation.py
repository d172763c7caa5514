"""A new key, and everything sealed anew with it, while others go on working."""

import asyncio
import importlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from core.app import Core
from core.database.fields.columns import EncryptedText
from core.errors import CancelledByUserError, ConflictError
from core.progress import Progress
from core.projects.schemas import ProjectCreate, ProjectRow
from core.security import rotation
from core.security.actors import Actor
from core.security.keys import Key
from core.security.keys.key import encode_keys
from core.security.rotation import Rotation
from core.security.schemas import RotationReport
from core.security.sealed import Sealed
from core.security.sealed_places import SEALED_PLACES, SealedPlace
from core.security.sealing import Sealer, place_of
from core.workspaces.workspace import Workspace

NOTES = SealedPlace("notes", "body")


class Kit:
    """A workspace with projects that have secrets, and a table with sealed notes."""

    def __init__(self, workspace: Workspace, actor: Actor, folder: Path) -> None:
        self.workspace, self.actor, self.folder = workspace, actor, folder
        self.sealer: Sealer = workspace.keys._sealer
        self.secrets: dict[int, dict[str, str]] = {}
        self.notes: dict[str, str] = {}

    async def fill(self, projects: int, notes: int) -> None:
        for i in range(projects):
            await self.project(f"project {i}", {"TOKEN": f"token {i} token", "B": f"value {i}"})
        async with self.workspace.database.unit_of_work() as unit:
            await unit.session.execute(
                text("CREATE TABLE notes (id INTEGER PRIMARY KEY, uid TEXT, body TEXT)")
            )
            for i in range(notes):
                self.notes[f"uid{i}"] = f"note {i}"
                await unit.session.execute(
                    text("INSERT INTO notes (uid, body) VALUES (:uid, :body)"),
                    {"uid": f"uid{i}", "body": self.sealed_note(f"uid{i}", f"note {i}")},
                )
            await unit.commit()

    async def project(self, name: str, secrets: dict[str, str]) -> ProjectRow:
        data = ProjectCreate(
            name=name, path=str(self.folder), command="true", secrets=dict(secrets)
        )
        row = await self.workspace.projects.create(self.actor, data=data)
        self.secrets[row.id] = secrets
        return row

    def sealed_note(self, uid: str, note: str) -> str:
        return self.sealer.seal(note, place=place_of("notes", "body", uid)).stored

    async def stored_notes(self) -> dict[str, str]:
        async with self.workspace.database.read() as session:
            rows = await session.execute(text("SELECT uid, body FROM notes ORDER BY id"))
            return {str(uid): str(body) for uid, body in rows}

    async def write(self, statement: str, **values: object) -> None:
        async with self.workspace.database.unit_of_work() as unit:
            await unit.session.execute(text(statement), values)
            await unit.commit()

    async def rotate(self, *, new_key: bool = True) -> RotationReport:
        progress = Progress(lambda: None)
        return await self.workspace.keys.rotate(self.actor, progress=progress, new_key=new_key)

    async def check(self, *, but: str = "") -> None:
        """Make sure that everything opens, also in a program that is started anew."""
        for project_id, secrets in self.secrets.items():
            found = await self.workspace.projects.secrets(self.actor, project_id=project_id)
            assert found == secrets
        for uid, stored in (await self.stored_notes()).items():
            if uid != but:
                place = place_of("notes", "body", uid)
                assert self.sealer.open(Sealed(stored), place=place) == self.notes[uid]


@pytest.fixture
async def kit(
    workspace: Workspace, actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Kit:
    """Return a workspace with 3 projects and 25 notes; batches hold ten rows."""
    monkeypatch.setattr(rotation, "_BATCH", 10)
    places = (*SEALED_PLACES, NOTES)
    monkeypatch.setattr(Rotation.__init__, "__defaults__", (places,))
    monkeypatch.setattr(rotation.count_sealed, "__defaults__", (places,))
    made = Kit(workspace, actor, tmp_path)
    await made.fill(3, 25)
    return made


async def test_everything_is_under_the_new_key_afterwards(kit: Kit) -> None:
    """Fails when a batch is skipped, or only the first value of a project is taken."""
    old = kit.sealer.keys.current()
    counts = await kit.workspace.keys.counts(kit.actor)
    assert (counts.total, counts.older) == (31, 0)
    report = await kit.rotate()
    new = kit.sealer.keys.current()
    assert new != old
    assert (report.key, report.resealed, report.unreadable_count, report.left) == (
        new.id, 31, 0, 0,
    )  # fmt: skip
    counts = await kit.workspace.keys.counts(kit.actor)
    assert (counts.total, counts.older) == (31, 0)
    assert all(
        stored.startswith(f"2:{new.id}:") for stored in (await kit.stored_notes()).values()
    )
    assert kit.sealer.keys.find(old.id) == old
    await kit.check()


async def test_a_key_made_elsewhere_is_taken_over_without_another(kit: Kit) -> None:
    new = kit.sealer.keys.make()
    assert (await kit.workspace.keys.counts(kit.actor)).older == 31
    report = await kit.rotate(new_key=False)
    assert (report.key, report.resealed) == (new.id, 31)
    assert kit.sealer.keys.current() == new
    assert (await kit.rotate(new_key=False)).resealed == 0
    await kit.check()


async def test_what_cannot_be_opened_is_left_and_reported(kit: Kit) -> None:
    """Fails when an error ends the rotation, or writes anything in the place of a value."""
    stored = await kit.stored_notes()
    damaged = stored["uid3"][:-3] + "AA="
    await kit.write("UPDATE notes SET body = :b WHERE uid = 'uid3'", b=damaged)
    await kit.write("UPDATE notes SET body = :b WHERE uid = 'uid4'", b=stored["uid5"])
    await kit.write("UPDATE notes SET body = '2:0123456789abcdef:AAAA' WHERE uid = 'uid6'")
    await kit.write("UPDATE notes SET body = NULL WHERE uid = 'uid7'")
    await kit.write("UPDATE projects SET secrets = 'no json' WHERE id = 1")
    await kit.write("""UPDATE projects SET secrets = '{"A": 5, "B": null}' WHERE id = 2""")
    before = await kit.stored_notes()
    assert (await kit.workspace.keys.counts(kit.actor)).total == 26
    report = await kit.rotate()
    assert report.resealed == 21 + 2
    found = {(value.table, value.column, value.uid): value.why for value in report.unreadable}
    assert report.unreadable_count == len(found) == 6
    assert "changed" in found["notes", "body", "uid3"]
    assert "changed" in found["notes", "body", "uid4"]
    assert "not on this computer" in found["notes", "body", "uid6"]
    after = await kit.stored_notes()
    assert {uid for uid in before if before[uid] == after[uid]} == {
        "uid3", "uid4", "uid6", "uid7",
    }  # fmt: skip
    async with kit.workspace.database.read() as session:
        kept = (await session.scalars(text("SELECT secrets FROM projects ORDER BY id"))).all()
    assert kept[:2] == ["no json", '{"A": 5, "B": null}']


async def test_an_edit_at_the_same_time_is_not_overwritten(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without the comparison with what was read."""
    seal_rows = Rotation._seal_rows
    kit.notes["uid2"] = "edited meanwhile"
    loop = asyncio.get_running_loop()
    edited = kit.sealed_note("uid2", "edited meanwhile")

    def and_edit(self: Rotation, place: SealedPlace, rows: list[rotation._Row]) -> object:
        changes = seal_rows(self, place, rows)
        if place == NOTES and any(row.uid == "uid2" for row in rows) and len(edits) < 2:
            edits.append(1)
            editing = kit.write("UPDATE notes SET body = :b WHERE uid = 'uid2'", b=edited)
            asyncio.run_coroutine_threadsafe(editing, loop).result(30)
        return changes

    edits: list[int] = []
    monkeypatch.setattr(Rotation, "_seal_rows", and_edit)
    report = await kit.rotate()
    assert edits
    assert report.left == 0
    assert (await kit.workspace.keys.counts(kit.actor)).older == 0
    await kit.check()


async def test_cancelled_it_goes_on_with_the_same_key_later(kit: Kit, core: Core) -> None:
    """Fails when each try makes a key of its own, or a half batch is written."""
    first = kit.sealer.keys.current()
    replaced = asyncio.Event()
    replace_rows = Rotation._replace

    async def replace_and_tell(self: Rotation, *args: object) -> int:
        done: int = await replace_rows(self, *args)  # type: ignore[arg-type]
        replaced.set()
        await asyncio.sleep(0)
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rotation, "_replace", replace_and_tell)
        job = asyncio.create_task(
            core.jobs.run(
                "Rotation",
                lambda progress: kit.workspace.keys.rotate(kit.actor, progress=progress),
            )
        )
        await replaced.wait()
        assert core.jobs.cancel(core.jobs.snapshots()[0].id)
        with pytest.raises(CancelledByUserError):
            await job
    second = kit.sealer.keys.current()
    assert second != first
    counts = await kit.workspace.keys.counts(kit.actor)
    assert 0 < counts.older < 31
    await kit.check()
    report = await kit.rotate()
    assert report.key == second.id
    assert report.resealed == counts.older
    await kit.check()
    assert (await kit.rotate()).key not in (first.id, second.id)


async def test_two_at_once_end_with_one_key(kit: Kit) -> None:
    """Fails (never ends, or leaves values behind) when each insists on its own key."""
    reports = await asyncio.gather(*(kit.rotate() for _i in range(3)))
    assert (await kit.workspace.keys.counts(kit.actor)).older == 0
    assert sum(report.resealed for report in reports) >= 31
    assert kit.sealer.keys.current().id in {report.key for report in reports}
    await kit.check()


async def test_a_key_that_is_wrong_is_left_behind(kit: Kit) -> None:
    """A rotation is the way out of a wrong key; what it sealed stays, and is reported."""
    file = kit.sealer.keys.file.path
    key = kit.sealer.keys.current()
    file.write_text(json.dumps(encode_keys((replace(Key.make(), id=key.id),))))
    report = await kit.rotate()
    assert report.unreadable_count == 31
    assert len(report.unreadable) == 20
    assert report.resealed == 0
    kit.sealer.keys.take((key,))
    assert (await kit.rotate(new_key=False)).resealed == 31
    await kit.check()


async def test_the_audit_trail_tells_of_it(kit: Kit) -> None:
    await kit.rotate()
    async with kit.workspace.database.read() as session:
        rows = await session.execute(
            text(
                "SELECT changes FROM audit_entries WHERE operation = 'keys.rotate' ORDER BY id"
            )
        )
        changes = [json.loads(one) for (one,) in rows]
    new = kit.sealer.keys.current().id
    assert changes[0] == {"new_key": new}
    assert changes[1]["resealed"] == 31


async def test_a_plain_database_has_no_keys(core: Core, tmp_path: Path) -> None:
    from core.database.engine import connect_bare

    connect_bare(tmp_path / "plain.db", "rwc").executescript("CREATE TABLE a (b)").close()
    plain = await core.workspaces.open(tmp_path / "plain.db")
    with pytest.raises(ConflictError):
        _ = plain.keys


def test_every_column_with_sealed_text_is_declared() -> None:
    """Fails when a column is added that a rotation would miss."""
    for module in ("core.users.tables", "core.projects.tables"):
        importlib.import_module(module)
    found = {
        (table.name, column.name)
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, EncryptedText)
    }
    declared = {(place.table, place.column) for place in SEALED_PLACES}
    assert found
    assert found <= declared
    assert ("projects", "secrets") in declared


@pytest.mark.parametrize(
    "odd",
    [
        "CAST(x'ff3a' AS TEXT)",
        "x'00ff'",
        "17",
        "''",
        "replace(hex(zeroblob(9000)), '0', 'a')",
    ],
)
async def test_a_row_of_somebody_else_does_not_keep_the_others_from_it(
    kit: Kit, odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed by ending at a text that is not UTF-8, and by fetching gigabytes at once."""
    monkeypatch.setattr(rotation, "_LARGEST", 10_000)
    fetched: list[int] = []
    seal = Rotation._seal_row

    def watched(self: Rotation, place: SealedPlace, row: rotation._Row) -> tuple[int, str]:
        fetched.append(len(row.stored or ""))
        return seal(self, place, row)

    monkeypatch.setattr(Rotation, "_seal_row", watched)
    await kit.write(f"UPDATE notes SET body = {odd} WHERE uid = 'uid3'")
    await kit.write(f"UPDATE projects SET secrets = {odd} WHERE id = 1")
    report = await kit.rotate()
    assert report.resealed == 24 + 4
    assert {(one.table, one.uid) for one in report.unreadable} >= {("notes", "uid3")}
    assert report.unreadable_count == 2
    assert max(fetched) < 10_000


async def test_what_is_fetched_at_once_has_a_limit(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed by fetching five hundred rows, however large they were."""
    monkeypatch.setattr(rotation, "_AT_ONCE", 300)
    most = 0
    seal = Rotation._seal_rows

    def watched(
        self: Rotation, place: SealedPlace, rows: Sequence[rotation._Row]
    ) -> list[dict[str, object]]:
        nonlocal most
        most = max(most, sum(len(row.stored or "") for row in rows))
        return seal(self, place, rows)

    monkeypatch.setattr(Rotation, "_seal_rows", watched)
    assert (await kit.rotate()).resealed == 25 + 6
    assert most <= 300
    await kit.check()
