"""Reads the audit trail."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import LargeBinary, Row, RowMapping, case, cast, func, select, type_coerce
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeDecorator

from core.audit.schemas import AuditRow
from core.database.tables import AuditEntry, table_of

ENTRY = table_of(AuditEntry)
_GIVEN_OUT = tuple(one.name for one in dataclasses.fields(AuditRow) if one.name != "changes")
SHOWN = tuple(ENTRY.c[one.name] for one in dataclasses.fields(AuditRow))
"""The columns that ``as_row`` makes a row of."""


class _StoredText(TypeDecorator[str]):
    """The bytes of a text, also where no text can be made of them; None is no text."""

    impl = LargeBinary
    cache_ok = True

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return a text that says every byte."""
        return None if value is None else value.decode("utf-8", "surrogateescape")


_AS_STORED = [
    ENTRY.c.id,
    *(
        type_coerce(
            case((func.typeof(column) == "text", cast(column, LargeBinary))), _StoredText
        ).label(column.name)
        for column in ENTRY.c
        if column.name != "id"
    ),
]


class AuditRepository:
    """The audit trail as one session sees it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def newest(
        self,
        *,
        before: int | None,
        limit: int,
        subject: tuple[str, str] | None = None,
        actor_uid: str | None = None,
    ) -> list[AuditRow]:
        """Return entries with ids below ``before``, the newest first.

        Args:
            before: An id, None for the newest of all.
            limit: How many at most.
            subject: Kind and ``uid`` of the thing that they are about, None for all.
            actor_uid: The ``uid`` of who acted, None for all.
        """
        query = select(*SHOWN).order_by(ENTRY.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(ENTRY.c.id < before)
        if subject is not None:
            kind, uid = subject
            query = query.where(ENTRY.c.subject_kind == kind, ENTRY.c.subject_uid == uid)
        if actor_uid is not None:
            query = query.where(ENTRY.c.actor_uid == actor_uid)
        return [as_row(row._mapping) for row in await self._session.execute(query)]

    async def stored_after(self, last: int | None, limit: int) -> Sequence[Row[Any]]:
        """Return entries in the order of the chain, with all but the ids as stored texts.

        Args:
            last: The id of the entry before, None to begin with whatever is the first.
            limit: How many at most.
        """
        query = select(*_AS_STORED).order_by(ENTRY.c.id).limit(limit)
        if last is not None:
            query = query.where(ENTRY.c.id > last)
        return (await self._session.execute(query)).all()


def as_row(row: RowMapping) -> AuditRow:
    """Return an entry as it is given out."""
    plain = {name: row[name] for name in _GIVEN_OUT}
    return AuditRow(**plain, changes=_changes(row["changes"]))


def _changes(stored: object) -> dict[str, object]:
    """Return what was changed; an entry that somebody tampered with is shown as it is."""
    try:
        changes = json.loads(stored)  # type: ignore[arg-type]  # of any type in a damaged file
    except (TypeError, ValueError, RecursionError):
        return {"": stored}
    return changes if isinstance(changes, dict) else {"": changes}
