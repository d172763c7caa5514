"""Starts and kills processes that run the core, see ``host``."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Host:
    """A process that runs the core."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def told(self, word: str, seconds: float = 60) -> list[str]:
        """Return the words of the next line that begins with this one."""
        assert self._process.stdout is not None
        async with asyncio.timeout(seconds):
            while line := await self._process.stdout.readline():
                words = line.decode().split()
                if words[:1] == [word]:
                    return words[1:]
        raise AssertionError(f"the host ended before it told {word!r}")

    def say(self, words: str) -> None:
        """Write a line to its standard input, which it reads when it can."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{words}\n".encode())

    def send(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    async def queue(self, project_id: int) -> int:
        """Queue a build and return its id."""
        self.say(f"queue {project_id}")
        return int((await self.told("queued"))[0])

    async def kill(self) -> None:
        """Kill it as a crash would."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def leave(self) -> None:
        """Let it close everything and end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert await self._process.wait() == 0


@asynccontextmanager
async def host(database: Path, module: str = "tests.faults.host") -> AsyncIterator[Host]:
    """Give a process that has opened a workspace; it is killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, str(database),
        cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env=dict(os.environ),
    )  # fmt: skip
    started = Host(process)
    try:
        yield started
    finally:
        await started.kill()
        process._transport.close()  # type: ignore[attr-defined]
