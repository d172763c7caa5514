"""A workspace whose triggers are looked at by hand, with a clock of the test."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.app import Core
from core.builds.schemas import BuildRow
from core.database import leases
from core.database.leases import Fence
from core.events import EventBus
from core.projects.schemas import ProjectRow
from core.repositories import Tip
from core.security.actors import Actor
from core.triggers.scheduler import TriggerScheduler
from core.triggers.schemas import TriggerCreate, TriggerRow
from core.triggers.service import TriggerService
from core.workspaces.workspace import Workspace
from tests.core.running import Bench


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.time = datetime(2026, 5, 4, 12, 0, 30, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the time."""
        return self.time

    def on(self, **step: float) -> None:
        """Put it on, or back, by what ``timedelta`` takes."""
        self.time += timedelta(**step)


class Triggers:
    """The triggers of a workspace in which nothing else fires any."""

    def __init__(self, bench: Bench, fence: Fence) -> None:
        self.bench = bench
        self.fence = fence
        self.clock = Clock()
        self.asked: list[tuple[str, str]] = []
        self.answers: dict[str, str | Exception] = {}
        zone = ZoneInfo("Europe/Berlin")
        workspace = bench.workspace
        self.service = TriggerService(
            workspace.database,
            workspace.projects,
            workspace.gate,
            now=self.clock.now,
            zone=zone,
        )
        self._made = {"now": self.clock.now, "zone": zone, "ask": self._ask}
        self.scheduler = self.another_scheduler()

    def another_scheduler(self) -> TriggerScheduler:
        """Return a scheduler that remembers nothing, as after a crash."""
        return TriggerScheduler(
            database=self.bench.workspace.database,
            bus=EventBus(),
            builds=self.bench.workspace.builds,
            **self._made,  # type: ignore[arg-type]
        )

    async def _ask(self, url: str, reference: str) -> Tip:
        self.asked.append((url, reference))
        answer = self.answers[url]
        if isinstance(answer, Exception):
            raise answer
        return Tip(answer, reference)

    async def create(self, project: ProjectRow, **fields: object) -> TriggerRow:
        """Make a trigger of a project."""
        data = TriggerCreate.model_validate(fields)
        return await self.service.create(self.bench.actor, project_id=project.id, data=data)

    async def turn(self) -> float:
        """Look at all triggers once, to the end."""
        pause = await self.scheduler.turn(self.fence)
        await self.scheduler.settle()
        return pause

    async def of(self, project: ProjectRow) -> tuple[TriggerRow, ...]:
        """Return the triggers of a project."""
        return await self.service.list_of(self.bench.actor, project_id=project.id)

    async def only(self, project: ProjectRow) -> TriggerRow:
        """Return the only trigger of a project."""
        (found,) = await self.of(project)
        return found

    async def builds(self, project: ProjectRow) -> list[BuildRow]:
        """Return the builds of a project, the oldest first."""
        page = await self.bench.workspace.builds.list_page(
            self.bench.actor, project_id=project.id
        )
        return list(reversed(page.rows))


@pytest.fixture
async def quiet(core: Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a workspace in which no trigger fires by itself, and no build starts."""

    async def nothing(*_arguments: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(TriggerScheduler, "run", nothing)
    return await core.workspaces.create(tmp_path / "quiet.db", open_here=True)


@pytest.fixture
async def triggers(core: Core, quiet: Workspace, actor: Actor, tmp_path: Path) -> Triggers:
    """Give triggers and a paused queue: what is queued waits."""
    folder = tmp_path / "source"
    folder.mkdir()
    await quiet.queue.pause(actor)
    async with quiet.database.unit_of_work() as unit:
        fence = await leases.acquire(
            unit.session, name="triggers of a test", holder="test", ttl_ms=600_000
        )
        await unit.commit()
    assert fence is not None
    return Triggers(Bench(core, quiet, actor, folder), fence)
