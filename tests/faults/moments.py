"""Moments in the midst of work at which it is cancelled or a process is killed."""

import asyncio
import os
import signal
from collections.abc import Sequence

import psutil

from core.progress import Progress
from tests.waiting import until


class Moment(Progress):
    """The moment at which work told something for the n-th time."""

    def __init__(self, number: int) -> None:
        super().__init__(lambda: None)
        self._come = asyncio.Event()
        self._left = number

    def report(self, fraction: float | None = None, text: str | None = None) -> None:
        super().report(fraction, text)
        self._left -= 1
        if self._left <= 0:
            self._come.set()

    async def comes(self, work: "asyncio.Task[object]") -> None:
        """Wait for the moment, or for the end of the work when that is before it."""
        coming = asyncio.create_task(self._come.wait())
        await asyncio.wait({work, coming}, return_when=asyncio.FIRST_COMPLETED)
        coming.cancel()


def children_of(process: asyncio.subprocess.Process) -> list[psutil.Process]:
    """Return the children of a process, none when it has ended."""
    try:
        return psutil.Process(process.pid).children()
    except psutil.NoSuchProcess:
        return []


def kill(pid: int) -> None:
    """Kill a process, if it is still there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


async def ended(processes: Sequence[psutil.Process]) -> None:
    """Wait until none of the processes runs, children or not."""
    await until(lambda: not any(map(_runs, processes)), "the end of the processes")


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
