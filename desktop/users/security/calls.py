"""What the section asks of the core, each as one awaitable."""

from typing import TYPE_CHECKING, Any

from core.audit.schemas import AuditRow, Verification
from core.database.query.schemas import FieldDescription, ListQuery, PageStart, Slice
from core.progress import Progress
from core.sign_in.schemas import SessionRow
from core.translation import _
from desktop.users.calls import SectionCalls
from desktop.widgets.paged_table import Counted

if TYPE_CHECKING:
    from core.app import Core


class SecurityCalls(SectionCalls):
    """Sessions and the audit trail."""

    async def sessions(self) -> tuple[SessionRow, ...]:
        """Return the open sessions of all people."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.sign_in.all_sessions(actor))

    async def fields(self) -> tuple[FieldDescription, ...]:
        """Return what the audit trail may be filtered by."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.audit.fields(actor))

    async def slice(self, query: ListQuery, start: PageStart, limit: int) -> Slice[AuditRow]:
        """Return entries of the audit trail."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.audit.slice(actor, query=query, start=start, limit=limit)
        )

    async def count(self, query: ListQuery) -> Counted:
        """Count entries of the audit trail."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.audit.count(actor, query=query))

    async def verify(self) -> Verification:
        """Follow the whole audit trail, as a job that is seen and can be cancelled."""
        actor, workspace = self._actor, self._workspace.workspace

        def work(progress: Progress) -> Any:
            return workspace.audit.verify(actor, progress=progress)

        async def run(core: "Core") -> Verification:
            found: Verification = await core.jobs.run(_("Verifying the audit trail"), work)
            return found

        return await self._workspace.core.run(run)
