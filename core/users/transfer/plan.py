"""What is to be done with the rows of a file: who is new, who changes, what is refused."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from core.completion import to_the_end
from core.database.database import Database
from core.database.fields.emails import email_key
from core.database.fields.errors import FieldError
from core.database.fields.names import username, username_key
from core.errors import ValidationError
from core.translation import _
from core.users.changes import taken_fields
from core.users.repository import ROW_COLUMNS, USER
from core.users.rows import as_row
from core.users.schemas import UserCreate, UserEdit, UserRow, edited_user, new_user
from core.users.transfer import values as cell_values
from core.users.transfer.schemas import Existing, RefusedLine
from core.users.transfer.source import Row, shown

_LONGEST_VALUE = 80
_HIDDEN = "•••"
_KEPT = tuple(name for name in UserEdit.model_fields if name != "note")


@dataclass(frozen=True, slots=True)
class New:
    """A person to be made of the row on a line."""

    line: int
    data: UserCreate


@dataclass(frozen=True, slots=True)
class Changed:
    """A person to be changed by the row on a line."""

    line: int
    stored: UserRow
    data: UserEdit


@dataclass(slots=True)
class Batch:
    """What is to be done with some rows; ``same`` are up to date, ``skipped`` left out."""

    rows: int = 0
    new: list[New] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    same: int = 0
    skipped: int = 0
    refused: int = 0
    refusals: list[RefusedLine] = field(default_factory=list)


@dataclass(slots=True)
class _Reading:
    """A row on its way: what it says by field, and what is wrong with it."""

    line: int
    cells: dict[str, object]
    values: dict[str, Any]
    problems: dict[str, str]
    key: str
    data: UserEdit | None = None


class Plan:
    """Decides what is to be done with rows, a batch after the other.

    Args:
        mapping: Column to field.
        existing: What is done with rows of people who are there.
        phone_region: Where telephone numbers without a country code are from.
    """

    def __init__(
        self,
        database: Database,
        mapping: Mapping[str, str],
        existing: Existing,
        phone_region: str,
    ) -> None:
        self._database = database
        self._mapping = dict(mapping)
        self._existing = existing
        self._region = phone_region
        self._names: dict[str, int] = {}
        self._emails: dict[str, int] = {}

    async def batch(self, rows: Sequence[Row]) -> Batch:
        """Return what is to be done with the next rows."""
        readings = await to_the_end(asyncio.to_thread(self._read, rows))
        stored = await self._stored({one.key for one in readings if one.key})
        batch = Batch(rows=len(rows))
        await to_the_end(asyncio.to_thread(self._decide, readings, stored, batch))
        emails = {one.data.email for one in readings if one.data is not None}
        holders = await self._holders({email_key(email) for email in emails if email})
        for one in readings:
            self._file(one, stored.get(one.key), holders, batch)
        return batch

    def _read(self, rows: Sequence[Row]) -> list[_Reading]:
        return [self._reading(row) for row in rows]

    def _reading(self, row: Row) -> _Reading:
        if row.problem:
            return _Reading(row.line, {}, {}, {"": row.problem}, "")
        cells = cell_values.filled(row.values, self._mapping)
        values, problems = cell_values.read(cells)
        return _Reading(row.line, cells, values, problems, _key(values.get("username")))

    def _decide(
        self, readings: list[_Reading], stored: Mapping[str, UserRow], batch: Batch
    ) -> None:
        for one in readings:
            if "" in one.problems:
                continue
            person = stored.get(one.key)
            if person is None:
                self._make(one)
            elif person.deleted or self._existing is Existing.REFUSE:
                held = {one.key: person.deleted}, dict[str, bool]()
                one.problems = taken_fields(held, _named(person.username))
            elif self._existing is Existing.UPDATE:
                self._change(one, person)
            else:
                batch.skipped += 1

    def _make(self, one: _Reading) -> None:
        try:
            one.data = new_user(one.values, phone_region=self._region)
        except ValidationError as error:
            one.problems = {**error.fields, **one.problems}

    def _change(self, one: _Reading, person: UserRow) -> None:
        kept = {name: getattr(person, name) for name in _KEPT}
        values = {**kept, **one.values, "username": person.username}
        try:
            one.data = edited_user(values, phone_region=self._region)
        except ValidationError as error:
            one.problems = {**error.fields, **one.problems}

    def _file(
        self,
        one: _Reading,
        person: UserRow | None,
        holders: Mapping[str, tuple[int, bool]],
        batch: Batch,
    ) -> None:
        if one.data is not None and not one.problems:
            one.problems = self._clashes(one, one.data, person, holders)
        if one.problems:
            batch.refused += 1
            batch.refusals += [
                RefusedLine(one.line, name, _shortened(one.cells, name), reason)
                for name, reason in one.problems.items()
            ]
        elif isinstance(one.data, UserCreate):
            batch.new.append(New(one.line, one.data))
        elif one.data is not None and person is not None:
            if _differs(one.data, person):
                batch.changed.append(Changed(one.line, person, one.data))
            else:
                batch.same += 1

    def _clashes(
        self,
        one: _Reading,
        data: UserEdit,
        person: UserRow | None,
        holders: Mapping[str, tuple[int, bool]],
    ) -> dict[str, str]:
        """Return whose name or address it is already, in the file or in the workspace."""
        problems = {}
        if one.key in self._names:
            text = _("Line {line} has this user name, too.")
            problems["username"] = text.format(line=self._names[one.key])
        key = email_key(data.email) if data.email else ""
        if key in self._emails:
            text = _("Line {line} has this e-mail address, too.")
            problems["email"] = text.format(line=self._emails[key])
        holder, in_bin = holders.get(key, (None, False))
        if holder is not None and (person is None or holder != person.id):
            problems.update(taken_fields(({}, {key: in_bin}), data))
        if not problems:
            self._names[one.key] = one.line
            if key:
                self._emails[key] = one.line
        return problems

    async def _stored(self, keys: set[str]) -> dict[str, UserRow]:
        columns = (*ROW_COLUMNS, USER.c.username_key)
        query = select(*columns).where(USER.c.username_key.in_(keys))
        async with self._database.read() as session:
            rows = (await session.execute(query)).mappings().all()
        return {row["username_key"]: as_row(row) for row in rows}

    async def _holders(self, keys: set[str]) -> dict[str, tuple[int, bool]]:
        query = select(USER.c.email_key, USER.c.id, USER.c.deleted_at.is_not(None)).where(
            USER.c.email_key.in_(keys)
        )
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
        return {key: (user_id, in_bin) for key, user_id, in_bin in rows}


def _key(name: object) -> str:
    """Return the form in which a user name is unique; nothing of what can be none."""
    try:
        return username_key(username(name))
    except FieldError:
        return ""


def _named(name: str) -> UserEdit:
    return UserEdit.model_construct(username=name, display_name="", email=None)


def _differs(data: UserEdit, person: UserRow) -> bool:
    if data.note is not None:
        return True
    return any(getattr(data, name) != getattr(person, name) for name in _KEPT)


def _shortened(cells: Mapping[str, object], name: str) -> str:
    """Return the value that was refused; of notes nothing, they are for few eyes."""
    if name == "note":
        return _HIDDEN if name in cells else ""
    own = [value for field_, value in cells.items() if field_.split(".")[0] == name]
    text = shown(own[0]) if len(own) == 1 else ", ".join(map(shown, own))
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"
