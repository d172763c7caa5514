"""Exports people into CSV and JSON files."""

import asyncio
import csv
import io
import json
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

from sqlalchemy import select

from core.completion import to_the_end
from core.database.audit_trail import Deed, Subject
from core.database.database import Database
from core.database.fields.addresses import address_json
from core.database.fields.strict_json import canonical_json
from core.database.fields.tags import show_tags
from core.database.query.schemas import ListQuery, PageStart
from core.errors import ValidationError
from core.progress import Progress
from core.saving import NewFile, replacing
from core.security.actors import Actor
from core.security.operations import Operation, may
from core.security.permissions import Gate, permitted
from core.translation import _, ngettext
from core.users.masking import masked
from core.users.repository import ROW_COLUMNS, USER
from core.users.rows import as_row
from core.users.schemas import UserRow
from core.users.service import UserService
from core.users.transfer.cells import guarded
from core.users.transfer.fields import EXPORTED, words
from core.users.transfer.schemas import ExportReport, FileFormat

SLICE = 1_000
"""People read, and written, at a time."""

_log = logging.getLogger(__name__)


class UserExports:
    """Exports people; whoever may not see contact data finds it masked in the file, too."""

    def __init__(self, database: Database, gate: Gate, users: UserService) -> None:
        self.gate = gate
        self._database = database
        self._users = users

    @permitted(Operation.USERS_EXPORT)
    async def fields(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """Return the fields that can be exported, with their words."""
        return tuple((name, words()[name]()) for name in EXPORTED)

    @permitted(Operation.USERS_EXPORT)
    async def run(
        self,
        actor: Actor,
        *,
        selection: Sequence[int] | ListQuery,
        fields: Sequence[str],
        format: FileFormat,  # noqa: A002
        target: Path,
        progress: Progress,
    ) -> ExportReport:
        """Write people into a file, which is there as a whole or not at all.

        Notes and passwords are never in it. In CSV, cells that a spreadsheet would run begin
        with an apostrophe (``cells``), which an import takes off; balances are plain
        numbers beside their currency.

        Args:
            selection: Ids, or what a list shows.

        Raises:
            ValidationError: There is no such field, or none is named.
            ExternalError: The file could not be written.
            DatabaseError: It could not be entered into the audit trail.
        """
        names = _checked(fields)
        total = await self._total(actor, selection)
        refusal = _("The people could not be exported.")
        async with (
            replacing(target, refusal=refusal) as file,
            aclosing(self._people(actor, selection)) as people,
        ):
            count = await _write(people, file, names, format, total, progress)
            # Before the file has its name: no export is there that nobody knows of.
            told = {"count": count, "fields": ", ".join(names), "file": str(target)}
            subject = Subject("users", "", "")
            await self._database.record(Deed(actor, Operation.USERS_EXPORT.key, subject, told))
        report = ExportReport(people=count, bytes=file.bytes)
        _log.info("Exported %d people", report.people)
        return report

    async def _total(self, actor: Actor, selection: Sequence[int] | ListQuery) -> int:
        if not isinstance(selection, ListQuery):
            return len(selection)
        return (await self._users.count(actor, query=selection)).value

    async def _people(
        self, actor: Actor, selection: Sequence[int] | ListQuery
    ) -> AsyncGenerator[Sequence[UserRow], None]:
        """Give people in slices, each of them once."""
        if not isinstance(selection, ListQuery):
            ids = sorted(set(selection))
            for first in range(0, len(ids), SLICE):
                rows = await self._some(actor, ids[first : first + SLICE])
                if rows:
                    yield rows
            return
        start = PageStart()
        while True:
            found = await self._users.slice(actor, query=selection, start=start, limit=SLICE)
            if found.rows:
                yield found.rows
            if not found.more_after or found.last is None:
                return
            start = PageStart(cursor=found.last)

    async def _some(self, actor: Actor, ids: Sequence[int]) -> Sequence[UserRow]:
        query = select(*ROW_COLUMNS).where(USER.c.id.in_(ids)).order_by(USER.c.id)
        async with self._database.read() as session:
            rows = [as_row(row) for row in (await session.execute(query)).mappings()]
        sees_all = may(self.gate.present(actor), Operation.USERS_READ_CONTACT)
        return rows if sees_all else [masked(row) for row in rows]


async def _write(
    people: AsyncGenerator[Sequence[UserRow], None],
    file: NewFile,
    names: Sequence[str],
    format_: FileFormat,
    total: int,
    progress: Progress,
) -> int:
    """Write all people and return how many they were."""
    written = 0
    encode = _as_csv if format_ is FileFormat.CSV else _as_json
    await file.write(_BEGINNING[format_] if format_ is FileFormat.JSON else _header(names))
    async for rows in people:
        block = await to_the_end(asyncio.to_thread(encode, rows, names, written == 0))
        await file.write(block)
        written += len(rows)
        progress.report(written / max(total, 1), _told(written))
    await file.write(_END[format_])
    return written


def _told(written: int) -> str:
    return ngettext("{count} person written", "{count} people written", written).format(
        count=written
    )


def _checked(fields: Sequence[str]) -> tuple[str, ...]:
    unknown = [name for name in fields if name not in EXPORTED]
    if fields and not unknown:
        return tuple(dict.fromkeys(fields))
    text = _("There is no field “{field}”.") if unknown else _("Choose at least one field.")
    problems = {name: text.format(field=name) for name in unknown or [""]}
    raise ValidationError(_("The people were not exported."), fields=problems)


def _header(names: Sequence[str]) -> bytes:
    # With the mark, spreadsheets know the encoding.
    return b"\xef\xbb\xbf" + _lines([names])


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode()


def _as_csv(rows: Sequence[UserRow], names: Sequence[str], _first: bool) -> bytes:
    return _lines([[guarded(_text(row, name)) for name in names] for row in rows])


def _as_json(rows: Sequence[UserRow], names: Sequence[str], first: bool) -> bytes:
    objects = (
        json.dumps({name: _json(row, name) for name in names}, ensure_ascii=False)
        for row in rows
    )
    return (("" if first else ",\n") + ",\n".join(objects)).encode()


_BEGINNING = {FileFormat.JSON: b"[\n"}
_END = {FileFormat.CSV: b"", FileFormat.JSON: b"\n]\n"}


def _text(row: UserRow, name: str) -> str:
    value = _json(row, name)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if name == "tags":
        return show_tags(row.tags)
    return canonical_json(value) if isinstance(value, dict) else str(value)


def _json(row: UserRow, name: str) -> object:
    match name:
        case "role":
            return row.role.value
        case "balance":
            return f"{row.balance.amount:f}"
        case "balance_currency":
            return row.balance.currency
        case "address":
            return None if row.address is None else json.loads(address_json(row.address))
        case "tags":
            return list(row.tags)
        case "preferences":
            return dict(row.preferences)
        case "last_sign_in_at" | "last_active_at" | "created_at" | "updated_at" | "deleted_at":
            moment = getattr(row, name)
            return None if moment is None else moment.isoformat()
    return getattr(row, name)
