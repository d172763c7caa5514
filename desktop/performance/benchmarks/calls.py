"""What the page asks of the core."""

from core.performance.benchmarks.schemas import BenchmarkRow, BenchmarkSettings, Comparison
from core.security.operations import Operation
from core.translation import _
from desktop.performance.benchmarks.words import kind_words
from desktop.performance.jobs import JobCalls, Ticket


class BenchmarkCalls(JobCalls):
    """Benchmarks, and those that were run before."""

    async def history(self) -> tuple[BenchmarkRow, ...]:
        """Return the benchmarks that were run, the newest first."""
        return await self.ask(lambda p, actor: p.benchmarks.history(actor))

    async def run(self, settings: BenchmarkSettings, ticket: Ticket) -> BenchmarkRow:
        """Measure once."""
        return await self.work(
            _("Benchmark: {kind}").format(kind=kind_words(settings.kind)),
            ticket,
            lambda p, actor, progress: p.benchmarks.run(
                actor, settings=settings, progress=progress
            ),
        )

    async def profiles(
        self, settings: BenchmarkSettings, ticket: Ticket
    ) -> tuple[BenchmarkRow, ...]:
        """Measure the same with each profile of PRAGMAs."""
        return await self.work(
            _("Benchmark of profiles: {kind}").format(kind=kind_words(settings.kind)),
            ticket,
            lambda p, actor, progress: p.benchmarks.profiles(
                actor, settings=settings, progress=progress
            ),
        )

    async def compare(self, first: int, second: int) -> Comparison:
        """Return two benchmarks side by side."""
        return await self.ask(
            lambda p, actor: p.benchmarks.compare(actor, first=first, second=second)
        )

    async def delete(self, run_id: int) -> None:
        """Delete a benchmark from the kept ones."""
        await self.ask(lambda p, actor: p.benchmarks.delete(actor, run_id=run_id))

    @property
    def run_refusal(self) -> str:
        """Why nothing may be run or deleted; empty where it may."""
        return self.refusal(Operation.BENCHMARKS_RUN)
