"""The rules for alerts: those that hold by themselves, and those that somebody set."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import ValidationError
from core.performance.alerts.hysteresis import LESS_IS_WORSE
from core.performance.alerts.schemas import AlertKind, AlertRule
from core.translation import _

DEFAULTS: Mapping[AlertKind, AlertRule] = {
    rule.kind: rule
    for rule in (
        AlertRule(AlertKind.DISK_LOW, True, 2e9, 3e9, 5.0),
        AlertRule(AlertKind.SLOW_STATEMENTS, True, 1_000.0, 500.0, 60.0),
        AlertRule(AlertKind.ERROR_RATE, True, 1.0, 0.1, 10.0),
        AlertRule(AlertKind.WAL_LARGE, True, 256e6, 80e6, 30.0),
        AlertRule(AlertKind.INTEGRITY_FAILED, True, 1.0, 0.0, 0.0),
        AlertRule(AlertKind.KEYS_BROKEN, True, 1.0, 0.0, 0.0),
        AlertRule(AlertKind.BACKUP_FAILED, True, 1.0, 0.0, 0.0),
        AlertRule(AlertKind.LONG_TRANSACTION, True, 30.0, 1.0, 0.0),
        AlertRule(AlertKind.CPU_HIGH, True, 0.9, 0.5, 120.0),
        AlertRule(AlertKind.MEMORY_HIGH, True, 2e9, 1.6e9, 60.0),
        AlertRule(AlertKind.CONNECTION_FAILURES, True, 3.0, 0.0, 0.0),
    )
}

# A disk is not low while it has so much of its size free, however small it is.
RAISE_SHARE = 0.1
CLEAR_SHARE = 0.15

_NAME = "alert_rules"
_LONGEST_S = 86_400.0
_READ = text("SELECT value FROM workspace_settings WHERE name = :name")
_WRITE = text("INSERT OR REPLACE INTO workspace_settings (name, value) VALUES (:name, :value)")


def for_disk(rule: AlertRule, total: int | None) -> AlertRule:
    """Return the rule for low disks as it holds for a disk of this size in bytes."""
    if total is None:
        return rule
    return replace(
        rule,
        raise_at=min(rule.raise_at, RAISE_SHARE * total),
        clear_at=min(rule.clear_at, CLEAR_SHARE * total),
    )


async def stored_rules(session: AsyncSession) -> dict[AlertKind, AlertRule]:
    """Return the rules in force; where what is stored makes no sense, the usual ones."""
    stored = await session.scalar(_READ, {"name": _NAME})
    try:
        found = json.loads(stored or "{}")
    except (ValueError, TypeError, RecursionError):
        found = {}
    known = found if isinstance(found, dict) else {}
    return {kind: _read(known.get(kind.value), rule) for kind, rule in DEFAULTS.items()}


async def store_rules(session: AsyncSession, rules: Iterable[AlertRule]) -> None:
    """Put rules in force."""
    value = json.dumps(as_values(rules))
    await session.execute(_WRITE, {"name": _NAME, "value": value})


def as_values(rules: Iterable[AlertRule]) -> dict[str, dict[str, Any]]:
    """Return rules as they are stored, by their kinds."""
    return {rule.kind.value: _values(rule) for rule in rules}


def checked(rules: Sequence[AlertRule]) -> dict[AlertKind, AlertRule]:
    """Return rules by their kind; those that are not named are the usual ones.

    Raises:
        ValidationError: A rule makes no sense; its fields are named after the kinds.
    """
    problems = {rule.kind.value: words for rule in rules if (words := _problem(rule))}
    if problems:
        raise ValidationError(_("These rules cannot be used."), fields=problems)
    return {**DEFAULTS, **{rule.kind: rule for rule in rules}}


def _problem(rule: AlertRule) -> str:
    numbers = (rule.raise_at, rule.clear_at, rule.for_s)
    if not all(_is_number(value) and value >= 0 for value in numbers):
        return _("Thresholds and durations are numbers, 0 or larger.")
    if rule.for_s > _LONGEST_S:
        return _("An alert can wait for a day at the most.")
    if rule.kind in LESS_IS_WORSE:
        if rule.clear_at < rule.raise_at:
            return _("Less is worse here: it must be over at more than it is raised at.")
    elif rule.clear_at >= rule.raise_at:
        return _("It must be over at less than it is raised at.")
    return ""


def _is_number(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)  # type: ignore[arg-type]


def _values(rule: AlertRule) -> dict[str, Any]:
    values = asdict(rule)
    del values["kind"]
    return values


def _read(stored: object, usual: AlertRule) -> AlertRule:
    if not isinstance(stored, dict) or set(stored) != set(_values(usual)):
        return usual
    rule = AlertRule(usual.kind, **stored)
    return usual if _problem(rule) or not isinstance(rule.enabled, bool) else rule
