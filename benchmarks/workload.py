"""What is built in the benchmarks: seeded output, and a core that builds it."""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy import text

from core.app import Core, open_core
from core.builds.schemas import BuildFinished, BuildRow, BuildState
from core.events import Event
from core.paths import HOME_VARIABLE
from core.projects.schemas import ProjectCreate
from core.security.actors import Actor, Origin
from core.settings import load_settings
from core.workspaces.workspace import Workspace

LINES = 1_000_000
LINE_BYTES = 100
_WORDS = [
    "parser",
    "lexer",
    "token",
    "buffer",
    "socket",
    "thread",
    "widget",
    "record",
    "schema",
    "index",
    "cache",
    "page",
    "cursor",
    "journal",
    "frame",
    "segment",
    "chunk",
    "worker",
    "queue",
    "timer",
    "signal",
    "handler",
]


@contextmanager
def scratch_home() -> Iterator[Path]:
    """Give an empty folder that is also the home of the application, and remove it."""
    with tempfile.TemporaryDirectory(prefix="buildbench-bench-") as name:
        # Nobody is there to be asked where keys may lie.
        values = {HOME_VARIABLE: str(Path(name) / "home"), "BUILDBENCH_KEY_STORAGE": "file"}
        before = {variable: os.environ.get(variable) for variable in values}
        os.environ.update(values)
        try:
            yield Path(name)
        finally:
            for variable, value in before.items():
                os.environ.pop(variable)
                if value is not None:
                    os.environ[variable] = value


def write_lines(file: Path, lines: int = LINES, *, seed: int = 7) -> None:
    """Write lines of 100 bytes, as a compiler prints them: alike, and never the same."""
    chance = random.Random(seed)
    with file.open("wb") as out:
        for number in range(lines):
            first, second = chance.choice(_WORDS), chance.choice(_WORDS)
            line = (
                f"[{number * 100 // lines:3d}%] Building C object src/{first}/CMakeFiles/"
                f"{second}.dir/{second}_{chance.randrange(10**4):04d}.c.o"
                f" {chance.randrange(10**6):06d} "
            )
            out.write(line.ljust(LINE_BYTES - 1, ".")[: LINE_BYTES - 1].encode() + b"\n")


class Builder:
    """Builds commands in an open workspace."""

    def __init__(self, core: Core, workspace: Workspace, folder: Path) -> None:
        self.core = core
        self.workspace = workspace
        self.actor = Actor.of_this_computer(Origin.SCRIPT)
        self._folder = folder

    async def project(self, name: str, command: str, place: Path | None = None) -> int:
        """Make a project, in a folder of its own where one is given, and return its id."""
        data = ProjectCreate(name=name, path=str(place or self._folder), command=command)
        return (await self.workspace.projects.create(self.actor, data=data)).id

    async def database_bytes(self) -> int:
        """Return how much of the database file is in use, with all tables and indexes."""
        async with self.workspace.database.read(snapshot=True) as session:
            values = [
                int((await session.execute(text(f"PRAGMA {name}"))).scalar_one())
                for name in ("page_count", "freelist_count", "page_size")
            ]
        pages, free, size = values
        return (pages - free) * size

    async def build(self, project_id: int) -> tuple[float, BuildRow]:
        """Build and return the seconds from the trigger to the stored end, and the build."""
        done: asyncio.Future[BuildRow] = asyncio.get_running_loop().create_future()

        def on_event(event: Event) -> None:
            if isinstance(event, BuildFinished) and not done.done():
                done.set_result(event.build)

        unsubscribe = self.core.events.subscribe(on_event)
        try:
            started = time.perf_counter()
            await self.workspace.builds.queue(self.actor, project_id=project_id)
            row = await done
            elapsed = time.perf_counter() - started
        finally:
            unsubscribe()
        if row.state is not BuildState.SUCCESS:
            raise RuntimeError(f"The build ended as {row.state}: {row.message}")
        return elapsed, row


@asynccontextmanager
async def builder(folder: Path) -> AsyncIterator[Builder]:
    """Open the core with the workspace of a folder, a new one where there is none."""
    file = folder / "bench.db"
    async with open_core(load_settings()) as core:
        if file.exists():
            workspace = await core.workspaces.open(file)
        else:
            workspace = await core.workspaces.create(file, open_here=True)
        yield Builder(core, workspace, folder)
