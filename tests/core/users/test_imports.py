"""Imports: rows stored as they were meant, or refused with line, field and reason."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import event

from core.database.fields.addresses import AddressKind
from core.database.query.schemas import ListQuery
from core.errors import ConflictError, PermissionDeniedError, ValidationError
from core.progress import Progress
from core.security.actors import Role
from core.users.schemas import UserRow
from core.users.transfer import import_service
from core.users.transfer.fields import IMPORTED, proposed
from core.users.transfer.schemas import (
    Existing,
    FileFormat,
    FileOptions,
    ImportMode,
    ImportOptions,
    ImportReport,
)
from tests.core.users.people import People

_ROW_BY_ROW = ImportMode.ROW_BY_ROW


def _silent() -> Progress:
    return Progress(lambda: None)


class _CancelsAtSecondReport(Progress):
    """Cancels the work that reports to it."""

    task: asyncio.Future[ImportReport]

    def __init__(self) -> None:
        super().__init__(lambda: None)
        self._reports = 0

    def report(self, fraction: float | None = None, text: str | None = None) -> None:
        """Count, and cancel."""
        self._reports += 1
        if self._reports == 2:
            self.task.cancel()


class Importing:
    """Imports texts as files."""

    def __init__(self, people: People, folder: Path) -> None:
        self.people = people
        self.imports = people.workspace.imports
        self.file = folder / "people.txt"

    def write(self, content: str | bytes) -> Path:
        """Write the file."""
        self.file.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.file

    async def run(
        self, content: str | bytes, *, dry: bool = False,
        mapping: Mapping[str, str] | None = None,
        mode: ImportMode = ImportMode.ALL_OR_NOTHING,
        existing: Existing = Existing.REFUSE, file: FileOptions | None = None,
    ) -> ImportReport:  # fmt: skip
        """Import by the mapping that is proposed, unless another is given."""
        path = self.write(content)
        preview = await self.imports.preview(self.people.owner, path=path, options=file)
        ask = self.imports.dry_run if dry else self.imports.run
        return await ask(
            self.people.owner,
            path=path,
            mapping=preview.mapping if mapping is None else mapping,
            options=ImportOptions(preview.file, mode, existing),
            progress=_silent(),
        )

    async def all(self) -> dict[str, UserRow]:
        """Return everybody by user name."""
        page = await self.people.service.page(
            self.people.owner, query=ListQuery(), page=1, per_page=1_000
        )
        return {row.username: row for row in page.items}


@pytest.fixture
def importing(people: People, tmp_path: Path) -> Importing:
    """Return what imports into the workspace."""
    return Importing(people, tmp_path)


def _reasons(report: ImportReport) -> list[tuple[int, str, str]]:
    return [(one.line, one.field, one.value) for one in report.refusals]


async def test_a_preview_says_what_was_found(importing: Importing) -> None:
    path = importing.write(
        "Benutzername;Vorname;Nachname;E-Mail;Passwort;Schuhgröße\r\n"
        'ämil;Ämil;"Groß; jun.";aemil@example.org;geheim;43\r\n'.encode("cp1252")
    )
    found = await importing.imports.preview(importing.people.owner, path=path)
    assert (found.format, found.encoding, found.encoding_is_guessed) == (
        FileFormat.CSV, "Windows-1252", True,
    )  # fmt: skip
    assert found.file == FileOptions("cp1252", ";", header=True)
    assert found.rows[0][:3] == ("ämil", "Ämil", "Groß; jun.")
    assert found.mapping == {
        "Benutzername": "username",
        "Vorname": "given_name",
        "Nachname": "family_name",
        "E-Mail": "email",
    }
    assert "“Passwort”" in found.notices[1]
    assert "Windows-1252" in found.notices[2]
    assert await importing.all() == {}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
async def test_encodings_are_told_apart(importing: Importing, encoding: str) -> None:
    content = "username,name\r\nanna,Ännchen Öß\r\n".encode(encoding)
    report = await importing.run(content)
    assert report.created == 1
    assert (await importing.all())["anna"].display_name == "Ännchen Öß"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
async def test_signs_between_cells_are_found(importing: Importing, delimiter: str) -> None:
    """Shown to fail with the commonest sign of a file in place of the evenest."""
    first = f"login{delimiter}full name\nanna{delimiter}Anna\nbert{delimiter}Bert\n"
    assert (await importing.run(first)).created == 2
    await importing.people.write("DELETE FROM users")
    rows = [["login", "full name", "tags"], ["anna", 'Anna, "the" ; one | more', "a,b"]]
    lines = [
        delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows
    ]
    report = await importing.run("\n".join(lines))
    assert report.created == 1
    anna = (await importing.all())["anna"]
    assert (anna.display_name, anna.tags) == (rows[1][1], ("a", "b"))
    others = ",;\t|".replace(delimiter, "")
    path = importing.write(f"login{delimiter}tags\nanna{delimiter}{others * 3}\n")
    found = await importing.imports.preview(importing.people.owner, path=path)
    assert found.columns == ("login", "tags")
    path = importing.write("login\nanna\nbert\n")
    found = await importing.imports.preview(importing.people.owner, path=path)
    assert (found.columns, found.rows) == (("login",), (("anna",), ("bert",)))


async def test_every_field_is_taken_by_its_type(importing: Importing) -> None:
    header = (
        "username,name,email,phone,role,active,balance,currency,street,zip,city,country,tags,"
        "preferences,note"
    )
    line = (
        "anna,Anna,Anna@Example.org,+86 138 0013 8000,Administrator,yes,-5.00,eur,Main 1,123,"
        'Rome,it,"a, b, A","{""theme"": ""dark"", ""n"": 1.5}",hello'
    )
    report = await importing.run(f"{header}\n{line}\n")
    assert report.refusals == ()
    anna = (await importing.all())["anna"]
    assert (anna.email, anna.phone) == ("Anna@example.org", "+8613800138000")
    assert (anna.role, anna.active, anna.tags) == (Role.ADMINISTRATOR, True, ("a", "b"))
    assert (str(anna.balance.amount), anna.balance.currency) == ("-5.00", "EUR")
    assert anna.address is not None
    assert (anna.address.city, anna.address.kind) == ("Rome", AddressKind.OTHER)
    assert anna.preferences == {"theme": "dark", "n": 1.5}
    assert not anna.has_password
    found = await importing.people.service.get(importing.people.owner, user_id=anna.id)
    assert found.note == "hello"


async def test_json_comes_as_an_array_or_in_lines(importing: Importing) -> None:
    first = (
        '{"username": "anna", "name": "Anna", "tags": ["x"], "phone": 8613800138000,'
        ' "active": false, "email": null, "balance": 12.50, "currency": "EUR"}'
    )
    second = '{"username": "bert", "name": "Bert", "preferences": {"deep": [[1]]}}'
    for content in (f" [ {first} ,\n{second} ] \n", f"{first}\n\n{second}\n"):
        await importing.people.write("DELETE FROM users")
        report = await importing.run(content.replace("8613800138000", '"+8613800138000"'))
        assert report.refusals == ()
        found = await importing.all()
        assert found["anna"].tags == ("x",)
        assert not found["anna"].active
        assert str(found["anna"].balance.amount) == "12.50"
        assert found["bert"].preferences == {"deep": [[1]]}


async def test_one_bad_row_keeps_all_others_out(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown to fail where the good rows before the bad one are stored."""
    monkeypatch.setattr(import_service, "BATCH", 1)
    content = "username,name,email\nanna,Anna,a@example.org\nbert,Bert,no address\n"
    for dry in (True, False):
        report = await importing.run(content, dry=dry)
        assert (report.rows, report.created, report.refused) == (2, 1, 1)
        assert _reasons(report) == [(3, "email", "no address")]
        assert not report.stored
        assert await importing.all() == {}
    report = await importing.run(content, mode=_ROW_BY_ROW)
    assert (report.created, report.refused, report.stored) == (1, 1, True)
    assert list(await importing.all()) == ["anna"]


