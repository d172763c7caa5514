"""Builds of which everything is known, stored as they are, for the figures about them."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert

from core.builds.tables import Build
from core.database.tables import table_of
from tests.core.running import Bench

_BUILD = table_of(Build)
_MINUTES = 60 * 24


@dataclass
class Known:
    """A build as the test knows it."""

    id: int
    project_id: int
    number: int
    state: str
    reason: str | None
    finished_at: datetime | None
    duration_ms: int | None
    commit: str
    dirty: bool | None
    command: str
    retry_of: int | None


def invented(
    chance: random.Random, projects: Sequence[int], count: int, now: datetime, days: int
) -> list[Known]:
    """Return builds that ended in the last days, and some that did not."""
    builds: list[Known] = []
    numbers = dict.fromkeys(projects, 0)
    for number in range(1, count + 1):
        project = chance.choice(projects)
        numbers[project] += 1
        state = chance.choices(
            ["success", "failed", "cancelled", "running", "pending", "cancelling"],
            [10, 6, 2, 1, 1, 1],
        )[0]
        ended = state in ("success", "failed", "cancelled")
        back = timedelta(minutes=chance.randrange(days * _MINUTES), seconds=chance.random())
        own = [one.id for one in builds if one.project_id == project]
        builds.append(
            Known(
                id=number,
                project_id=project,
                number=numbers[project],
                state=state,
                reason=chance.choice(["exit_code", "lost"]) if state == "failed" else None,
                finished_at=now - back if ended else None,
                duration_ms=chance.choice([None, *range(1, 30)]) if ended else None,
                commit=chance.choice(["", "a", "b"]),
                dirty=chance.choice([None, False, True]),
                command=chance.choice(["make", "make all"]),
                retry_of=chance.choice([None, None, *own]) if own else None,
            )
        )
    return builds


async def store(bench: Bench, builds: Sequence[Known], now: datetime) -> None:
    """Store these builds alone; nothing starts or follows them."""
    await bench.workspace._leader.stop()
    async with bench.workspace.database.unit_of_work() as unit:
        await unit.session.execute(delete(_BUILD))
        if builds:
            await unit.session.execute(insert(_BUILD), [_columns(one, now) for one in builds])
        await unit.commit()


def _columns(one: Known, now: datetime) -> dict[str, object]:
    return {
        "id": one.id,
        "uid": str(uuid.UUID(int=one.id)),
        "version": 1,
        "project_id": one.project_id,
        "number": one.number,
        "state": one.state,
        "reason": one.reason,
        "message": "",
        "command": one.command,
        "directory": "/",
        "environment": {},
        "secret_names": [],
        "grace_s": 1,
        "terminal": False,
        "requested_by": "ada",
        "origin": "script",
        "retry_of": one.retry_of,
        "build_metadata": {},
        "queued_at": now,
        "finished_at": one.finished_at,
        "duration_ms": one.duration_ms,
        "created_at": now,
        "updated_at": now,
        "commit_hash": one.commit,
        "dirty": one.dirty,
    }
