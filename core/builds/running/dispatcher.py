"""Runs the queue, in the process that leads: takes pending builds and follows running ones.

It holds nothing that a crash can lose: the queue is rows, a running build is a supervisor
with its folder. What ran before this process did is followed like what it started itself.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import Popen

from sqlalchemy.exc import SQLAlchemyError

from core.builds.artifacts.gathering import ArtifactGatherer
from core.builds.queue.claiming import claim_next, may_claim
from core.builds.repository import BuildRepository
from core.builds.running import leftovers, sources, supervision
from core.builds.running.ends import damaged_message, not_started_message
from core.builds.running.follower import TOPIC, BuildFollower, check_numbers
from core.builds.schemas import BuildFinished, BuildState, FailureReason
from core.builds.tables import Build
from core.completion import to_the_end
from core.database.database import Database
from core.database.fields.times import utc_now
from core.database.leases import Fence, LeaseLostError
from core.database.unit_of_work import UnitOfWork
from core.errors import AppError, DatabaseError
from core.events import Changed, Event, EventBus
from core.paths import UnsafeFolderError, WorkspaceFolders
from core.projects.service import ProjectService
from core.security.actors import Actor

CHECK_EVERY_S = 2.0
# What comes of a row that holds what it cannot; a disk or a database may be better soon.
_OF_DAMAGE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)

_log = logging.getLogger(__name__)


class Dispatcher:
    """Starts and follows builds while this process leads.

    Args:
        cap_bytes: Returns how much raw log a build may keep.
    """

    def __init__(
        self,
        *,
        database: Database,
        bus: EventBus,
        folders: WorkspaceFolders,
        projects: ProjectService,
        cap_bytes: Callable[[], int],
    ) -> None:
        self._database = database
        self._bus = bus
        self._folders = folders
        self._projects = projects
        self._cap_bytes = cap_bytes
        self._gatherer = ArtifactGatherer(database, folders)
        self._tidying = asyncio.Lock()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._stumbled: set[int] = set()
        self._wake = asyncio.Event()
        self.followers: dict[int, BuildFollower] = {}

    async def run(self, fence: Fence) -> None:
        """Work until cancelled or until the lease is lost; running builds go on alone."""
        unsubscribe = self._bus.subscribe(self._on_event)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="log-intake")
        try:
            await self._remove_stale_folders()
            while True:
                self._wake.clear()
                await self._turn(fence)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(CHECK_EVERY_S):
                        await self._wake.wait()
        finally:
            unsubscribe()
            await self._stop_following()
            self._worker.shutdown(wait=False)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Changed) and TOPIC in event.topics:
            self._wake.set()

    async def _turn(self, fence: Fence) -> None:
        try:
            async with self._database.read() as session:
                active = await BuildRepository(session).active_states()
            await self._follow_active(active, fence)
            while await self._may_start() and await self._start_next(fence):
                pass
        except AppError as error:
            _log.warning("The queue waits: %s", error.as_text())

    async def _follow_active(
        self, active: Sequence[tuple[int, str, BuildState]], fence: Fence
    ) -> None:
        """Follow each build that runs and is not followed, as after a start or a failure.

        A build whose row is damaged is given up: it must not keep the others waiting.
        """
        for build_id, uid, state in active:
            try:
                folder = self._folders.build(uid)
                if state is BuildState.CANCELLING:
                    await asyncio.to_thread(supervision.request_cancel, folder)
                if build_id not in self._tasks:
                    await self._take_up(build_id, fence)
            except (DatabaseError, SQLAlchemyError):
                raise
            except OSError as error:
                _log.warning("Build %d cannot be followed now: %s", build_id, error)
            except Exception as error:
                _log.warning("Build %d is given up: %r", build_id, error)
                reason, message = FailureReason.LOST, damaged_message(error)
                await self._give_up(build_id, fence, reason, message, uid)

    async def _take_up(self, build_id: int, fence: Fence) -> None:
        async with self._database.read() as session:
            build = await BuildRepository(session).stored(build_id)
        if build is not None:
            self._follow(build, fence, None)

    async def _may_start(self) -> bool:
        async with self._database.read(snapshot=True) as session:
            return await may_claim(session)

    async def _start_next(self, fence: Fence) -> bool:
        """Start the build that is next; False when none may start."""
        async with self._database.unit_of_work(fence=fence, patient=True) as unit:
            build_id = await claim_next(unit.session)
            if build_id is None:
                return False
            unit.changed(TOPIC)
            # Else a close in between would leave a build that nobody ever starts.
            error = await to_the_end(self._commit_and_start(unit, build_id, fence))
        if error is not None:
            _log.warning("Build %d could not be started: %s", build_id, error)
            reason, message = FailureReason.NOT_STARTED, not_started_message(error)
            await self._give_up(build_id, fence, reason, message)
        return True

    async def _commit_and_start(
        self, unit: UnitOfWork, build_id: int, fence: Fence
    ) -> Exception | None:
        """Commit the claim of a build and start it; return why it could not be started.

        Its folder is there before the claim is: whoever comes to lead while this process is
        held up removes it, and the late start finds none.
        """
        build: Build | None = None
        problem: Exception | None = None
        try:
            build = await BuildRepository(unit.session).stored(build_id)
            if build is not None:
                check_numbers(build)
                await sources.place(unit.session, build, self._folders)
                folder = self._folders.build(build.uid)
                await asyncio.to_thread(supervision.make_folder, folder)
        except SQLAlchemyError:
            raise
        except Exception as error:
            problem = error
        await unit.commit()
        if build is None or problem is not None:
            return problem
        try:
            secrets: dict[str, str] = {}
            if build.secret_names:
                secrets = await self._projects.secrets(
                    Actor.of_the_program(), project_id=build.project_id
                )
            process = await asyncio.to_thread(_start, folder, build, secrets)
            self._follow(build, fence, process)
        except Exception as error:
            return error
        return None

    async def _give_up(
        self, build_id: int, fence: Fence, reason: FailureReason, message: str, uid: str = ""
    ) -> None:
        """End a build that cannot be started or followed, whatever its row holds."""
        async with self._database.unit_of_work(fence=fence, patient=True) as unit:
            repository = BuildRepository(unit.session)
            await repository.move(
                build_id,
                from_states=(BuildState.RUNNING, BuildState.CANCELLING),
                state=BuildState.FAILED.value,
                reason=reason.value,
                message=message,
                finished_at=utc_now(),
                duration_ms=0,
            )
            row = None
            with contextlib.suppress(ValueError, TypeError, AttributeError):
                row = await repository.find(build_id)
            unit.changed(TOPIC)
            if row is not None:
                unit.publish(BuildFinished(row))
            await unit.commit()
        await asyncio.to_thread(self._clear, row.uid if row else uid)

    def _clear(self, uid: str) -> None:
        """End what may run of a build that was given up, and delete its folder."""
        try:
            folder = self._folders.build(uid)
            supervision.abandon(folder)
            supervision.remove_folder(folder)
        except (OSError, UnsafeFolderError) as error:
            _log.warning("The folder of build %r stays: %s", uid[:80], error)

    def _follow(self, build: Build, fence: Fence, process: "Popen[bytes] | None") -> None:
        follower = BuildFollower(
            database=self._database,
            bus=self._bus,
            fence=fence,
            build=build,
            folder=self._folders.build(build.uid),
            process=process,
            cap_bytes=self._cap_bytes(),
            gatherer=self._gatherer,
            worker=self._worker,
            tidying=self._tidying,
        )
        self.followers[follower.build_id] = follower
        self._tasks[follower.build_id] = asyncio.create_task(self._contained(follower, fence))

    async def _contained(self, follower: BuildFollower, fence: Fence) -> None:
        """Follow a build; a failure is logged, and the next turn begins again from the rows."""
        try:
            await follower.follow()
        except LeaseLostError:
            _log.info("Another process follows build %d now", follower.build_id)
        except AppError as error:
            _log.warning("Build %d is taken up again: %s", follower.build_id, error.as_text())
            await asyncio.sleep(CHECK_EVERY_S)
        except Exception as error:
            _log.exception("Following build %d failed", follower.build_id)
            await asyncio.sleep(CHECK_EVERY_S)
            await self._give_up_stumbling(follower, fence, error)
        finally:
            self.followers.pop(follower.build_id, None)
            self._tasks.pop(follower.build_id, None)
            self._wake.set()

    async def _give_up_stumbling(
        self, follower: BuildFollower, fence: Fence, error: Exception
    ) -> None:
        """Give a build up once it cannot be followed for the second time.

        Its row holds what it cannot: it would be taken up again and again, for ever.
        """
        if not isinstance(error, _OF_DAMAGE):
            return
        if follower.build_id not in self._stumbled:
            self._stumbled.add(follower.build_id)
            return
        reason, message = FailureReason.LOST, damaged_message(error)
        try:
            await self._give_up(follower.build_id, fence, reason, message, follower.uid)
        except AppError as refusal:
            _log.warning("Build %d is not given up yet: %s", follower.build_id, refusal)
        else:
            self._stumbled.discard(follower.build_id)

    async def _stop_following(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _remove_stale_folders(self) -> None:
        """Delete what earlier builds left; a failure is logged, the queue goes on."""
        try:
            names = await asyncio.to_thread(leftovers.names_left, self._folders)
            async with self._database.read() as session:
                finished = await leftovers.states_of(session, names)
            await asyncio.to_thread(leftovers.remove, self._folders, names, finished)
        except (OSError, AppError) as error:
            _log.warning("Folders of ended builds are left: %s", error)


def _start(folder: Path, build: Build, secrets: Mapping[str, str]) -> "Popen[bytes]":
    """Start the supervisor of a build, which first gets its sources; blocks."""
    preliminary = sources.steps(folder, build)
    return supervision.start(folder, build, secrets, preliminary=preliminary)
