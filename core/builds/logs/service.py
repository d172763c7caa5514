"""Reads the logs of builds: how much there is, lines of them, and the whole into a file."""

import logging
from array import array
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.logs import store
from core.builds.logs.marked import groups, lines_marked
from core.builds.logs.marks import MarkKind
from core.builds.logs.plain import PlainText
from core.builds.logs.problems import keeping
from core.builds.logs.search.matcher import LineMatcher
from core.builds.logs.unstored import Unstored
from core.builds.logs.walk import each_stretch
from core.builds.repository import BuildRepository
from core.builds.schemas import (
    MOST_MATCHES,
    BuildLog,
    LogGroup,
    LogLevel,
    LogMatches,
    LogSummary,
    Problem,
    stored_state,
)
from core.builds.tables import Build
from core.database.database import Database
from core.errors import DatabaseError, NotFoundError
from core.progress import Progress
from core.saving import replacing
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import Gate, permitted
from core.translation import _

LONGEST_PAGE = 500

_log = logging.getLogger(__name__)

_KINDS = {LogLevel.ERROR: MarkKind.ERROR, LogLevel.WARNING: MarkKind.WARNING}


class Intake(Protocol):
    """Takes in what a build prints."""

    def unstored(self) -> Unstored:
        """Return what is not in the database yet."""
        ...


class Follower(Protocol):
    """Follows a build that runs."""

    @property
    def lines(self) -> int:
        """How many lines can be read by now."""
        ...

    @property
    def intake(self) -> Intake:
        """What takes in its output."""
        ...


