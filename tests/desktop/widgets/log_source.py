"""A log in memory that remembers what was asked of it, and the view in which it is read."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from core.builds.schemas import BuildLog, LogLevel, LogSummary
from desktop.widgets.log_view import LogView
from desktop.widgets.log_view.model import NOT_YET
from tests.waiting import until

_TIME = datetime(2026, 1, 2, tzinfo=UTC)


class MemoryLog:
    """A log of ``total`` lines whose text is made by ``text``.

    While ``gate`` is cleared no answer is given; ``fault`` is raised in place of answers.
    """

    def __init__(self, total: int, text: Callable[[int], str] = "line {}".format) -> None:
        self.total = total
        self.text = text
        self.level: Callable[[int], LogLevel] = lambda _line: LogLevel.PLAIN
        self.asked: list[tuple[int, int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.fault: Exception | None = None

    async def lines(self, first: int, count: int) -> Sequence[BuildLog]:
        """Return lines that exist."""
        self.asked.append((first, count))
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        stop = min(first + count, self.total)
        return [BuildLog(1, i, self.level(i), _TIME, self.text(i)) for i in range(first, stop)]

    def summary(
        self, *, finished: bool = False, dropped_first: int = 0, dropped_lines: int = 0
    ) -> LogSummary:
        """Return the summary of the log as it is now."""
        return LogSummary(1, self.total, 0, 0, 0, finished, dropped_first, dropped_lines)


def text_at(view: LogView, row: int) -> str:
    """Return what a row of a log says."""
    return str(view.model().index(row, 0).data())


async def opened(view: LogView, log: MemoryLog, **summary: Any) -> None:
    """Show a log and wait until its last line is there."""
    view.show_log(log, log.summary(**summary))
    last = view.model().rowCount() - 1
    await until(lambda: text_at(view, last) != NOT_YET)
