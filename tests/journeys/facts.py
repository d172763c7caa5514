"""What is true of a workspace, read from its file by a process that is not the program."""

import asyncio
import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

from core.app import open_core
from core.projects.schemas import ProjectCreate
from core.security.actors import Actor, Origin
from core.settings import load_settings
from tests.waiting import eventually

_FINISHED = ("success", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Build:
    """A build as it is stored."""

    id: int
    uid: str
    number: int
    state: str
    exit_code: int | None
    log_lines: int
    log_bytes: int


class Facts:
    """A workspace seen from outside.

    Args:
        database: Its file.
    """

    def __init__(self, database: Path) -> None:
        self.database = database

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what a statement gives; nothing is written."""
        address = f"{self.database.as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=10)) as connection:
            return list(connection.execute(statement, values))

    def builds(self) -> list[Build]:
        """Return all builds in the order in which they were queued."""
        names = "id, uid, number, state, exit_code, log_lines, log_bytes"
        return [Build(*row) for row in self.rows(f"SELECT {names} FROM builds ORDER BY id")]

    def wait_ended(self, count: int = 1, seconds: float = 30) -> list[Build]:
        """Wait until there are so many builds and all have ended; return them."""

        def ended() -> list[Build]:
            builds = self.builds()
            done = len(builds) == count and all(one.state in _FINISHED for one in builds)
            return builds if done else []

        return eventually(ended, f"{count} builds to end", seconds)

    def log(self, build: Build) -> bytes:
        """Return a whole log, decompressed here."""
        chunks = self.rows(
            "SELECT data, raw_size FROM build_log_chunks WHERE build_id = ? ORDER BY sequence",
            build.id,
        )
        expand = zstandard.ZstdDecompressor().decompress
        return b"".join(expand(data, max_output_size=size) for data, size in chunks)

    def leader(self) -> int:
        """Return the process that runs the queue, 0 when none does."""
        found = self.rows(
            "SELECT holder FROM leases WHERE name = 'leader'"
            " AND expires_ms > unixepoch('now', 'subsec') * 1000"
        )
        return int(found[0][0].split(":")[-2]) if found else 0


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


def make_workspace(database: Path, projects: Mapping[str, str], **fields: object) -> Facts:
    """Make a workspace with projects, by name and command, that run in its folder."""

    async def make() -> None:
        actor = Actor.of_this_computer(Origin.SCRIPT)
        async with open_core(load_settings()) as core:
            workspace = await core.workspaces.create(database, open_here=True)
            for name, command in projects.items():
                values = {"name": name, "command": command, "path": str(database.parent)}
                data = ProjectCreate.model_validate({**values, **fields})
                await workspace.projects.create(actor, data=data)

    asyncio.run(make())
    return Facts(database)
