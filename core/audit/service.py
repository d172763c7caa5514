"""Shows the audit trail and tells whether it is whole."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from core.audit.listing import listing
from core.audit.repository import AuditRepository
from core.audit.schemas import AuditPage, AuditRow, Verification
from core.database.audit_trail import Deed, Subject, digest_of, largest_id
from core.database.database import Database
from core.database.query.listing import Count
from core.database.query.schemas import FieldDescription, ListQuery, PageStart, Slice
from core.progress import Progress
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import Gate, permitted
from core.translation import _

TOPIC = "audit"
PAGE_ROWS = 200

_VERIFIED_AT_ONCE = 2_000


class AuditService:
    """The audit trail of a workspace; what it holds is written by units of work alone."""

    def __init__(self, database: Database, gate: Gate) -> None:
        self.gate = gate
        self._database = database
        self._listing = listing()

    @permitted(Operation.AUDIT_READ)
    async def fields(self, actor: Actor) -> tuple[FieldDescription, ...]:
        """Return what the list of entries may be filtered by."""
        return self._listing.describe()

    @permitted(Operation.AUDIT_READ)
    async def slice(
        self, actor: Actor, *, query: ListQuery, start: PageStart, limit: int
    ) -> Slice[AuditRow]:
        """Return entries of the list, the newest first where no order is asked for.

        Raises:
            QueryError: A field, operator, value or cursor does not fit.
        """
        async with self._database.read() as session:
            return await self._listing.slice(session, query, start, limit)

    @permitted(Operation.AUDIT_READ)
    async def count(self, actor: Actor, *, query: ListQuery) -> Count:
        """Count the entries of the list.

        Raises:
            QueryError: A field, operator or value does not fit.
        """
        async with self._database.read() as session:
            return await self._listing.count(session, query)

    @permitted(Operation.AUDIT_READ)
    async def entries(
        self, actor: Actor, *, before: int | None = None, limit: int = PAGE_ROWS
    ) -> AuditPage:
        """Return entries with ids below ``before``, the newest first."""
        return await self._page(before=before, limit=limit)

    @permitted(Operation.AUDIT_READ)
    async def history(
        self,
        actor: Actor,
        *,
        kind: str,
        uid: str,
        before: int | None = None,
        limit: int = PAGE_ROWS,
    ) -> AuditPage:
        """Return what was done to one thing, the newest first; it may be gone by now."""
        return await self._page(before=before, limit=limit, subject=(kind, uid))

    @permitted(Operation.AUDIT_READ)
    async def deeds(
        self, actor: Actor, *, uid: str, before: int | None = None, limit: int = PAGE_ROWS
    ) -> AuditPage:
        """Return what one person did, the newest first."""
        return await self._page(before=before, limit=limit, actor_uid=uid)

    @permitted(Operation.PROFILE_READ)
    async def own_history(
        self, actor: Actor, *, before: int | None = None, limit: int = PAGE_ROWS
    ) -> AuditPage:
        """Return what was done to the person who asks."""
        return await self._page(before=before, limit=limit, subject=("user", actor.uid))

    @permitted(Operation.AUDIT_VERIFY)
    async def verify(self, actor: Actor, *, progress: Progress) -> Verification:
        """Follow the chain from its first entry to its last; what was found is recorded."""
        found = await self._follow(progress)
        changes = {"entries": found.entries, "broken_at": found.broken_at}
        subject = Subject("audit", "", "")
        await self._database.record(Deed(actor, Operation.AUDIT_VERIFY.key, subject, changes))
        return found

    async def _follow(self, progress: Progress) -> Verification:
        last, digest = 0, ""
        async with self._database.read(snapshot=True) as session:
            repository = AuditRepository(session)
            largest = await largest_id(session)
            # From the very first id: entries before the first one would be shown, too.
            while rows := await repository.stored_after(last or None, _VERIFIED_AT_ONCE):
                broken = _first_broken(rows, last, digest)
                if broken is not None:
                    return broken
                last, digest = rows[-1].id, rows[-1].digest
                progress.report(last / max(largest, 1))
        if last < largest:
            return Verification(
                last, last + 1, _("Entries after number {id} were removed.").format(id=last)
            )
        return Verification(last, None, "")

    async def _page(
        self,
        *,
        before: int | None,
        limit: int,
        subject: tuple[str, str] | None = None,
        actor_uid: str | None = None,
    ) -> AuditPage:
        async with self._database.read() as session:
            rows: list[AuditRow] = await AuditRepository(session).newest(
                before=before, limit=limit + 1, subject=subject, actor_uid=actor_uid
            )
        return AuditPage(tuple(rows[:limit]), more=len(rows) > limit)


def _first_broken(rows: Sequence[Row[Any]], last: int, digest: str) -> Verification | None:
    for row in rows:
        if row.id <= last:
            return Verification(
                last, row.id, _("Entry number {id} was put in.").format(id=row.id)
            )
        if row.id != last + 1:
            why = _("Entries between number {last} and {id} were removed.")
            return Verification(last, last + 1, why.format(last=last, id=row.id))
        digest = digest_of(digest, row._asdict())
        if digest != row.digest:
            why = _("Entry number {id} was changed, or the one before it was replaced.")
            return Verification(last, row.id, why.format(id=row.id))
        last = row.id
    return None
