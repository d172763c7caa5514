"""The audit trail: entries that are chained by their digests, written with what they tell.

An entry stands in the same transaction as the change, so neither is there without the
other. Each digest covers the entry and the digest before it: an entry that was changed,
removed or put in between is found by ``core/audit``. Ids are given without gaps, after the
largest one ever given, so that entries removed at the end are missed too.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import column, insert, table, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.fields.times import utc_now
from core.database.tables import AuditEntry, table_of
from core.security.actors import Actor

# With the time as the text that its digest covers.
_ENTRY = table("audit_entries", *(column(one.name) for one in table_of(AuditEntry).c))
_ADD = insert(_ENTRY)
# Whoever wrote the sequence down by hand must not keep others from writing.
_HEAD = text(
    "SELECT max(0, coalesce((SELECT max(id) FROM audit_entries), 0), coalesce((SELECT"
    " CAST(seq AS INTEGER) FROM sqlite_sequence WHERE name = 'audit_entries'), 0)),"
    " (SELECT CAST(digest AS BLOB) FROM audit_entries ORDER BY id DESC LIMIT 1)"
)
_ROWS_AT_ONCE = 1_000
_digested = json.JSONEncoder(default=repr).encode
_told = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


@dataclass(frozen=True, slots=True)
class Subject:
    """The thing that something is done to: its kind, its ``uid``, and its name then."""

    kind: str
    uid: str
    name: str


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry to be written.

    Attributes:
        operation: The key of an ``Operation``, or of an event of signing in.
        changes: What is different now: field to new value, or to a pair of old and new.
            Contact data, notes and secrets are named here without their values.
    """

    actor: Actor
    operation: str
    subject: Subject
    changes: Mapping[str, object] = field(default_factory=dict)


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, object]:
    """Return what is different, as pairs of old and new."""
    return {
        name: [before.get(name), value]
        for name, value in after.items()
        if before.get(name) != value
    }


async def append(session: AsyncSession, deeds: Iterable[Deed]) -> None:
    """Write entries in a transaction that holds the write lock."""
    last, stored_digest = (await session.execute(_HEAD)).one()
    digest = (stored_digest or b"").decode("utf-8", "replace")
    now = utc_now().replace(tzinfo=None).isoformat(" ", "microseconds")
    rows: list[dict[str, object]] = []
    for number, deed in enumerate(deeds, last + 1):
        row = _row(number, now, deed)
        digest = row["digest"] = digest_of(digest, row)
        rows.append(row)
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        await session.execute(_ADD, rows[first : first + _ROWS_AT_ONCE])


async def largest_id(session: AsyncSession) -> int:
    """Return the largest id that was ever given, also when its entry is gone."""
    return int(await session.scalar(_HEAD) or 0)


def digest_of(previous: str, row: Mapping[str, object]) -> str:
    """Return the SHA-256 of an entry after the one before.

    Args:
        previous: The digest of the entry before, empty for the first one.
        row: The entry as it is stored, with ``at`` as the text that SQLite holds.
    """
    content = [previous, row["id"], row["at"], *(row[name] for name in _TEXTS)]
    return hashlib.sha256(_digested(content).encode("ascii")).hexdigest()


_TEXTS = (
    "actor_uid",
    "actor",
    "role",
    "origin",
    "session",
    "operation",
    "subject_kind",
    "subject_uid",
    "subject",
    "changes",
)


def _row(number: int, now: str, deed: Deed) -> dict[str, object]:
    return {
        "id": number,
        "at": now,
        "actor_uid": deed.actor.uid,
        "actor": deed.actor.user,
        "role": deed.actor.role.value,
        "origin": deed.actor.origin.value,
        "session": deed.actor.session or "",
        "operation": deed.operation,
        "subject_kind": deed.subject.kind,
        "subject_uid": deed.subject.uid,
        "subject": deed.subject.name,
        "changes": _told(dict(deed.changes)),
    }
