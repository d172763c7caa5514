"""The real core in tests: opened, with a workspace, and builds that run to their ends."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.app import Core, open_core
from core.builds.rules.schemas import BuildRules
from core.builds.schemas import BuildLog, BuildRow
from core.progress import Progress
from core.projects.schemas import ProjectCreate, ProjectRow
from core.security.actors import Actor, Origin
from core.settings import load_settings
from core.workspaces.workspace import Workspace
from tests.waiting import until


class Bench:
    """A workspace in which commands run as builds."""

    def __init__(self, core: Core, workspace: Workspace, actor: Actor, folder: Path) -> None:
        self.core = core
        self.workspace = workspace
        self.actor = actor
        self.folder = folder
        self._names = 0

    async def project(self, command: str = "true", **fields: object) -> ProjectRow:
        """Make a project; its fields are those of ``ProjectCreate``."""
        self._names += 1
        values = {"name": f"project {self._names}", "path": str(self.folder), **fields}
        data = ProjectCreate.model_validate({**values, "command": command})
        return await self.workspace.projects.create(self.actor, data=data)

    async def rules(self, **values: object) -> None:
        """Put the usual rules in force, with these in the place of some."""
        rules = BuildRules.model_validate(values)
        await self.workspace.build_rules.change(self.actor, rules=rules)

    async def queue(self, command: str, **fields: object) -> BuildRow:
        """Queue the first build of a new project."""
        project = await self.project(command, **fields)
        return await self.workspace.builds.queue(self.actor, project_id=project.id)

    async def run(self, command: str, *, seconds: float = 60, **fields: object) -> BuildRow:
        """Run a command to its end."""
        build = await self.queue(command, **fields)
        return await self.end(build.id, seconds=seconds)

    async def end(self, build_id: int, *, seconds: float = 60) -> BuildRow:
        """Return a build once it is at its end and its folder is gone."""

        async def ended() -> bool:
            build = await self.get(build_id)
            gone = not (self.workspace.folders.builds / build.uid).exists()
            return build.state.finished and gone

        await until(ended, f"the end of build {build_id}", seconds)
        return await self.get(build_id)

    async def get(self, build_id: int) -> BuildRow:
        """Return a build as it stands."""
        return await self.workspace.builds.get(self.actor, build_id=build_id)

    async def lines(self, build_id: int, first: int = 0, count: int = 500) -> list[BuildLog]:
        """Return lines of a log."""
        found = await self.workspace.logs.lines(
            self.actor, build_id=build_id, first=first, count=count
        )
        return list(found)

    async def texts(self, build_id: int) -> list[str]:
        """Return the first lines of a log as they were printed."""
        return [line.message for line in await self.lines(build_id)]

    async def log(self, build_id: int) -> bytes:
        """Return the whole raw log, by way of a saved file."""
        target = self.folder.parent / f"saved-{build_id}.log"
        await self.workspace.logs.save(
            self.actor, build_id=build_id, target=target, progress=Progress(lambda: None)
        )
        return await asyncio.to_thread(target.read_bytes)

    async def log_hash(self, build_id: int) -> str:
        """Return the SHA-256 of the whole raw log."""
        return hashlib.sha256(await self.log(build_id)).hexdigest()

    async def printed_at(self, build_id: int, number: int, text: str) -> None:
        """Wait until a line with this number, stored or not, is this text."""

        async def found() -> bool:
            lines = await self.lines(build_id, first=number, count=1)
            return [line.message for line in lines] == [text]

        await until(found, f"line {number} as {text!r}")

    async def printed(self, build_id: int, text: str) -> None:
        """Wait until a line of the log, stored or not, holds a text."""

        async def found() -> bool:
            return any(text in line for line in await self.texts(build_id))

        await until(found, f"a line with {text!r}")


@pytest.fixture
async def core(home: Path) -> AsyncIterator[Core]:
    """Give an open core with a home of its own."""
    async with open_core(load_settings()) as opened:
        yield opened


@pytest.fixture
def actor() -> Actor:
    """Return the owner of this computer."""
    return Actor.of_this_computer(Origin.SCRIPT)


@pytest.fixture
async def workspace(core: Core, tmp_path: Path) -> Workspace:
    """Return a new workspace that is open and leads."""
    return await core.workspaces.create(tmp_path / "a workspace.db", open_here=True)


@pytest.fixture
def bench(core: Core, workspace: Workspace, actor: Actor, tmp_path: Path) -> Bench:
    """Return the workspace with helpers, and a folder to build in."""
    folder = tmp_path / "source"
    folder.mkdir()
    return Bench(core, workspace, actor, folder)
