"""Reads the audit trail."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, RowMapping, String, select, text, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit.schemas import AuditRow
from core.database.tables import AuditEntry, table_of

ENTRY = table_of(AuditEntry)
_GIVEN_OUT = tuple(one.name for one in dataclasses.fields(AuditRow) if one.name != "changes")
_AS_STORED = [
    type_coerce(column, column.type if column.name != "at" else String).label(column.name)
    for column in ENTRY.c
]
_LARGEST_ID = text(
    "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit_entries'), 0)"
)


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
        query = select(ENTRY).order_by(ENTRY.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(ENTRY.c.id < before)
        if subject is not None:
            kind, uid = subject
            query = query.where(ENTRY.c.subject_kind == kind, ENTRY.c.subject_uid == uid)
        if actor_uid is not None:
            query = query.where(ENTRY.c.actor_uid == actor_uid)
        return [as_row(row._mapping) for row in await self._session.execute(query)]

    async def stored_after(self, last: int, limit: int) -> Sequence[Row[Any]]:
        """Return entries in the order of the chain, with times as the text that is stored."""
        query = select(*_AS_STORED).where(ENTRY.c.id > last).order_by(ENTRY.c.id)
        return (await self._session.execute(query.limit(limit))).all()

    async def largest_id(self) -> int:
        """Return the largest id that was ever given, also when its entry is gone."""
        return int(await self._session.scalar(_LARGEST_ID) or 0)


def as_row(row: RowMapping) -> AuditRow:
    """Return an entry as it is given out."""
    plain = {name: row[name] for name in _GIVEN_OUT}
    return AuditRow(**plain, changes=_changes(row["changes"]))


def _changes(stored: str) -> dict[str, object]:
    """Return what was changed; an entry that somebody tampered with is shown as it is."""
    try:
        changes = json.loads(stored)
    except (ValueError, RecursionError):
        return {"": stored}
    return changes if isinstance(changes, dict) else {"": changes}
