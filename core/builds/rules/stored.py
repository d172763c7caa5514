"""The rules and the pause of the queue, as the workspace keeps them."""

import json

from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.rules.schemas import BuildRules

RULES = "build_rules"
PAUSED = "queue_paused"

_READ = text("SELECT value FROM workspace_settings WHERE name = :name")
_WRITE = text("INSERT OR REPLACE INTO workspace_settings (name, value) VALUES (:name, :value)")


async def stored_rules(session: AsyncSession) -> BuildRules:
    """Return the rules in force; where there are none that make sense, the usual ones."""
    try:
        return BuildRules.model_validate(await _read(session, RULES) or {})
    except ValidationError:
        return BuildRules()


async def store_rules(session: AsyncSession, rules: BuildRules) -> None:
    """Put these rules in force."""
    await _write(session, RULES, rules.model_dump())


async def is_paused(session: AsyncSession) -> bool:
    """Tell whether no build is started for now."""
    return await _read(session, PAUSED) is True


async def set_paused(session: AsyncSession, paused: bool) -> None:
    """Start no build for now, or start them again."""
    await _write(session, PAUSED, paused)


async def _read(session: AsyncSession, name: str) -> object:
    stored = await session.scalar(_READ, {"name": name})
    try:
        return json.loads(stored or "null")
    except (ValueError, TypeError, RecursionError):
        return None


async def _write(session: AsyncSession, name: str, value: object) -> None:
    await session.execute(_WRITE, {"name": name, "value": json.dumps(value)})
