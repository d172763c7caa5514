"""The schema of a new workspace, made by its revisions once and then copied.

Tests make thousands of workspaces; the revisions take two thirds of the time of each. In
tests of other things the file of a new workspace therefore begins as a copy of one that the
revisions have made, and the upgrade, which is not replaced, finds nothing left to do. What
is about making and upgrading, and what is about faults, begins from nothing.
"""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.database.engine import writer_engine
from core.migrations import service as migrations
from core.settings import Durability
from core.workspaces import making

_FROM_NOTHING = ("core/workspaces", "core/migrations", "faults")
_HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the file of a workspace as the revisions leave it."""
    path = tmp_path_factory.mktemp("schema") / "schema.db"
    making._create_file(path)
    with ThreadPoolExecutor(1) as apart:  # the loop of the test is this thread's
        apart.submit(asyncio.run, _upgrade(path)).result()
    return path.read_bytes()


@pytest.fixture(autouse=True)
def schema_made_once(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, schema: bytes
) -> None:
    """Let new workspaces of this process begin with the schema."""

    def create(path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(made, "wb") as file:
            file.write(schema)

    if not any(request.path.is_relative_to(_HERE / folder) for folder in _FROM_NOTHING):
        monkeypatch.setattr(making, "_create_file", create)


async def _upgrade(path: Path) -> None:
    engine = writer_engine(path, Durability.NORMAL)
    await migrations.upgrade(engine)
    await engine.dispose()
