"""What VACUUM would gain and need, and where its temporary file has room.

It needs the used pages once more in a temporary file. What it copies back goes into the
write-ahead log, or, where there is none, what was there before goes into a journal
(https://sqlite.org/lang_vacuum.html#how_vacuum_works): both lie beside the database.
"""

import os
import shutil
import statistics
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from core.errors import ConflictError
from core.performance.maintenance.figures import read_back
from core.performance.maintenance.schemas import FileFigures, VacuumForecast
from core.performance.storage.schemas import StorageReport
from core.sizes import size_words
from core.translation import _

# The head of a page in a log or journal, in bytes, and room for what else there is.
_HEAD_BYTES = 24
_SLACK_BYTES = 1024 * 1024
# A file whose size is another one by more than this share has changed since it was measured.
_SAME_SIZE = 0.1
# Where SQLite looks for a folder, https://sqlite.org/tempfiles.html#tempdir
_PLACES = ("/var/tmp", "/usr/tmp", "/tmp")  # noqa: S108  # its own choice, not ours


@dataclass(frozen=True, slots=True)
class Room:
    """Where the temporary file goes, and what is needed and free on the fuller disk."""

    temporary: Path
    needed_bytes: int
    free_bytes: int

    @property
    def fits(self) -> bool:
        """Whether there is room."""
        return self.needed_bytes <= self.free_bytes


def forecast(
    figures: FileFigures,
    path: Path,
    runs: Sequence[Row[Any]],
    report: StorageReport | None = None,
) -> tuple[VacuumForecast, Room]:
    """Return what VACUUM would gain and need; blocks for a look at the disks.

    Args:
        runs: Earlier ones of this file, for the time.
        report: The newest one of its storage, for what is free within its pages.
    """
    room = _room(figures, path)
    within = _free_within(report, figures)
    told = VacuumForecast(
        gain_bytes=figures.freelist_bytes + (within or 0),
        needed_bytes=room.needed_bytes,
        free_bytes=room.free_bytes,
        seconds=_seconds(figures, runs),
        fits=room.fits,
        measured=within is not None,
    )
    return told, room


def check_fits(room: Room, path: Path) -> None:
    """Let pass only what has room.

    Raises:
        ConflictError: It has not; the words say how much is missing and where.
    """
    if room.fits:
        return
    raise ConflictError(
        _("There is not enough room to pack “{name}”.").format(name=path.name),
        detail=_("It needs {needed} for a while; {free} are free.").format(
            needed=size_words(room.needed_bytes), free=size_words(room.free_bytes)
        ),
        hint=_("Make room on the disks of {folder} and {temporary}, and try again.").format(
            folder=path.parent, temporary=room.temporary
        ),
    )


def _room(figures: FileFigures, path: Path) -> Room:
    """Return the first of the places that has room, the usual one where none has."""
    places = [_measured(figures, path, place) for place in (_usual_place(), path.parent)]
    return next((place for place in places if place.fits), places[0])


def _measured(figures: FileFigures, path: Path, temporary: Path) -> Room:
    used = _used(figures)
    pages = used // max(figures.page_size, 1)
    beside = used + pages * _HEAD_BYTES
    if figures.journal_mode != "wal":
        beside = figures.page_count * (figures.page_size + _HEAD_BYTES)
    needs = {path.parent: beside + _SLACK_BYTES}
    copy = used + _SLACK_BYTES
    if temporary.stat().st_dev == path.parent.stat().st_dev:
        needs[path.parent] += copy
    else:
        needs[temporary] = copy
    rooms = [
        Room(temporary, need, shutil.disk_usage(disk).free) for disk, need in needs.items()
    ]
    return min(rooms, key=lambda room: room.free_bytes - room.needed_bytes)


def _usual_place() -> Path:
    """Return the folder that SQLite itself takes for temporary files."""
    named = [os.environ.get(name, "") for name in ("SQLITE_TMPDIR", "TMPDIR")]
    for place in (*named, *(_PLACES if os.name == "posix" else ())):
        if place and Path(place).is_dir() and os.access(place, os.W_OK | os.X_OK):
            return Path(place)
    return Path(tempfile.gettempdir())


def _free_within(report: StorageReport | None, figures: FileFigures) -> int | None:
    """Return what packing gives back beside free pages; None where that was not measured.

    What was measured before the file was packed, or became another one, tells nothing.
    """
    if report is None or report.outdated or report.vacuum is None:
        return None
    if report.page_size != figures.page_size:
        return None
    if abs(figures.page_count - report.page_count) > _SAME_SIZE * report.page_count:
        return None
    return max(report.vacuum.gain_bytes - report.freelist_pages * report.page_size, 0)


def _used(figures: FileFigures) -> int:
    return max(figures.page_count * figures.page_size - figures.freelist_bytes, 0)


def _seconds(figures: FileFigures, runs: Iterable[Row[Any]]) -> float | None:
    """Return an estimate by the speed of earlier runs, None where there were none."""
    speeds = []
    for run in runs:
        before = read_back(run.before)
        if before is not None and run.duration_ms > 0:
            speeds.append(_used(before) / run.duration_ms)
    speeds = [speed for speed in speeds if speed > 0]
    return _used(figures) / statistics.median(speeds) / 1000 if speeds else None
