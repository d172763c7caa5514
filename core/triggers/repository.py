"""Reads and writes triggers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, Select, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.schemas import BuildState
from core.builds.tables import Build
from core.database.fields.choices import choice
from core.database.tables import table_of
from core.projects.tables import Project
from core.translation import _
from core.triggers.followed import Followed
from core.triggers.schemas import TriggerRow, TriggerType
from core.triggers.tables import BuildTrigger

_TRIGGER, _BUILD, _PROJECT = table_of(BuildTrigger), table_of(Build), table_of(Project)
_SOURCE = _PROJECT.alias("source")
_UNFINISHED = [state.value for state in BuildState if not state.finished]
_AT_ONCE = 50


def _rows() -> Select[tuple[object, ...]]:
    return (
        select(
            *_TRIGGER.c,
            _PROJECT.c.name.label("project"),
            _PROJECT.c.active.label("active"),
            _PROJECT.c.repository_url.label("repository_url"),
            _PROJECT.c.branch.label("own_branch"),
            _SOURCE.c.name.label("source_project"),
        )
        .join(_PROJECT, _PROJECT.c.id == _TRIGGER.c.project_id)
        .outerjoin(_SOURCE, _SOURCE.c.id == _TRIGGER.c.source_project_id)
        .order_by(_TRIGGER.c.id)
    )


class TriggerRepository:
    """The triggers of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_project(self, project_id: int) -> list[TriggerRow]:
        """Return the triggers of a project, the oldest first."""
        found = await self._session.execute(_rows().where(_TRIGGER.c.project_id == project_id))
        return [as_row(row) for row in found.mappings()]

    async def enabled(self) -> list[dict[str, Any]]:
        """Return all triggers that are on, with what their projects say."""
        found = await self._session.execute(_rows().where(_TRIGGER.c.enabled.is_(True)))
        return [dict(row) for row in found.mappings()]

    async def find(self, trigger_id: int) -> TriggerRow | None:
        """Return a trigger, None where there is none."""
        found = await self._session.execute(_rows().where(_TRIGGER.c.id == trigger_id))
        row = found.mappings().first()
        return as_row(row) if row is not None else None

    async def add(self, values: Mapping[str, object]) -> int:
        """Store a new trigger and return its id."""
        added = await self._session.execute(
            insert(_TRIGGER).values(values).returning(_TRIGGER.c.id)
        )
        return int(added.scalar_one())

    async def change(self, trigger_id: int, version: int, values: Mapping[str, object]) -> bool:
        """Change a trigger if it still has this version."""
        query = (
            update(_TRIGGER)
            .where(_TRIGGER.c.id == trigger_id, _TRIGGER.c.version == version)
            .values(**values, version=version + 1)
            .returning(_TRIGGER.c.id)
        )
        return (await self._session.execute(query)).first() is not None

    async def note(self, looked_at: Mapping[str, Any], values: Mapping[str, object]) -> bool:
        """Note what a trigger did, if nobody changed it and it has not done so already.

        Its version stays: who edits it meanwhile is not in the way.

        Args:
            looked_at: As it was when it was found that it has something to do.
            values: The columns that are different now.
        """
        query = (
            update(_TRIGGER)
            .where(
                _TRIGGER.c.id == looked_at["id"],
                _TRIGGER.c.version == looked_at["version"],
                _TRIGGER.c.enabled.is_(True),
                _TRIGGER.c.seen == looked_at["seen"],
                _TRIGGER.c.fired_at.is_not_distinct_from(looked_at["fired_at"]),
            )
            .values(**values)
            .returning(_TRIGGER.c.id)
        )
        return (await self._session.execute(query)).first() is not None

    async def delete(self, trigger_id: int) -> None:
        """Remove a trigger."""
        await self._session.execute(
            text("DELETE FROM build_triggers WHERE id = :id"), {"id": trigger_id}
        )

    async def has_project(self, project_id: int) -> bool:
        """Tell whether there is such a project."""
        query = select(_PROJECT.c.id).where(_PROJECT.c.id == project_id)
        return await self._session.scalar(query) is not None

    async def projects_after(self, *, but: int | None) -> dict[int, set[int]]:
        """Return by project those that its success starts, whether that is on or not.

        Args:
            but: A trigger that is left out.
        """
        query = select(_TRIGGER.c.source_project_id, _TRIGGER.c.project_id).where(
            _TRIGGER.c.kind == TriggerType.AFTER_PROJECT.value,
            _TRIGGER.c.source_project_id.is_not(None),
            _TRIGGER.c.id != (0 if but is None else but),
        )
        after: dict[int, set[int]] = {}
        for source, project in await self._session.execute(query):
            after.setdefault(source, set()).add(project)
        return after

    async def builds_to_look_at(
        self, project_id: int, followed: Followed
    ) -> list[tuple[int, str]]:
        """Return id and state of builds that are new or had not ended, the oldest first."""
        states = await self._states_after(project_id, followed.upto)
        for some in _portions(sorted(followed.open)):
            # Of one that was deleted there is nothing to wait for.
            states.update(dict.fromkeys(some, "cancelled"))
            old = select(_BUILD.c.id, _BUILD.c.state).where(_BUILD.c.id.in_(some))
            states.update((one, state) for one, state in await self._session.execute(old))
        return sorted(states.items())

    async def followed_from_now(self, project_id: int) -> Followed:
        """Return that all builds of a project but those that have not ended were seen."""
        newest = await self._session.scalar(select(func.max(_BUILD.c.id)))
        unfinished = select(_BUILD.c.id).where(
            _BUILD.c.project_id == project_id, _BUILD.c.state.in_(_UNFINISHED)
        )
        still = await self._session.scalars(unfinished)
        return Followed(newest or 0, frozenset(still.all()))

    async def _states_after(self, project_id: int, build_id: int) -> dict[int, str]:
        """Return id and state of the builds of a project that came after one.

        Numbers grow as ids do: it goes back from the newest, and never through all of them.
        """
        newest = (
            select(_BUILD.c.id, _BUILD.c.state, _BUILD.c.number)
            .where(_BUILD.c.project_id == project_id)
            .order_by(_BUILD.c.number.desc())
            .limit(_AT_ONCE)
        )
        found: dict[int, str] = {}
        query = newest
        while True:
            rows = (await self._session.execute(query)).all()
            new = {row.id: row.state for row in rows if row.id > build_id}
            found.update(new)
            if len(new) < _AT_ONCE:
                return found
            query = newest.where(_BUILD.c.number < rows[-1].number)


def _portions(ids: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def as_row(row: RowMapping) -> TriggerRow:
    """Return a trigger as the services give it out."""
    known = row["kind"] in set(TriggerType)
    unknown = _("It is stored as “{word}”, which is not known here: it starts nothing.")
    return TriggerRow(
        id=row["id"],
        uid=row["uid"],
        version=row["version"],
        project_id=row["project_id"],
        project=row["project"],
        kind=choice(TriggerType, row["kind"], TriggerType.SCHEDULE),
        enabled=bool(known and row["enabled"]),
        expression=row["expression"],
        interval_s=row["interval_s"],
        source_project_id=row["source_project_id"],
        source_project=row["source_project"] or "",
        branch=row["branch"],
        build_type=row["build_type"],
        next_at=row["next_at"],
        checked_at=row["checked_at"],
        fired_at=row["fired_at"],
        seen=row["seen"],
        error=row["error"] if known else unknown.format(word=row["kind"]),
        created_by=row["created_by"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
