"""Gathers the artifacts of a build that is about to end, for whoever stores that end."""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.artifacts.collecting import Collection, collect
from core.builds.artifacts.limits import USUAL, Limits
from core.builds.artifacts.repository import ArtifactRepository
from core.builds.artifacts.words import log_lines
from core.builds.repository import BuildRepository
from core.builds.running.results import Result
from core.builds.tables import Build
from core.completion import to_the_end
from core.database.database import Database
from core.database.fields.times import utc_now
from core.database.leases import Fence
from core.paths import UnsafeFolderError, WorkspaceFolders
from core.translation import _

_ASK_EVERY_S: Final = 0.05
_RUNS: Final = ("command", "after")
_NOT_STARTED: Final = "start_failed"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was gathered of a build; ``lines`` are for its log.

    The files belong to nobody until ``add`` is committed; else a sweep removes them.
    """

    lines: Sequence[str] = ()
    found: Collection | None = None

    @property
    def values(self) -> Mapping[str, object]:
        """What the row of the build says about its artifacts."""
        if self.found is None:
            return {}
        return {"artifact_count": len(self.found.kept), "artifact_bytes": self.found.bytes}

    async def add(self, session: AsyncSession, build_id: int) -> None:
        """Store the rows, in the transaction that stores the end of the build."""
        if self.found is not None:
            await ArtifactRepository(session).add(build_id, self.found.kept, utc_now())


class ArtifactGatherer:
    """Gathers artifacts in a worker thread, unless somebody stops it."""

    def __init__(
        self, database: Database, folders: WorkspaceFolders, limits: Limits = USUAL
    ) -> None:
        self._database, self._folders, self._limits = database, folders, limits

    async def gather(
        self, build_id: int, fence: Fence, *, result: Result | None, stop_files: Sequence[Path]
    ) -> Gathered:
        """Copy what the patterns of a build mean.

        Args:
            build_id: The build, of which no process works any more.
            fence: The lease of the leader.
            result: How it ended, None where nobody saw that.
            stop_files: One of them that appears from now on ends the gathering.

        Raises:
            LeaseLostError: Another process leads now.
        """
        async with self._database.read() as session:
            build = await BuildRepository(session).stored(build_id)
        if build is None or not build.artifact_patterns:
            return Gathered()
        if refusal := refusal_line(result):
            return Gathered([refusal])
        await self._remove_of_before(build, fence)
        found = await self._collect(build, stop_files)
        return Gathered(log_lines(found), found)

    async def _remove_of_before(self, build: Build, fence: Fence) -> None:
        """Delete what was gathered of the build before a crash.

        What was there before the fence was looked at belongs to no row, and to none to come:
        former leaders are refused, and later ones take files of their own under new names.
        """
        try:
            folder = self._folders.artifacts_of(build.uid)
        except UnsafeFolderError:
            return  # the gathering refuses it as well, and tells
        files = await asyncio.to_thread(_files_in, folder)
        if not files:
            return
        async with self._database.unit_of_work(fence=fence, patient=True) as unit:
            kept = (await ArtifactRepository(unit.session).kept_by([build.uid])).get(build.uid)
        # Not under the write lock: they may be ten thousand.
        if kept is None:
            await to_the_end(asyncio.to_thread(_clear, files))

    async def _collect(self, build: Build, stop_files: Sequence[Path]) -> Collection:
        gone = False
        asked = _Throttled(_appearing(stop_files))

        def work() -> Collection:
            return collect(
                self._folders,
                build_uid=build.uid,
                directory=Path(build.directory),
                patterns=[str(pattern) for pattern in build.artifact_patterns],
                stopped=lambda: gone or asked(),
                limits=self._limits,
            )

        task = asyncio.create_task(asyncio.to_thread(work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            # The window closes: whoever leads next gathers anew.
            gone = True
            found = await to_the_end(task)
            await to_the_end(asyncio.to_thread(found.discard))
            raise


def refusal_line(result: Result | None) -> str:
    """Return why nothing is gathered after such an end; empty where it is.

    Where the command did not run, what lies in the folder is of builds before.
    """
    if result is None:
        return _("Artifacts were not collected: nobody looked after the build at its end.")
    ran = result.step is None or result.step.kind in _RUNS
    if result.outcome == _NOT_STARTED or not ran:
        return _("Artifacts were not collected, because the command did not run.")
    return ""


class _Throttled:
    """Asks a question only now and then; once it was answered with yes, never again."""

    def __init__(self, question: Callable[[], bool]) -> None:
        self._question = question
        self._next = 0.0
        self._answer = False

    def __call__(self) -> bool:
        now = time.monotonic()
        if not self._answer and now >= self._next:
            self._next = now + _ASK_EVERY_S
            self._answer = self._question()
        return self._answer


def _appearing(files: Sequence[Path]) -> Callable[[], bool]:
    """Return what tells whether one of these appeared since now."""
    absent = [file for file in files if not os.path.lexists(file)]
    return lambda: any(os.path.lexists(file) for file in absent)


def _files_in(folder: Path) -> list[Path]:
    """Return what lies in a folder; nothing where there is none."""
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _clear(files: Sequence[Path]) -> None:
    for path in files:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("The copy of an artifact stays: %s", error)
