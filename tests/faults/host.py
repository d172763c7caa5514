"""A process of its own that runs the core on a workspace, made to be killed.

``python -m tests.faults.host DATABASE`` prints a line for each thing that happens and takes
``queue PROJECT_ID`` on its standard input; it ends with its input.
"""

import asyncio
import resource
import sys
from pathlib import Path

from core.app import open_core
from core.builds.schemas import BuildFinished
from core.events import Event
from core.security.actors import Actor, Origin
from core.settings import load_settings


def _tell(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def _on_event(event: Event) -> None:
    if isinstance(event, BuildFinished):
        peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        _tell("finished", event.build.id, event.build.state.value, peak_kib)


async def main(database: Path) -> None:
    """Serve until the input ends."""
    async with open_core(load_settings()) as core:
        core.events.subscribe(_on_event)
        workspace = await core.workspaces.open(database)
        actor = Actor.of_this_computer(Origin.SCRIPT)
        status = await workspace.status()
        peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        _tell("open", "leading" if status.leading else "following", peak_kib)
        while line := await asyncio.to_thread(sys.stdin.readline):
            build = await workspace.builds.queue(actor, project_id=int(line.split()[1]))
            _tell("queued", build.id)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
