"""What the section asks of the core, each as one awaitable."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.audit.schemas import AuditPage
from core.database.query.schemas import FieldDescription, ListQuery, PageStart, Slice
from core.progress import Progress
from core.rights.schemas import ProjectRoleRow
from core.sign_in.schemas import PasswordReport, SessionRow
from core.users.schemas import (
    BulkChange,
    BulkReport,
    UserCreate,
    UserDetails,
    UserEdit,
    UserRow,
)
from desktop.users.calls import SectionCalls
from desktop.widgets.paged_table import Counted

if TYPE_CHECKING:
    from core.app import Core

_AT_ONCE = 1_000
_HISTORY_ROWS = 50


class PeopleCalls(SectionCalls):
    """People, their roles, sessions and history."""

    async def fields(self) -> tuple[FieldDescription, ...]:
        """Return what the list may be filtered and sorted by."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.users.fields(actor))

    async def phone_region(self) -> str:
        """Return where telephone numbers without a country code are from."""

        async def region(core: "Core") -> str:
            return core.settings.current.phone_region

        return await self._workspace.core.run(region)

    async def slice(
        self, query: ListQuery, start: PageStart, limit: int, total: int | None = None
    ) -> Slice[UserRow]:
        """Return rows of the list."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.users.slice(actor, query=query, start=start, limit=limit, total=total)
        )

    async def count(self, query: ListQuery) -> Counted:
        """Count the rows of the list."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.users.count(actor, query=query))

    async def ids(self, query: ListQuery, but: Sequence[int] = ()) -> tuple[int, ...]:
        """Return the ids of all whom a query finds, except for some."""
        left_out, found = set(but), list[int]()
        start = PageStart()
        while True:
            page = await self.slice(query, start, _AT_ONCE)
            found += [row.id for row in page.rows if row.id not in left_out]
            if not page.more_after or page.last is None:
                return tuple(found)
            start = PageStart(cursor=page.last)

    async def get(self, user_id: int) -> UserDetails:
        """Return one person, also from the bin."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.users.get(actor, user_id=user_id))

    async def create(self, data: UserCreate) -> UserDetails:
        """Store a new person."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.users.create(actor, data=data))

    async def edit(self, base: UserDetails, data: UserEdit) -> UserDetails:
        """Change a person who is still as ``base`` tells."""
        actor, row = self._actor, base.row
        return await self._workspace.run(
            lambda w: w.users.edit(
                actor, user_id=row.id, version=row.version, data=data, base=base
            )
        )

    async def change(self, user_id: int, change: BulkChange) -> BulkReport:
        """Change one person at once."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.users.change_many(
                actor, selection=(user_id,), change=change, progress=Progress(lambda: None)
            )
        )

    async def change_many(
        self, title: str, selection: Sequence[int] | ListQuery, change: BulkChange
    ) -> BulkReport:
        """Change many people, as a job that is seen and can be cancelled."""
        actor, workspace = self._actor, self._workspace.workspace

        def work(progress: Progress) -> Any:
            return workspace.users.change_many(
                actor, selection=selection, change=change, progress=progress
            )

        async def run(core: "Core") -> BulkReport:
            report: BulkReport = await core.jobs.run(title, work)
            return report

        return await self._workspace.core.run(run)

    async def erase(self, user_id: int) -> None:
        """Erase somebody who lies in the bin, for good."""
        actor = self._actor
        await self._workspace.run(lambda w: w.users.erase(actor, user_id=user_id))

    async def kept_days(self) -> int:
        """Return after how many days in the bin people are erased."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.users.keep_deleted_days(actor))

    async def password_report(
        self, password: str, *, username: str, display_name: str, email: str
    ) -> PasswordReport:
        """Return how good a password is for this person."""
        return await self._workspace.run(
            lambda w: w.sign_in.password_report(
                password, username=username, display_name=display_name, email=email
            )
        )

    async def reset_password(self, user_id: int) -> str:
        """Give somebody a temporary password; it is returned this once."""
        actor = self._actor
        return await self._workspace.run(
            lambda w: w.sign_in.reset_password(actor, user_id=user_id)
        )

    async def reset_second_factor(self, user_id: int) -> None:
        """Let somebody sign in without a code again."""
        actor = self._actor
        await self._workspace.run(
            lambda w: w.sign_in.reset_second_factor(actor, user_id=user_id)
        )

    async def history(self, uid: str, before: int | None = None) -> AuditPage:
        """Return what was done to a person, the newest first; one's own to everybody."""
        actor, rows = self._actor, _HISTORY_ROWS
        if actor.uid and actor.uid == uid:
            return await self._workspace.run(
                lambda w: w.audit.own_history(actor, before=before, limit=rows)
            )
        return await self._workspace.run(
            lambda w: w.audit.history(actor, kind="user", uid=uid, before=before, limit=rows)
        )

    async def project_roles(self, user_id: int) -> tuple[ProjectRoleRow, ...]:
        """Return the roles of a person in single projects."""
        actor = self._actor
        return await self._workspace.run(lambda w: w.rights.roles_of(actor, user_id=user_id))

    async def sessions(self, user_id: int) -> tuple[SessionRow, ...]:
        """Return the open sessions of a person."""
        actor = self._actor
        if user_id == actor.user_id:
            own = await self._workspace.run(lambda w: w.sign_in.sessions(actor))
            return tuple(row for row in own if row.ended_at is None)
        return await self._workspace.run(
            lambda w: w.sign_in.all_sessions(actor, user_id=user_id)
        )
