"""What the page asks of the core."""

from core.performance.concurrency.schemas import ConcurrencyOverview
from desktop.performance.calls import PageCalls


class ConcurrencyCalls(PageCalls):
    """What goes on at once."""

    async def overview(self) -> ConcurrencyOverview:
        """Return all of it at this moment."""
        return await self.ask(lambda p, actor: p.concurrency.overview(actor))