class LogService:
    """The logs of the builds of a workspace.

    Args:
        followers: The builds that this process takes in now, by id.
    """

    def __init__(
        self, *, database: Database, followers: Mapping[int, Follower], gate: Gate
    ) -> None:
        self.gate = gate
        self._database = database
        self._followers = followers
        self._reader = store.LogReader()

    @permitted(Operation.BUILDS_READ)
    async def summary(self, actor: Actor, *, build_id: int) -> LogSummary:
        """Return how much log a build has by now.

        Raises:
            NotFoundError: The build is gone.
        """
        async with self._database.read() as session:
            build = await _stored(session, build_id)
        follower = self._followers.get(build_id)
        return _summary(build_id, build, follower.lines if follower else 0)

    @permitted(Operation.BUILDS_READ)
    async def lines(
        self, actor: Actor, *, build_id: int, first: int, count: int
    ) -> tuple[BuildLog, ...]:
        """Return up to 500 lines from number ``first`` on, the newest output included."""
        count = min(count, LONGEST_PAGE)
        # Taken first: what is stored meanwhile is then found in both places, not in none.
        unstored = self._unstored(build_id)
        # One state: the chunks of a build are regrouped at its end.
        async with self._database.read(snapshot=True) as session:
            lines = await self._reader.lines(session, build_id, first=first, count=count)
        if unstored and len(lines) < count:
            wanted = first + len(lines)
            lines += unstored.lines(build_id, first=wanted, count=count - len(lines))
        return tuple(lines)

    @permitted(Operation.BUILDS_READ)
    async def save(
        self,
        actor: Actor,
        *,
        build_id: int,
        target: Path,
        progress: Progress,
        plain: bool = False,
    ) -> int:
        """Write the log into a file, whole or not at all; return its size in bytes.

        The log of a running build is written as far as it goes by now. Where a log passed
        its cap, a line in its middle says how much is gone.

        Args:
            plain: As text without escape sequences, not as it was printed.

        Raises:
            ExternalError: The file could not be written.
        """
        summary = await self.summary(actor, build_id=build_id)
        unstored = self._unstored(build_id)
        refusal = _("The log could not be saved.")
        text, read = PlainText() if plain else None, 0
        # Who may read it is for the person to say, as of all that they make.
        async with replacing(target, refusal=refusal, mode=0o666) as file:
            # One state: the chunks of a build are regrouped at its end.
            async with self._database.read(snapshot=True) as session:
                async for raw in store.raw_log(session, summary):
                    read += len(raw)
                    await file.write(text.feed(raw) if text else raw)
                    progress.report(read / max(summary.bytes, 1))
                build = await BuildRepository(session).stored(build_id)
            if unstored and build:
                for raw in unstored.raw(chunk=build.log_chunks, offset=build.log_bytes):
                    await file.write(text.feed(raw) if text else raw)
            if text:
                await file.write(text.finish())
        return file.bytes

    @permitted(Operation.BUILDS_READ)
    async def search(
        self,
        actor: Actor,
        *,
        build_id: int,
        text: str,
        regular: bool = False,
        case: bool = False,
    ) -> LogMatches:
        """Return which lines hold a text, the newest output included.

        Lines are searched as they stand on a screen, without escape sequences. Cancel it
        to stop it: nothing is left.

        Args:
            regular: The text is a regular expression, in the syntax of RE2; ``^`` and ``$``
                are the ends of a line.
            case: Upper and lower case differ.

        Raises:
            NotFoundError: The build is gone.
            ValidationError: The text is no expression; it says why, and at which character.
        """
        matcher = LineMatcher(text, regular=regular, case=case)
        unstored = self._unstored(build_id)
        lines, total, last = array("q"), 0, -1
        # One state: the chunks of a build are regrouped at its end.
        async with self._database.read(snapshot=True) as session:
            build = await _stored(session, build_id)
            stretches = each_stretch(session, build, unstored, matcher.lines_in)
            async with aclosing(stretches):
                async for found in stretches:
                    # Of a very long line, several stretches may tell.
                    new = found[1:] if found and found[0] == last else found
                    lines.extend(new[: MOST_MATCHES - len(lines)])
                    total += len(new)
                    last = found[-1] if found else last
        return LogMatches(tuple(lines), total)

    @permitted(Operation.BUILDS_READ)
    async def lines_of(
        self, actor: Actor, *, build_id: int, levels: frozenset[LogLevel]
    ) -> tuple[int, ...]:
        """Return the numbers of the errors and warnings, the newest output included.

        Of each level the first few thousand are known; lines that say nothing are not asked
        for. The lines of groups' headings and of Buildbench itself are not among them.

        Raises:
            NotFoundError: The build is gone.
        """
        kinds = {_KINDS[level] for level in levels if level in _KINDS}
        unstored = self._unstored(build_id)
        async with self._database.read(snapshot=True) as session:
            build = await _stored(session, build_id)
            return await lines_marked(session, build, unstored, kinds)

    @permitted(Operation.BUILDS_READ)
    async def groups(self, actor: Actor, *, build_id: int) -> tuple[LogGroup, ...]:
        """Return the groups of lines, in order; none is within another.

        Raises:
            NotFoundError: The build is gone.
        """
        unstored = self._unstored(build_id)
        async with self._database.read(snapshot=True) as session:
            build = await _stored(session, build_id)
            return await groups(session, build, unstored)

    @permitted(Operation.BUILDS_READ)
    async def problems(self, actor: Actor, *, build_id: int) -> tuple[Problem, ...]:
        """Return what compilers and test runners complain of, by their lines in the log.

        They are kept from the end of a build on, up to 1,000; while it runs, and where they
        were not looked for yet, the log is searched for them.

        Raises:
            NotFoundError: The build is gone.
        """
        unstored = self._unstored(build_id)
        async with self._database.read(snapshot=True) as session:
            build = await _stored(session, build_id)
            if build.problems is not None:
                return await keeping.stored(session, build_id)
            found = await keeping.search(session, build, unstored)
        if keeping.can_be_kept(build):
            try:
                await keeping.keep(self._database, build_id, found)
            except DatabaseError as error:
                _log.info("Problems of build %d were not kept: %s", build_id, error.title)
        return found

    def _unstored(self, build_id: int) -> Unstored | None:
        """Return what this process took in of a build and has not stored yet."""
        follower = self._followers.get(build_id)
        return follower.intake.unstored() if follower else None


def _summary(build_id: int, build: Build, taken_in: int) -> LogSummary:
    removed = build.log_removed_at is not None
    return LogSummary(
        build_id=build_id,
        lines=0 if removed else max(build.log_lines, taken_in),
        bytes=0 if removed else build.log_bytes,
        errors=build.errors,
        warnings=build.warnings,
        finished=stored_state(build.state).finished,
        dropped_first=build.dropped_first,
        dropped_lines=build.dropped_lines,
    )


async def _stored(session: AsyncSession, build_id: int) -> Build:
    build = await BuildRepository(session).stored(build_id)
    if build is None:
        raise NotFoundError(
            _("This build is gone."), hint=_("It may have been deleted with its project.")
        )
    return build
