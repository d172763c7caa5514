"""Reads and writes builds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import RowMapping, bindparam, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.schemas import (
    BuildRow,
    BuildState,
    FailureReason,
    TriggerKind,
    stored_state,
)
from core.builds.statistics.estimates import SUCCESSES, estimate
from core.builds.tables import Build
from core.database.fields.choices import choice
from core.database.fields.times import UtcDateTime, utc_now
from core.database.query.builder import Query
from core.database.tables import table_of
from core.projects.schemas import Checkout
from core.projects.tables import Project
from core.translation import _

_BUILD = table_of(Build)
_PROJECT = table_of(Project)
_ROWS = (
    Query(Build)
    .join(Project, name="project")
    .only(*(column.key for column in _BUILD.columns), "project.name")
)
# What else a row gives out is made of its columns.
_MADE = frozenset(
    ("project", "state", "reason", "message", "environment", "secret_names", "estimate_ms",
     "late_after_ms", "trigger", "trigger_detail", "checkout", "before_steps", "after_steps",
     "artifact_patterns")
)  # fmt: skip
_AS_STORED = tuple(one.name for one in fields(BuildRow) if one.name not in _MADE)
_ACTIVE_STATES = [state.value for state in BuildState if state.active]

_NEXT_NUMBER = text(
    "INSERT INTO build_numbers (project_id, last) VALUES (:project_id, 1)"
    " ON CONFLICT (project_id) DO UPDATE SET last = last + 1 RETURNING last"
)
_POSITION = text("UPDATE builds SET position = id WHERE id = :id")
# The index of what waits is named: the one of all states would be chosen, and all sorted.
_WAITING = text(
    "SELECT id, priority, position FROM builds INDEXED BY ix_builds_waiting"
    " WHERE state = 'pending'"
    " ORDER BY priority DESC, position LIMIT :limit"
)
_WAITING_COUNT = text(
    "SELECT count(*) FROM builds INDEXED BY ix_builds_waiting WHERE state = 'pending'"
)
_CANCEL_OLDER = text(
    "UPDATE builds SET state = 'cancelled', message = :message, finished_at = :now,"
    " updated_at = :now, version = version + 1 WHERE state = 'pending'"
    " AND project_id = :project_id AND branch = :branch AND build_type = :build_type"
    " AND id < :id RETURNING id"
).bindparams(bindparam("now", type_=UtcDateTime))
_REORDER = text(
    "UPDATE builds SET position = new.value ->> 1 FROM json_each(:positions) AS new"
    " WHERE builds.id = new.value ->> 0"
)


class BuildRepository:
    """The builds of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def next_number(self, project_id: int) -> int:
        """Give the next build number of a project; it is never given again."""
        return int(await self._session.scalar(_NEXT_NUMBER, {"project_id": project_id}) or 0)

    async def add(self, values: dict[str, object]) -> int:
        """Store a new build, behind all that wait, and return its id."""
        result = await self._session.execute(
            insert(Build).values(values).returning(_BUILD.c.id)
        )
        build_id = int(result.scalar_one())
        await self._session.execute(_POSITION, {"id": build_id})
        return build_id

    async def find(self, build_id: int) -> BuildRow | None:
        """Return a build with the name of its project and its estimate."""
        found = await _ROWS.where(id__eq=build_id).first(self._session)
        if found is None:
            return None
        return (await self._as_rows([found]))[0]

    async def page(self, project_id: int, *, before: int | None, limit: int) -> list[BuildRow]:
        """Return builds of a project with numbers below ``before``, the newest first."""
        query = _ROWS.where(project_id__eq=project_id).order_by("-number").limit(limit)
        query = query.when(before is not None, {"number__lt": before})
        return await self._as_rows(await query.all(self._session))

    async def active(self) -> list[BuildRow]:
        """Return the builds of which a process may be alive, the oldest first."""
        query = _ROWS.where(state__in=_ACTIVE_STATES).order_by("id")
        return await self._as_rows(await query.all(self._session))

    async def waiting(self, limit: int) -> list[BuildRow]:
        """Return the builds that are next, in the order in which they start."""
        ids = [build_id for build_id, _priority, _position in await self.order(limit)]
        found = await _ROWS.where(id__in=ids).all(self._session) if ids else []
        by_id = {row.id: row for row in await self._as_rows(found)}
        return [by_id[build_id] for build_id in ids]

    async def order(self, limit: int = -1) -> list[tuple[int, int, int]]:
        """Return id, priority and position of what waits, in the order of starting."""
        rows = await self._session.execute(_WAITING, {"limit": limit})
        return [(build_id, priority, position) for build_id, priority, position in rows]

    async def reorder(self, positions: Mapping[int, int]) -> None:
        """Give builds, by their ids, other positions."""
        pairs = json.dumps(list(positions.items()))
        await self._session.execute(_REORDER, {"positions": pairs})

    async def waiting_count(self) -> int:
        """Return how many builds wait."""
        return int(await self._session.scalar(_WAITING_COUNT) or 0)

    async def cancel_waiting(self, newest: BuildRow, *, message: str, now: datetime) -> int:
        """Cancel what waits of the same project, branch and type; return how many."""
        values = {
            "message": message,
            "now": now,
            "project_id": newest.project_id,
            "branch": newest.branch,
            "build_type": newest.build_type,
            "id": newest.id,
        }
        return len((await self._session.execute(_CANCEL_OLDER, values)).all())

    async def project_version(self, project_id: int) -> int | None:
        """Return at which version a project is, None when it is gone."""
        query = select(_PROJECT.c.version).where(_PROJECT.c.id == project_id)
        found: int | None = await self._session.scalar(query)
        return found

    async def active_states(self) -> list[tuple[int, str, BuildState]]:
        """Return id, ``uid`` and state of the builds of which a process may be alive."""
        query = Query(Build).only("id", "uid", "state").order_by("id")
        rows = await query.where(state__in=_ACTIVE_STATES).all(self._session)
        return [(row["id"], row["uid"], BuildState(row["state"])) for row in rows]

    async def project_uid(self, project_id: int) -> str:
        """Return the ``uid`` of a project, an empty text when it is gone."""
        query = select(_PROJECT.c.uid).where(_PROJECT.c.id == project_id)
        return str(await self._session.scalar(query) or "")

    async def slots_taken(self, build: Build) -> set[int]:
        """Return in which work trees of a project its other builds work now."""
        query = select(_BUILD.c.slot).where(
            _BUILD.c.project_id == build.project_id,
            _BUILD.c.state.in_(_ACTIVE_STATES),
            _BUILD.c.id != build.id,
            _BUILD.c.slot.is_not(None),
        )
        return set((await self._session.scalars(query)).all())

    async def change(self, build_id: int, **values: object) -> bool:
        """Change a build in whatever state it is; False when it is gone."""
        return await self.move(build_id, from_states=tuple(BuildState), **values)

    async def move(
        self, build_id: int, *, from_states: Sequence[BuildState], **values: object
    ) -> bool:
        """Change a build if it is in one of these states; False when it is not."""
        query = (
            update(Build)
            .where(_BUILD.c.id == build_id, _BUILD.c.state.in_([s.value for s in from_states]))
            .values(**values, version=_BUILD.c.version + 1, updated_at=utc_now())
            .returning(_BUILD.c.id)
        )
        return (await self._session.execute(query)).first() is not None

    async def set_progress(self, build_id: int, values: Mapping[str, object]) -> None:
        """Note how far the log was taken in."""
        await self._session.execute(update(Build).where(_BUILD.c.id == build_id).values(values))

    async def stored(self, build_id: int) -> Build | None:
        """Return the stored build with all its columns."""
        return await self._session.get(Build, build_id)

    async def is_project_active(self, project_id: int) -> bool:
        """Tell whether a project is there and may be built."""
        project = await self._session.get(Project, project_id)
        return project is not None and bool(project.active)

    async def _as_rows(self, found: Sequence[RowMapping]) -> list[BuildRow]:
        projects = {row["project_id"] for row in found}
        usual = {project: await self._usual(project) for project in projects}
        return [_as_row(row, *usual[row["project_id"]]) for row in found]

    async def _usual(self, project_id: int) -> tuple[int | None, int | None]:
        """Return how long the last successes of a project took: median and ninth tenth."""
        query = (
            select(_BUILD.c.duration_ms)
            .where(
                _BUILD.c.project_id == project_id, _BUILD.c.state == BuildState.SUCCESS.value
            )
            .order_by(_BUILD.c.number.desc())
            .limit(SUCCESSES)
        )
        usual = estimate((await self._session.scalars(query)).all())
        return usual.median_ms, usual.late_after_ms


