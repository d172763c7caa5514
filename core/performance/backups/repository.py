"""Reads of a workspace what a restore would take away."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.tables import Artifact, Build
from core.database.tables import table_of
from core.performance.backups.schemas import Loss

_BUILDS, _ARTIFACTS = table_of(Build), table_of(Artifact)


class LossRepository:
    """What came after a moment, in one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def since(self, at: datetime) -> Loss:
        """Return what is not in a backup that was made at this time."""
        builds = select(func.count()).where(_BUILDS.c.queued_at > at)
        files = select(func.count(), func.coalesce(func.sum(_ARTIFACTS.c.size), 0)).where(
            _ARTIFACTS.c.created_at > at, _ARTIFACTS.c.removed_at.is_(None)
        )
        count, size = (await self._session.execute(files)).one()
        return Loss(int(await self._session.scalar(builds) or 0), int(count), int(size))
