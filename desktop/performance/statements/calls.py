"""What the page asks of the core."""

from core.performance.statements.schemas import Explained, Plan, SlowStatement, Statements
from core.security.operations import Operation
from desktop.performance.calls import PageCalls


class StatementCalls(PageCalls):
    """Statements, their plans, and the slow ones."""

    async def statements(self) -> Statements:
        """Return all statements with their figures."""
        return await self.ask(lambda p, actor: p.statements.list_of(actor))

    async def details(self, fingerprint: str) -> tuple[Plan | None, tuple[SlowStatement, ...]]:
        """Return the plan of a statement, and its runs that were slow."""
        plan = await self.ask(
            lambda p, actor: p.statements.plan_of(actor, fingerprint=fingerprint)
        )
        slow = await self.ask(
            lambda p, actor: p.statements.slow(actor, fingerprint=fingerprint)
        )
        return plan, slow

    async def explain(self, script: str) -> tuple[Explained, ...]:
        """Explain the statements of a text; none of them is run."""
        return await self.ask(lambda p, actor: p.statements.explain(actor, script=script))

    async def reset(self) -> None:
        """Forget all figures."""
        await self.ask(lambda p, actor: p.statements.reset(actor))

    @property
    def reset_refusal(self) -> str:
        """Why figures may not be forgotten; empty where they may."""
        return self.refusal(Operation.STATEMENTS_RESET)