def _unknown_words(row: RowMapping) -> str:
    """Return what a row says of how the build stands where that is not known here."""
    if row["state"] not in set(BuildState):
        text = _("Its state is stored as “{word}”, which is not known here.")
        return text.format(word=row["state"])
    if row["reason"] and row["reason"] not in set(FailureReason):
        text = _("Why it failed is stored as “{word}”, which is not known here.")
        return text.format(word=row["reason"])
    return ""


def _reason(row: RowMapping) -> FailureReason | None:
    """Return why a build failed; what is not known is told in words beside it."""
    if row["state"] not in set(BuildState):
        return FailureReason.LOST
    return next((reason for reason in FailureReason if reason == row["reason"]), None)


def _as_row(row: RowMapping, estimate_ms: int | None, late_after_ms: int | None) -> BuildRow:
    trigger = choice(TriggerKind, row["trigger"], TriggerKind.UNKNOWN)
    known = trigger is not TriggerKind.UNKNOWN
    plain = {name: row[name] for name in _AS_STORED}
    return BuildRow(
        **plain,
        project=row["project.name"],
        state=stored_state(row["state"]),
        reason=_reason(row),
        message=" ".join(filter(None, (_unknown_words(row), row["message"]))),
        environment=dict(row["environment"]),
        secret_names=tuple(row["secret_names"]),
        estimate_ms=estimate_ms,
        late_after_ms=late_after_ms,
        trigger=trigger,
        trigger_detail=row["trigger_detail"] if known else str(row["trigger"]),
        checkout=choice(Checkout, row["checkout"], Checkout.FOLDER),
        before_steps=tuple(row["before_steps"]),
        after_steps=tuple(row["after_steps"]),
        artifact_patterns=tuple(row["artifact_patterns"]),
    )
