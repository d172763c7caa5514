"""The rules for scheduled backups and when the next one is due, as the workspace keeps them."""

from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import ValidationError as RefusedError
from core.performance.backups.schemas import BackupRules
from core.schedules import problem_with
from core.translation import _

RULES_TOPIC = "backup_rules"
MOST_KEPT, MOST_DAYS = 1_000, 3_650
LONGEST_PROBLEM = 1_000
_LONGEST = 100

_READ = text("SELECT value FROM workspace_settings WHERE name = :name")
_WRITE = text(
    "INSERT INTO workspace_settings (name, value) VALUES (:name, :value)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
T = TypeVar("T")


class Failure(BaseModel):
    """That scheduled backups failed: how many one after another, why the last did, and when."""

    model_config = ConfigDict(frozen=True)

    count: Annotated[int, Field(ge=1)]
    problem: Annotated[str, Field(max_length=LONGEST_PROBLEM)]
    at: AwareDatetime


class Due(BaseModel):
    """When the next backup is due by the expression, and which time was met last; UTC.

    ``failure`` is None once one was made as the rules say.
    """

    model_config = ConfigDict(frozen=True)

    expression: Annotated[str, Field(max_length=_LONGEST)]
    next_at: AwareDatetime | None
    met_at: AwareDatetime | None = None
    failure: Failure | None = None

    def is_due(self, now: datetime) -> bool:
        """Tell whether it is time, or was while nobody looked."""
        return self.next_at is not None and self.next_at <= now


_RULES: TypeAdapter[BackupRules] = TypeAdapter(BackupRules)
_DUE: TypeAdapter[Due] = TypeAdapter(Due)


def check_rules(rules: BackupRules) -> None:
    """Let rules pass that make sense.

    Raises:
        ValidationError: They do not; the message of each field says why.
    """
    fields: dict[str, str] = {}
    if problem := problem_with(rules.expression[: _LONGEST + 1]):
        fields["expression"] = problem
    if len(rules.expression) > _LONGEST:
        fields["expression"] = _("The expression is too long.")
    if not 1 <= rules.keep_last <= MOST_KEPT:
        fields["keep_last"] = _("Keep between 1 and {most} backups.").format(most=MOST_KEPT)
    if not 0 <= rules.keep_days <= MOST_DAYS:
        fields["keep_days"] = _("Keep backups for 0 to {most} days; 0 for ever.").format(
            most=MOST_DAYS
        )
    if fields:
        raise RefusedError(_("These rules for backups do not work."), fields=fields)


async def stored_rules(session: AsyncSession) -> BackupRules:
    """Return the rules in force; the usual ones where there are none that make sense."""
    rules = await _read(session, "backup_rules", _RULES) or BackupRules()
    try:
        check_rules(rules)
    except RefusedError:
        return BackupRules()
    return rules


async def store_rules(session: AsyncSession, rules: BackupRules) -> None:
    """Put these rules in force."""
    await _write(session, "backup_rules", _RULES.dump_json(rules))


async def stored_due(session: AsyncSession) -> Due | None:
    """Return when the next one is due; None where that was never worked out."""
    return await _read(session, "backup_due", _DUE)


async def store_due(session: AsyncSession, due: Due) -> None:
    """Note when the next one is due."""
    await _write(session, "backup_due", _DUE.dump_json(due))


async def _read(session: AsyncSession, name: str, adapter: TypeAdapter[T]) -> T | None:
    stored = await session.scalar(_READ, {"name": name})
    try:
        return adapter.validate_json(stored or "null")
    except (ValidationError, ValueError, TypeError, RecursionError):
        return None


async def _write(session: AsyncSession, name: str, value: bytes) -> None:
    await session.execute(_WRITE, {"name": name, "value": value.decode("utf-8")})
