"""Queues builds when triggers say so: a duty of the leader.

What fires is found in rows, never remembered by this process, and noted in the transaction
that queues the build: after a crash nothing is fired twice, and nothing is forgotten.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

from cronsim import CronSimError

from core.builds.schemas import BuildFinished, BuildRequest, BuildRow, Cause, TriggerKind
from core.builds.service import BuildService
from core.database import leases
from core.database.concurrency.board import ConcurrencyBoard
from core.database.database import Database
from core.database.fields.times import utc_now
from core.database.leases import Fence, LeaseLostError
from core.database.unit_of_work import UnitOfWork
from core.errors import AppError, DatabaseError
from core.events import Changed, Event, EventBus
from core.repositories import RepositoryError, Tip, in_words, newest_commit, refused
from core.schedules import LocalZone, next_time
from core.security.actors import Actor
from core.translation import _
from core.triggers.followed import Followed
from core.triggers.repository import TriggerRepository
from core.triggers.schemas import SHORTEST_INTERVAL_S, TriggerType
from core.triggers.service import TOPIC

# So long at the most until a clock that jumped, or a machine that slept, is noticed.
LONGEST_WAIT_S, SHORTEST_WAIT_S = 15.0, 0.05
RETRY_S = 2.0
POLLS = "repository_polls"
POLLS_AT_ONCE = 4
LONGEST_BACKOFF = timedelta(hours=1)
_TOPICS = frozenset({TOPIC, "projects"})

Ask = Callable[[str, str], Awaitable[Tip]]
# A trigger with what its project says, as the repository gives it.
Row = Mapping[str, Any]

_log = logging.getLogger(__name__)


class _NotAnyMoreError(Exception):
    """Somebody changed the trigger since it was looked at, or it has fired."""


class TriggerScheduler:
    """Watches the triggers of a workspace while this process leads.

    Args:
        now: Returns the time.
        zone: Of the times in schedules.
        ask: Returns where a branch of a repository is.
    """

    def __init__(
        self,
        *,
        database: Database,
        bus: EventBus,
        builds: BuildService,
        board: ConcurrencyBoard | None = None,
        now: Callable[[], datetime] = utc_now,
        zone: tzinfo | None = None,
        ask: Ask = newest_commit,
    ) -> None:
        self._database = database
        self._bus = bus
        self._builds = builds
        self._now = now
        self._zone = zone or LocalZone()
        self._ask = ask
        self._wake = asyncio.Event()
        self._polls: dict[int, asyncio.Task[None]] = {}
        self._failures: dict[int, int] = {}
        self._told: dict[int, str] = {}
        self._room = (board or ConcurrencyBoard()).semaphore(POLLS, POLLS_AT_ONCE)

    async def run(self, fence: Fence) -> None:
        """Fire triggers until cancelled, or until another process leads."""
        unsubscribe = self._bus.subscribe(self._on_event)
        try:
            while True:
                self._wake.clear()
                pause = await self._contained_turn(fence)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
        except LeaseLostError:
            _log.info("Another process watches the triggers now")
        finally:
            unsubscribe()
            await self._stop_polling()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, BuildFinished) or (
            isinstance(event, Changed) and event.topics & _TOPICS
        ):
            self._wake.set()

    async def _contained_turn(self, fence: Fence) -> float:
        try:
            return await self.turn(fence)
        except LeaseLostError:
            raise
        except AppError as error:
            _log.warning("Triggers wait: %s", error.as_text())
        except Exception:
            _log.exception("Looking at the triggers failed")
        return RETRY_S

    async def turn(self, fence: Fence) -> float:
        """Look at each trigger once; return after how many seconds to look again.

        A row that holds what no trigger can does not keep the others from firing.

        Raises:
            LeaseLostError: Another process leads now.
        """
        async with self._database.read(snapshot=True) as session:
            rows = await TriggerRepository(session).enabled()
        for gone in self._failures.keys() - {row["id"] for row in rows}:
            del self._failures[gone]
        now = self._now()
        due = now + timedelta(seconds=LONGEST_WAIT_S)
        for row in rows:
            try:
                due = min(due, await self._look_at(row, fence) or due)
            except (LeaseLostError, DatabaseError):
                raise
            except Exception as error:
                self._tell_once(row["id"], error)
        return max(SHORTEST_WAIT_S, (due - now).total_seconds())

    def _tell_once(self, trigger_id: int, error: Exception) -> None:
        told = f"{error!r}"[:500]
        if self._told.get(trigger_id) != told:
            self._told[trigger_id] = told
            _log.warning("Trigger %d cannot be used: %s", trigger_id, told)

    async def settle(self) -> None:
        """Wait for the answers of all repositories that are being asked."""
        await asyncio.gather(*self._polls.values(), return_exceptions=True)

    async def _stop_polling(self) -> None:
        for task in self._polls.values():
            task.cancel()
        await self.settle()

    async def _look_at(self, row: Row, fence: Fence) -> datetime | None:
        """Do what a trigger has to do now; return when it has something to do next."""
        match TriggerType(row["kind"]):
            case TriggerType.SCHEDULE:
                return await self._look_at_schedule(row, fence)
            case TriggerType.COMMITS:
                return self._look_at_repository(row, fence)
            case TriggerType.AFTER_PROJECT:
                await self._look_at_builds(row, fence)
        return None

    # Schedules

    async def _look_at_schedule(self, row: Row, fence: Fence) -> datetime | None:
        """Fire what is due, once however many times were missed."""
        now, planned = self._now(), row["next_at"]
        try:
            following = next_time(row["expression"], now, row["fired_at"], self._zone)
        except CronSimError as error:
            await self._tell_error(row, fence, str(error), next_at=None)
            return None
        if planned is not None and planned <= now:
            cause = Cause(TriggerKind.SCHEDULE, detail=row["expression"])
            if row["active"]:
                await self._fire(row, fence, cause, next_at=following)
            else:
                await self._note(row, fence, next_at=following)
        elif planned is None or (following is not None and following < planned):
            # It is new, or the clock was put back.
            await self._note(row, fence, next_at=following)
        return following

    # Repositories

    def _look_at_repository(self, row: Row, fence: Fence) -> datetime | None:
        """Begin to ask a repository where that is due; the answer comes by itself."""
        now = self._now()
        planned: datetime | None = row["next_at"]
        if row["id"] in self._polls or not row["active"]:
            return None
        if planned is not None and now < planned <= now + self._longest_pause(row):
            return planned
        task = asyncio.create_task(self._contained_poll(row, fence))
        self._polls[row["id"]] = task
        return None

    def _longest_pause(self, row: Row) -> timedelta:
        return max(self._interval(row), LONGEST_BACKOFF)

    @staticmethod
    def _interval(row: Row) -> timedelta:
        return timedelta(seconds=max(row["interval_s"] or 0, SHORTEST_INTERVAL_S))

    async def _contained_poll(self, row: Row, fence: Fence) -> None:
        try:
            async with self._room.hold():
                await self._poll(row, fence)
        except LeaseLostError:
            _log.info("Another process asks repositories now")
        except AppError as error:
            _log.warning("Trigger %d waits: %s", row["id"], error.as_text())
            await asyncio.sleep(LONGEST_WAIT_S)
        except Exception:
            _log.exception("Asking a repository for trigger %d failed", row["id"])
            await asyncio.sleep(LONGEST_WAIT_S)
        finally:
            self._polls.pop(row["id"], None)
            self._wake.set()

    async def _poll(self, row: Row, fence: Fence) -> None:
        """Ask for the commit; a new one queues a build, the first one is only remembered."""
        try:
            if not row["repository_url"]:
                raise refused("not_found", "")
            tip = await self._ask(row["repository_url"], row["branch"] or row["own_branch"])
        except RepositoryError as error:
            await self._tell_poll_failed(row, fence, error)
            return
        self._failures.pop(row["id"], None)
        now = self._now()
        values = {"checked_at": now, "next_at": now + self._interval(row), "seen": tip.commit}
        if row["seen"] in ("", tip.commit):
            await self._note(row, fence, error="", **values)
        else:
            cause = Cause(TriggerKind.COMMITS, detail=tip.commit)
            await self._fire(row, fence, cause, **values)

    async def _tell_poll_failed(self, row: Row, fence: Fence, error: RepositoryError) -> None:
        """Ask less and less often while that fails."""
        failures = self._failures[row["id"]] = self._failures.get(row["id"], 0) + 1
        pause = min(self._interval(row) * 2 ** min(failures, 10), self._longest_pause(row))
        now = self._now()
        words = in_words(error)
        await self._tell_error(row, fence, words, checked_at=now, next_at=now + pause)

    # Other projects

    async def _look_at_builds(self, row: Row, fence: Fence) -> None:
        """Fire once for each build of the other project that succeeded since."""
        project_id, followed = row["source_project_id"], Followed.stored(row["seen"])
        async with self._database.read(snapshot=True) as session:
            repository = TriggerRepository(session)
            if followed is None:
                followed = await repository.followed_from_now(project_id)
            found = await repository.builds_to_look_at(project_id, followed)
        for build_id, state in found:
            ended = state in ("success", "failed", "cancelled")
            followed = followed.looked_at(build_id, ended=ended)
            if state == "success" and row["active"]:
                cause = Cause(TriggerKind.AFTER_PROJECT, row["source_project"], build_id)
                fired = await self._fire(row, fence, cause, seen=followed.as_text())
                if fired is None:
                    return
                row = fired
        if followed.as_text() != row["seen"]:
            await self._note(row, fence, seen=followed.as_text())

    # All of them

    async def _fire(self, row: Row, fence: Fence, cause: Cause, **values: Any) -> Row | None:
        """Queue a build and note that, both or neither; why it cannot be queued is noted.

        Returns:
            The trigger as it is now; None where somebody changed it meanwhile.
        """
        noted = {"fired_at": self._now(), "error": "", **values}

        async def note(unit: UnitOfWork, _build: BuildRow) -> None:
            await leases.require(unit.session, fence)
            if not await TriggerRepository(unit.session).note(row, noted):
                raise _NotAnyMoreError
            unit.changed(TOPIC)

        try:
            request = BuildRequest(branch=row["branch"], build_type=row["build_type"])
            await self._builds.queue(
                Actor.of_the_program(),
                project_id=row["project_id"],
                request=request,
                cause=cause,
                also=note,
            )
        except _NotAnyMoreError:
            return None
        except DatabaseError:
            raise
        except (AppError, ValueError) as error:
            words = in_words(error) if isinstance(error, AppError) else str(error)
            told = _("No build was queued: {why}").format(why=words)
            if cause.trigger is TriggerKind.COMMITS:
                values.pop("seen")  # it is tried again
            return await self._tell_error(row, fence, told, **values)
        _log.info("Trigger %d queued a build: %s", row["id"], cause.trigger.value)
        return {**row, **noted}

    async def _tell_error(
        self, row: Row, fence: Fence, words: str, **values: Any
    ) -> Row | None:
        return await self._note(row, fence, error=words, **values)

    async def _note(self, row: Row, fence: Fence, **values: Any) -> Row | None:
        """Store what is different; nothing where the trigger was changed by somebody."""
        if all(row[name] == value for name, value in values.items()):
            return row
        async with self._database.unit_of_work(fence=fence, patient=True) as unit:
            if not await TriggerRepository(unit.session).note(row, values):
                return None
            unit.changed(TOPIC)
            await unit.commit()
        return {**row, **values}
