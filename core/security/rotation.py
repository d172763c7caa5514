"""Seals every value of a workspace anew with the present key.

It may be cut off at any point: a value is replaced only where it is still the one that was
read, by one that is sealed with a key that is kept already, and older keys stay. So every
value opens at every moment, and running it again goes on.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.database import Database
from core.database.quoting import quoted
from core.progress import Progress
from core.security.keys.errors import DecryptError, tampered
from core.security.schemas import RotationReport, SealedCounts, UnreadableValue
from core.security.sealed import Sealed
from core.security.sealed_places import SEALED_PLACES, SealedKind, SealedPlace
from core.security.sealing import Sealer, place_of
from core.translation import _

_BATCH = 500
# No value of ours is larger, and no more is held in memory: anybody may have written the rows.
_LARGEST = 16 * 1024 * 1024
_AT_ONCE = 64 * 1024 * 1024
_LONGEST_UID = 200
_PASSES = 5
_TOLD = 20


@dataclass(frozen=True, slots=True)
class _Row:
    """A row; ``stored`` is None for what is no text, or larger than any value of ours."""

    rowid: int
    uid: str
    stored: str | None


class Rotation:
    """One run over the sealed values of a workspace.

    Args:
        places: Where they lie.
    """

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        progress: Progress,
        places: Sequence[SealedPlace] = SEALED_PLACES,
    ) -> None:
        self._database, self._sealer, self._progress = database, sealer, progress
        self._places = places
        self._unreadable: dict[tuple[str, str, str], UnreadableValue] = {}
        self._resealed = self._rows_done = self._rows = 0

    async def run(self) -> RotationReport:
        """Seal anew what is not under the present key.

        Raises:
            AppError: It could not go on; what was sealed anew stays so.
        """
        await self._sealer.ready(to_seal=True)
        async with self._database.read() as session:
            places = [place for place in self._places if await _exists(session, place)]
            self._rows = sum([await _older_rows(session, place, "") for place in places])
        missed = 0
        for _pass in range(_PASSES):
            before = self._resealed
            missed = sum([await self._walk(place) for place in places])
            if self._resealed == before and not missed:
                break
        unreadable = tuple(self._unreadable.values())
        return RotationReport(
            key=self._sealer.keys.current().id,
            resealed=self._resealed,
            unreadable=unreadable[:_TOLD],
            unreadable_count=len(unreadable),
            left=missed,
        )

    async def _walk(self, place: SealedPlace) -> int:
        """Go once through a column; return how many rows were changed by others meanwhile."""
        missed = last = 0
        prefix = self._sealer.prefix()
        while True:
            async with self._database.read() as session:
                rows = await _rows_after(session, place, last, prefix)
            if not rows:
                return missed
            last = rows[-1].rowid
            changes = await asyncio.to_thread(self._seal_rows, place, rows)
            missed += await self._replace(place, changes)
            self._tell(len(rows))

    def _seal_rows(self, place: SealedPlace, rows: Sequence[_Row]) -> list[dict[str, object]]:
        changes: list[dict[str, object]] = []
        for row in rows:
            count, anew = self._seal_row(place, row)
            if count:
                changes.append(
                    {"id": row.rowid, "old": row.stored, "new": anew, "count": count}
                )
        return changes

    def _seal_row(self, place: SealedPlace, row: _Row) -> tuple[int, str]:
        """Return how many values of a row were sealed anew, and what is to be stored."""
        if row.stored is None:
            self._note(place, place.column, row.uid, tampered())
            return 0, ""
        if place.kind is SealedKind.TEXT:
            anew = self._seal_value(place, place.column, row.uid, row.stored)
            return (0, "") if anew is None else (1, anew)
        try:
            values = json.loads(row.stored)
        except (ValueError, TypeError, RecursionError):
            values = None
        if not isinstance(values, dict):
            self._note(place, place.column, row.uid, tampered())
            return 0, ""
        changed = {
            name: anew
            for name, stored in values.items()
            if (anew := self._seal_value(place, f"{place.column}.{name}", row.uid, stored))
        }
        return len(changed), json.dumps({**values, **changed})

    def _seal_value(
        self, place: SealedPlace, column: str, uid: str, stored: object
    ) -> str | None:
        """Return a value sealed anew; None where it is so already, or cannot be opened."""
        sealed = Sealed(str(stored))
        if self._sealer.is_current(sealed):
            return None
        name = place_of(place.table, column, uid)
        try:
            return self._sealer.seal(self._sealer.open(sealed, place=name), place=name).stored
        except DecryptError as error:
            self._note(place, column, uid, error)
            return None

    def _note(self, place: SealedPlace, column: str, uid: str, error: DecryptError) -> None:
        found = UnreadableValue(place.table, column, uid, error.title)
        self._unreadable[place.table, column, uid] = found

    async def _replace(self, place: SealedPlace, changes: list[dict[str, object]]) -> int:
        """Store what was sealed anew; return how many rows were changed by others meanwhile."""
        if not changes:
            return 0
        replace = text(
            f"UPDATE {quoted(place.table)} SET {quoted(place.column)} = :new"  # noqa: S608
            f" WHERE rowid = :id AND {quoted(place.column)} = :old"
        )
        async with self._database.unit_of_work(patient=True) as unit:
            if place.kind is SealedKind.TEXT:
                rows = values = await _changed_rows(unit.session, replace, changes)
            else:
                done = [
                    change
                    for change in changes
                    if await _changed_rows(unit.session, replace, [change])
                ]
                rows, values = len(done), sum(int(str(change["count"])) for change in done)
            await unit.commit()
        self._resealed += values
        return len(changes) - rows

    def _tell(self, rows: int) -> None:
        self._rows_done += rows
        self._progress.report(
            self._rows_done / max(self._rows, self._rows_done, 1),
            _("{count} values are sealed anew.").format(count=self._resealed),
        )


async def count_sealed(
    session: AsyncSession, prefix: str, places: Sequence[SealedPlace] = SEALED_PLACES
) -> SealedCounts:
    """Return how many sealed values there are, and how many begin with something else."""
    total = older = 0
    for place in places:
        if await _exists(session, place):
            total += await session.scalar(text(_counting(place, older=False))) or 0
            values = {"prefix": prefix, "length": len(prefix)}
            older += await session.scalar(text(_counting(place, older=True)), values) or 0
    return SealedCounts(total, older)


def _counting(place: SealedPlace, *, older: bool) -> str:
    column = f"{quoted(place.table)}.{quoted(place.column)}"
    if place.kind is SealedKind.TEXT:
        value, tables, where = column, quoted(place.table), f"{column} IS NOT NULL"
    else:
        # What is no JSON object must not make the others uncountable.
        whole = f"CASE WHEN json_valid({column}) THEN {column} ELSE '{{}}' END"
        tables = f"{quoted(place.table)}, json_each({whole}) AS one"
        value, where = "one.value", "one.type = 'text'"
    if older:
        where += f" AND substr({value}, 1, :length) <> :prefix"
    return f"SELECT count(*) FROM {tables} WHERE {where}"  # noqa: S608


async def _changed_rows(
    session: AsyncSession, statement: TextClause, rows: Sequence[dict[str, object]]
) -> int:
    result = cast("CursorResult[Any]", await session.execute(statement, rows))
    return result.rowcount


async def _exists(session: AsyncSession, place: SealedPlace) -> bool:
    columns = await session.scalars(
        text("SELECT name FROM pragma_table_info(:table)"), {"table": place.table}
    )
    return {place.column, place.uid} <= set(columns)


async def _older_rows(session: AsyncSession, place: SealedPlace, prefix: str) -> int:
    query = text(f"SELECT count(*) FROM {quoted(place.table)}{_condition(place)}")  # noqa: S608
    return await session.scalar(query, _values(0, prefix)) or 0


async def _rows_after(
    session: AsyncSession, place: SealedPlace, last: int, prefix: str
) -> list[_Row]:
    column, uid = quoted(place.column), quoted(place.uid)
    # As bytes: of a text that is not UTF-8 none of the rows could be fetched.
    size = f"CASE typeof({column}) WHEN 'text' THEN length(CAST({column} AS BLOB)) END"
    whole = f"CASE WHEN {size} <= {_LARGEST} THEN CAST({column} AS BLOB) END"
    name = f"CAST(substr({uid}, 1, {_LONGEST_UID}) AS BLOB)"
    tables = f" FROM {quoted(place.table)}{_condition(place)}"
    values = _values(last, prefix)
    sizes = await session.execute(
        text(f"SELECT rowid, {size}{tables} ORDER BY rowid LIMIT {_BATCH}"),
        values,
    )
    upto = _as_far_as_fits([(rowid, found or 0) for rowid, found in sizes])
    rows = await session.execute(
        text(f"SELECT rowid, {name}, {whole}{tables} AND rowid <= :upto ORDER BY rowid"),
        {**values, "upto": upto},
    )
    return [_Row(rowid, _text(uid) or "", _text(stored)) for rowid, uid, stored in rows]


def _as_far_as_fits(sizes: Sequence[tuple[int, int]]) -> int:
    """Return the last row that is fetched with those before it; at least the first is."""
    upto = total = 0
    for rowid, size in sizes:
        total += size if size <= _LARGEST else 0
        if upto and total > _AT_ONCE:
            break
        upto = rowid
    return upto


def _text(raw: bytes | None) -> str | None:
    try:
        return None if raw is None else raw.decode()
    except UnicodeDecodeError:
        return None


def _condition(place: SealedPlace) -> str:
    column = quoted(place.column)
    older = f" AND (:prefix = '' OR substr({column}, 1, :length) <> :prefix)"
    only_older = older if place.kind is SealedKind.TEXT else ""
    return f" WHERE rowid > :last AND {column} IS NOT NULL{only_older}"


def _values(last: int, prefix: str) -> dict[str, object]:
    return {"last": last, "prefix": prefix, "length": len(prefix)}
