"""What the page asks of the core."""

from collections.abc import Collection, Mapping

from core.performance.advice.schemas import Advice
from core.performance.concurrency.schemas import ConcurrencyOverview
from core.performance.metrics.schemas import Metric, Series, Span
from core.performance.statements.schemas import Statements
from desktop.performance.calls import PageCalls


class OverviewCalls(PageCalls):
    """Figures now and over time, and what is worth a look."""

    async def latest(self) -> Mapping[Metric, float]:
        """Return the newest figures."""
        return await self.ask(lambda p, actor: p.metrics.latest(actor))

    async def series(self, metrics: Collection[Metric], span: Span) -> Mapping[Metric, Series]:
        """Return figures over a span."""
        wanted = tuple(metrics)
        found = await self.ask(
            lambda p, actor: p.metrics.series(actor, metrics=wanted, span=span)
        )
        return {one.metric: one for one in found}

    async def concurrency(self) -> ConcurrencyOverview:
        """Return what goes on at once."""
        return await self.ask(lambda p, actor: p.concurrency.overview(actor))

    async def advice(self) -> Advice | None:
        """Return what was recommended last; None where it was never looked for."""
        return await self.ask(lambda p, actor: p.advice.last(actor))

    async def statements(self) -> Statements:
        """Return all statements with their figures."""
        return await self.ask(lambda p, actor: p.statements.list_of(actor))
