"""A process of its own that makes a new key and seals everything anew, made to be killed.

``python -m tests.faults.rotator DATABASE`` prints ``open``, begins with the first line on its
standard input, and prints ``batch`` after each few rows and ``done`` at the end.
"""

import asyncio
import sys
from pathlib import Path

from core.app import open_core
from core.progress import Progress
from core.security import rotation
from core.security.actors import Actor, Origin
from core.security.rotation import Rotation
from core.settings import load_settings


def _tell(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def _in_small_batches() -> None:
    replace = Rotation._replace

    async def replace_and_tell(*arguments: object) -> int:
        missed: int = await replace(*arguments)  # type: ignore[arg-type]
        _tell("batch")
        return missed

    rotation._BATCH = 3
    Rotation._replace = replace_and_tell  # type: ignore[assignment]


async def main(database: Path) -> None:
    """Rotate once."""
    _in_small_batches()
    async with open_core(load_settings()) as core:
        workspace = await core.workspaces.open(database)
        _tell("open")
        await asyncio.to_thread(sys.stdin.readline)
        actor = Actor.of_this_computer(Origin.TRIGGER)
        report = await workspace.keys.rotate(actor, progress=Progress(lambda: None))
        _tell("done", report.key, report.resealed, report.unreadable_count, report.left)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
