"""Lets many ask at once, and takes the time of each."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import asdict
from statistics import fmean
from typing import Any

from core.errors import AppError
from core.performance.benchmarks.schemas import (
    BenchmarkKind,
    BenchmarkResult,
    BenchmarkSettings,
)
from core.performance.benchmarks.workload import Operation

TELL_EVERY_S = 0.2

_MOST_POINTS = 200
_SHORTEST_POINT_S = 0.05
_LATELY = 200
_LONGEST_TEXT = 500


class Measuring:
    """One measurement under way.

    Args:
        operation: What is measured.
        settings: How often or how long, and how many at once.
        tell: Called now and then with how far it is, 0 to 1, and the figures by now.
    """

    def __init__(
        self,
        operation: Operation,
        settings: BenchmarkSettings,
        tell: Callable[[float, dict[str, Any]], None],
    ) -> None:
        self._operation = operation
        self._settings = settings
        self._tell = tell
        self._by_time = settings.kind is BenchmarkKind.MIXED
        self._begun = 0
        # Pairs of when it ended, since the beginning, and how long it took; in seconds.
        self._ended: list[tuple[float, float]] = []
        self._errors = 0
        self._error: AppError | None = None
        self._started = 0.0

    async def run(self) -> BenchmarkResult:
        """Warm up, measure, and return what came out.

        Raises:
            AppError: Not one operation succeeded; this is what the first one met.
        """
        await self._warm_up()
        self._started = time.perf_counter()
        telling = asyncio.create_task(self._keep_telling())
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._settings.concurrency):
                    group.create_task(self._work())
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
        return self._result(time.perf_counter() - self._started)

    async def _warm_up(self) -> None:
        left = iter(range(self._settings.warm_up))

        async def some() -> None:
            for _ in left:
                with contextlib.suppress(AppError):  # what is measured meets it, too
                    await self._operation()

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._settings.concurrency, self._settings.warm_up)):
                group.create_task(some())

    async def _work(self) -> None:
        while self._goes_on():
            self._begun += 1
            asked = time.perf_counter()
            try:
                await self._operation()
            except AppError as error:
                self._errors += 1
                self._error = self._error or error
            else:
                now = time.perf_counter()
                self._ended.append((now - self._started, now - asked))

    def _goes_on(self) -> bool:
        if self._by_time:
            return time.perf_counter() - self._started < self._settings.seconds
        return self._begun < self._settings.operations

    async def _keep_telling(self) -> None:
        seen, at = 0, self._started
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            now = time.perf_counter()
            done = len(self._ended)
            lately = sorted(took for _end, took in self._ended[-_LATELY:])
            figures = {
                "at_s": now - self._started,
                "done": done + self._errors,
                "total": 0 if self._by_time else self._settings.operations,
                "throughput": (done - seen) / (now - at),
                "p95_ms": _share(lately, 0.95) * 1000,
            }
            self._tell(self._fraction(now), figures)
            seen, at = done, now

    def _fraction(self, now: float) -> float:
        if self._by_time:
            return min((now - self._started) / self._settings.seconds, 1.0)
        return (len(self._ended) + self._errors) / self._settings.operations

    def _result(self, duration_s: float) -> BenchmarkResult:
        if self._error is not None and not self._ended:
            raise self._error
        took = sorted(took for _end, took in self._ended)
        p50, p95, p99 = (_share(took, share) * 1000 for share in (0.5, 0.95, 0.99))
        return BenchmarkResult(
            operations=len(self._ended),
            errors=self._errors,
            error_text=self._error.as_text()[:_LONGEST_TEXT] if self._error else "",
            duration_s=duration_s,
            throughput=len(self._ended) / duration_s,
            min_ms=took[0] * 1000,
            mean_ms=fmean(took) * 1000,
            p50_ms=p50,
            p95_ms=p95,
            p99_ms=p99,
            max_ms=took[-1] * 1000,
            timeline=tuple(timeline([end for end, _took in self._ended], duration_s)),
        )


def timeline(ends: list[float], duration_s: float) -> list[tuple[float, float]]:
    """Return how many ended in a second, at up to 200 times from 0 to ``duration_s``."""
    count = max(1, min(_MOST_POINTS, int(duration_s / _SHORTEST_POINT_S)))
    width = duration_s / count
    counts = [0] * count
    for end in ends:
        counts[min(int(end / width), count - 1)] += 1
    return [((place + 0.5) * width, found / width) for place, found in enumerate(counts)]


def _share(values: list[float], share: float) -> float:
    """Return the nearest-rank percentile of sorted values; 0 where there are none."""
    return values[max(-(-int(share * 100) * len(values) // 100) - 1, 0)] if values else 0.0


def as_message(result: BenchmarkResult) -> dict[str, Any]:
    """Return a result as JSON has it."""
    return asdict(result)
