"""Makes reports of what the maintenance child measured."""

import asyncio
import functools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from core.completion import to_the_end
from core.database.fields.times import utc_now
from core.performance.keeping import KeptFile
from core.performance.maintenance.changed import CHANGING, changed_since
from core.performance.maintenance.figures import size_of
from core.performance.maintenance.schemas import VacuumForecast
from core.performance.storage.schemas import StorageObject, StorageReport
from core.performance.target import Target
from core.translation import _, ngettext

_KEPT = KeptFile("storage.json", StorageReport)


class LastReport:
    """The newest report of a file, of this window or of an earlier one."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._report: StorageReport | None = None

    async def get(self) -> StorageReport | None:
        """Return it, and whether it is outdated by now; None where there is none."""
        if self._report is None:
            self._report = await asyncio.to_thread(_KEPT.read, self._target.folders)
        if self._report is None:
            return None
        at = self._report.analysed_at
        outdated = await changed_since(self._target, at, CHANGING)
        return replace(self._report, outdated=outdated)

    async def put(self, report: StorageReport) -> None:
        """Keep a newer one."""
        self._report = report
        await to_the_end(asyncio.to_thread(_KEPT.keep, report, self._target.folders))


def report_of(
    answer: Mapping[str, Any], path: Path, vacuum: VacuumForecast | None
) -> StorageReport:
    """Return the report of a file; blocks for a look at it.

    Args:
        answer: Of the child's operation "storage".
        vacuum: What it would need; what it would gain is in the answer.
    """
    problems = _problems(answer)
    packed = max(answer["page_count"] - answer["packed_pages"], answer["freelist_pages"])
    if vacuum is not None:
        gain = packed * answer["page_size"]
        vacuum = replace(vacuum, gain_bytes=gain, measured=True)
    return StorageReport(
        file_bytes=size_of(path),
        wal_bytes=size_of(path.with_name(path.name + "-wal")),
        page_size=answer["page_size"],
        page_count=answer["page_count"],
        freelist_pages=answer["freelist_pages"],
        objects=_objects().validate_python(answer["objects"]),
        analysed_at=utc_now(),
        exact=not problems,
        vacuum=vacuum,
        problems=problems,
    )


def _problems(answer: Mapping[str, Any]) -> tuple[str, ...]:
    problems = tuple(_problem(one["name"], one["message"]) for one in answer["problems"])
    lost = answer["page_count"] - answer["counted_pages"]
    if lost > 0:
        words = ngettext(
            "{count} page belongs to nothing that could be read.",
            "{count} pages belong to nothing that could be read.",
            lost,
        )
        return (*problems, words.format(count=lost))
    if lost < 0:
        words = ngettext(
            "{count} page belongs to more than one table or index.",
            "{count} pages belong to more than one table or index.",
            -lost,
        )
        return (*problems, words.format(count=-lost))
    return problems


def _problem(name: str, message: str) -> str:
    if not name:
        return _("Not all of the file could be measured: {message}.").format(message=message)
    return _("“{name}” could not be read whole: {message}.").format(name=name, message=message)


# Made when they are needed: that takes longer than all else of this module.
@functools.cache
def _objects() -> TypeAdapter[tuple[StorageObject, ...]]:
    return TypeAdapter(tuple[StorageObject, ...])