async def test_one_transaction_stores_all_or_rolls_all_back(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan cannot see that the last administrator would lose the rights.

    Shown to fail with the new people in a transaction of their own.
    """
    manager = await importing.people.manager("maria")
    content = "username,name,role\nanna,Anna,\nmaria,,viewer\n"
    commits: list[object] = []
    writer = importing.people.workspace.database.writer
    event.listen(writer.sync_engine, "commit", commits.append)
    report = await importing.run(content, existing=Existing.UPDATE)
    assert _reasons(report) == [(3, "", "")]
    assert (report.created, report.updated, report.refused, report.stored) == (1, 0, 1, False)
    assert (list(await importing.all()), commits) == (["maria"], [])
    await importing.people.manager("nora")
    commits.clear()
    report = await importing.run(content, existing=Existing.UPDATE)
    assert (report.created, report.updated, report.stored) == (1, 1, True)
    found = await importing.all()
    assert (len(commits), found["maria"].role) == (1, Role.VIEWER)
    assert found["maria"].display_name == manager.row.display_name
    assert await importing.people.deeds(found["maria"].uid) == ["users.create", "users.edit"]
    assert await importing.people.deeds(found["anna"].uid) == ["users.create"]


async def test_what_is_done_with_those_who_are_there(importing: Importing) -> None:
    await importing.people.add("Anna", tags=["old"], email="anna@example.org", phone=None)
    content = "username,name,tags,email\nANNA,New,new,\nbert,Bert,,\n"
    report = await importing.run(content)
    assert _reasons(report) == [(2, "username", "ANNA")]
    report = await importing.run(content, existing=Existing.SKIP)
    assert (report.created, report.skipped, report.stored) == (1, 1, True)
    assert (await importing.all())["Anna"].tags == ("old",)
    report = await importing.run(content, existing=Existing.UPDATE)
    assert (report.created, report.updated) == (0, 2)
    anna = (await importing.all())["Anna"]
    assert (anna.display_name, anna.tags, anna.email) == ("New", ("new",), "anna@example.org")
    version = anna.version
    await importing.run(content, existing=Existing.UPDATE, mode=_ROW_BY_ROW)
    assert (await importing.all())["Anna"].version == version


async def test_names_and_addresses_that_others_have_are_refused(importing: Importing) -> None:
    await importing.people.add("maria", email="maria@example.org")
    gone = await importing.people.add("gone", email="gone@example.org")
    await importing.people.service.delete(importing.people.owner, user_id=gone.row.id)
    content = (
        "username,name,email\n"
        "gone,Gone,\n"
        "anna,Anna,MARIA@example.org\n"
        "bert,Bert,gone@example.org\n"
        "carl,Carl,carl@example.org\n"
        "CARL,Carl,\n"
        "dora,Dora,CARL@example.org\n"
        "maria,Maria,maria@example.org\n"
    )
    for mode in ImportMode:
        report = await importing.run(content, existing=Existing.UPDATE, mode=mode)
        assert [(line, field) for line, field, _value in _reasons(report)] == [
            (2, "username"),
            (3, "email"),
            (4, "email"),
            (6, "username"),
            (7, "email"),
        ]
        assert (report.created, report.updated) == (1, 1)
    assert set(await importing.all()) == {"maria", "carl"}


async def test_columns_are_mapped_as_one_says(importing: Importing) -> None:
    """Shown to fail where the proposed mapping is taken instead."""
    content = "username,name,email\nanna,bert,a@example.org\n"
    mapping = {"name": "username", "username": "display_name"}
    report = await importing.run(content, mapping=mapping)
    assert report.created == 1
    found = (await importing.all())["bert"]
    assert (found.display_name, found.email) == ("anna", None)
    for wrong in (
        {"name": "display_name"},
        {"name": "username", "email": "username"},
        {"name": "username", "email": "password_hash"},
        {"name": "username", "email": "id"},
    ):
        with pytest.raises(ValidationError):
            await importing.run(content, mapping=wrong)


def test_headers_are_known_in_several_spellings() -> None:
    assert proposed(["User-Name", "E_Mail", "Straße", "PLZ", "手机号", "姓名", "Tag"]) == {
        "User-Name": "username",
        "E_Mail": "email",
        "Straße": "address.street",
        "PLZ": "address.postal_code",
        "手机号": "phone",
        "姓名": "display_name",
        "Tag": "tags",
    }
    assert proposed(["email", "mail", "password", "id", ""]) == {"email": "email"}
    assert proposed(IMPORTED) == {name: name for name in IMPORTED}


async def test_a_file_without_names_of_columns_has_numbers(importing: Importing) -> None:
    content = "anna,a@example.org\nbert,b@example.org\n"
    path = importing.write(content)
    found = await importing.imports.preview(importing.people.owner, path=path)
    assert (found.file.header, found.columns, found.mapping) == (
        False, ("Column 1", "Column 2"), {},
    )  # fmt: skip
    mapping = {"Column 1": "username", "Column 2": "email"}
    report = await importing.run(content, mapping=mapping)
    assert {(one.line, one.field) for one in report.refusals} == {
        (1, "display_name"), (2, "display_name"),
    }  # fmt: skip


async def test_refused_rows_can_be_saved(importing: Importing, tmp_path: Path) -> None:
    report = await importing.run(
        "username,name,email,note\nanna,Anna,=cmd(1),secret\n,=x,,\n", mode=_ROW_BY_ROW
    )
    assert [one.value for one in report.refusals] == ["=cmd(1)", ""]
    target = tmp_path / "refused.csv"
    await importing.imports.save_refusals(importing.people.owner, report=report, target=target)
    text = await asyncio.to_thread(target.read_text, "utf-8-sig")
    assert text.splitlines()[1].startswith('"2","email","\'=cmd(1)","This is no complete')
    assert "secret" not in text


async def test_a_cancelled_import_keeps_what_was_stored_and_nothing_half(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_service, "BATCH", 10)
    content = "username,name\n" + "".join(f"user{n},User\n" for n in range(100))
    path = importing.write(content)
    for mode, expected in ((ImportMode.ALL_OR_NOTHING, 0), (_ROW_BY_ROW, 20)):
        progress = _CancelsAtSecondReport()
        running = importing.imports.run(
            importing.people.owner,
            path=path,
            mapping={"username": "username", "name": "display_name"},
            options=ImportOptions(mode=mode),
            progress=progress,
        )
        task = progress.task = asyncio.create_task(running)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(await importing.all()) == expected


async def test_too_many_for_one_transaction_is_said(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_service, "MOST_IN_ONE_TRANSACTION", 2)
    content = "username,name\na1,A\na2,A\na3,A\n"
    with pytest.raises(ConflictError):
        await importing.run(content)
    assert await importing.all() == {}
    assert (await importing.run(content, mode=_ROW_BY_ROW)).created == 3


async def test_only_administrators_import(importing: Importing) -> None:
    operator = await importing.people.signed_in("olga", Role.OPERATOR)
    path = importing.write("username,name\nanna,Anna\n")
    with pytest.raises(PermissionDeniedError):
        await importing.imports.preview(operator, path=path)
    with pytest.raises(PermissionDeniedError):
        await importing.imports.run(
            operator, path=path, mapping={"username": "username"},
            options=ImportOptions(), progress=_silent(),
        )  # fmt: skip
