"""Reads and writes the rows of artifacts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.artifacts.collecting import KeptFile
from core.builds.schemas import ArtifactRow, BuildState
from core.builds.tables import Artifact, Build
from core.database.tables import table_of

_ARTIFACT = table_of(Artifact)
_BUILD = table_of(Build)
_AT_ONCE = 500
_BEFORE = text(
    "SELECT id FROM builds WHERE state = 'success'"
    " AND project_id = (SELECT project_id FROM builds WHERE id = :build_id)"
    " AND number < (SELECT number FROM builds WHERE id = :build_id)"
    " ORDER BY number DESC LIMIT 1"
)
_FINISHED = [state.value for state in BuildState if state.finished]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of the file of an artifact; ``removed_at`` when it was not kept."""

    uid: str
    build_uid: str
    path: str
    size: int
    sha256: str
    executable: bool
    removed_at: datetime | None


class ArtifactRepository:
    """The artifacts of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, build_id: int, files: Sequence[KeptFile], now: datetime) -> None:
        """Store what was collected of a build."""
        rows = [
            {
                "uid": kept.uid,
                "build_id": build_id,
                "path": kept.path,
                "size": kept.size,
                "sha256": kept.sha256,
                "modified_at": kept.modified_at,
                "executable": kept.executable,
                "created_at": now,
            }
            for kept in files
        ]
        for start in range(0, len(rows), _AT_ONCE):
            await self._session.execute(insert(Artifact), rows[start : start + _AT_ONCE])

    async def of_build(self, build_id: int) -> list[ArtifactRow]:
        """Return the artifacts of a build by path, each with its size before."""
        before = await self._session.scalar(_BEFORE, {"build_id": build_id})
        sizes = dict(await self._sizes(int(before))) if before is not None else {}
        query = select(_ARTIFACT).where(_ARTIFACT.c.build_id == build_id)
        rows = (await self._session.execute(query.order_by(_ARTIFACT.c.path))).mappings()
        return [
            ArtifactRow(
                id=row["id"],
                build_id=row["build_id"],
                path=row["path"],
                size=row["size"],
                sha256=row["sha256"],
                modified_at=row["modified_at"],
                removed_at=row["removed_at"],
                size_before=sizes.get(row["path"]),
            )
            for row in rows
        ]

    async def file(self, artifact_id: int) -> StoredFile | None:
        """Return what is known of the file of an artifact, None when that is unknown."""
        names = ("uid", "path", "size", "sha256", "executable", "removed_at")
        columns = [_ARTIFACT.c[name] for name in names]
        query = select(*columns, _BUILD.c.uid.label("build_uid"))
        query = query.join(_BUILD, _BUILD.c.id == _ARTIFACT.c.build_id)
        row = (await self._session.execute(query.where(_ARTIFACT.c.id == artifact_id))).first()
        return StoredFile(**row._mapping) if row is not None else None

    async def kept_by(self, build_uids: Sequence[str]) -> dict[str, set[str] | None]:
        """Return by the ``uid`` of each known build what is kept of it.

        None stands for a build that is not at its end: what it leaves is not decided.
        """
        known = select(_BUILD.c.uid, _BUILD.c.state).where(_BUILD.c.uid.in_(build_uids))
        found: dict[str, set[str] | None] = {
            uid: set() if state in _FINISHED else None
            for uid, state in await self._session.execute(known)
        }
        query = select(_BUILD.c.uid, _ARTIFACT.c.uid)
        query = query.join(_ARTIFACT, _ARTIFACT.c.build_id == _BUILD.c.id)
        query = query.where(_BUILD.c.uid.in_(build_uids), _ARTIFACT.c.removed_at.is_(None))
        for build_uid, uid in await self._session.execute(query):
            files = found.get(build_uid)
            if files is not None:
                files.add(uid)
        return found

    async def _sizes(self, build_id: int) -> list[tuple[str, int]]:
        query = select(_ARTIFACT.c.path, _ARTIFACT.c.size)
        rows = await self._session.execute(query.where(_ARTIFACT.c.build_id == build_id))
        return [(path, size) for path, size in rows]
