"""The role of the child that measures: a file of its own, engines like those of a workspace.

It has the SQLite library of the application, as that is what is measured; the file of the
operator is never opened.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from core.database.database import Database
from core.database.engine import measured_engines
from core.errors import AppError, DiskFullError
from core.events import EventBus
from core.performance.benchmarks.measuring import Measuring, as_message
from core.performance.benchmarks.schemas import BenchmarkSettings
from core.performance.benchmarks.workload import Workload
from core.performance.child.conversation import Conversation
from core.performance.child.main import serve
from core.performance.child.protocol import Code, OperationError, Request

_PREPARING, _MEASURING = 0.3, 0.7
_BUSY_TIMEOUT_MS = 10_000


def main(_argv: Sequence[str]) -> int:
    """Do what the first line of the standard input asks for; return the exit code."""
    return serve({"benchmark": "core.performance.benchmarks.child:benchmark"})


def benchmark(request: Request, tell: Conversation) -> dict[str, Any]:
    """Measure in the file of the request, which is made here and must not exist."""
    settings = BenchmarkSettings.model_validate(request.arguments["settings"])
    path = Path(request.path)
    try:
        return asyncio.run(_cancellable(_measure(path, settings, tell), tell))
    except asyncio.CancelledError:
        raise OperationError(Code.INTERRUPTED, "cancelled") from None
    except AppError as error:
        code = Code.FULL if isinstance(error, DiskFullError) else Code.OTHER
        raise OperationError(code, error.as_text()) from error


async def _cancellable(work: Any, tell: Conversation) -> dict[str, Any]:
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)

    def stop() -> None:
        loop.call_soon_threadsafe(task.cancel)

    with tell.interrupting(stop):
        return dict(await task)


async def _measure(
    path: Path, settings: BenchmarkSettings, tell: Conversation
) -> dict[str, Any]:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode={settings.journal_mode}")
    reader, writer = measured_engines(path, _pragmas(settings))
    database = Database(path, reader=reader, writer=writer, bus=EventBus())
    try:
        workload = Workload(database, settings.rows)
        steps = list(workload.prepared())
        for number, step in enumerate(steps):
            tell.progress(_PREPARING * number / len(steps), "preparing")
            await step()

        def told(fraction: float, figures: dict[str, Any]) -> None:
            share = _PREPARING + _MEASURING * fraction
            tell.say({"progress": share, "phase": "measuring", "figures": figures})

        measuring = Measuring(workload.operation(settings.kind), settings, told)
        return {
            "result": as_message(await measuring.run()),
            "sqlite_version": sqlite3.sqlite_version,
        }
    finally:
        await database.close()


def _pragmas(settings: BenchmarkSettings) -> list[str]:
    return [
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        f"synchronous={settings.synchronous.upper()}",
        f"journal_mode={settings.journal_mode.upper()}",
        f"cache_size=-{settings.cache_kib}",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "cell_size_check=ON",
        "mmap_size=0",
    ]
