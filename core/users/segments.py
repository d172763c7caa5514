"""Segments: everybody but those in the bin belongs to exactly one.

The thresholds stand here and nowhere else; the words, the filter of the list and the figures
of the insights are all made of them. The first rule that holds decides.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, literal, not_, or_, select, true

from core.translation import _
from core.users.insights.schemas import Segment
from core.users.repository import ACTIVITY, BUILD, USER

LATELY_DAYS = 30
LOST_AFTER_DAYS = 90
POWER_ACTIONS = 10
POWER_BUILDS = 5

Condition = ColumnElement[bool]


def words_of(segment: Segment) -> str:
    """Return what people call a segment."""
    return {
        Segment.POWER_USER: _("Power users"),
        Segment.NEW: _("New"),
        Segment.REGULAR: _("Regular"),
        Segment.AT_RISK: _("At risk"),
        Segment.DORMANT: _("Dormant"),
    }[segment]


def segment_choices() -> tuple[tuple[str, str], ...]:
    """Return the segments and their words."""
    return tuple((segment.value, words_of(segment)) for segment in Segment)


def rule_of(segment: Segment) -> str:
    """Return in a sentence who belongs to a segment."""
    rules = {
        Segment.POWER_USER: _(
            "Did something at least {actions} times, or asked for at least {builds} builds,"
            " in the last {lately} days."
        ),
        Segment.NEW: _("Came in the last {lately} days, and is no power user."),
        Segment.REGULAR: _("Was active in the last {lately} days."),
        Segment.AT_RISK: _("Was last active {lately} to {lost} days ago."),
        Segment.DORMANT: _("Was not active for {lost} days, or never."),
    }
    return rules[segment].format(
        actions=POWER_ACTIONS, builds=POWER_BUILDS, lately=LATELY_DAYS, lost=LOST_AFTER_DAYS
    )


def belongs_to(segment: Segment, now: datetime) -> Condition:
    """Return the condition that somebody belongs to a segment."""
    rules = dict(_rules(now))
    before = list(Segment)[: list(Segment).index(segment)]
    return and_(rules[segment], *(not_(rules[other]) for other in before))


def segment_of(now: datetime) -> ColumnElement[str]:
    """Return the expression of the segment that somebody belongs to."""
    return case(*((rule, literal(segment.value)) for segment, rule in _rules(now)))


def _rules(now: datetime) -> list[tuple[Segment, Condition]]:
    """Return the conditions, none of them ever NULL, in their order."""
    lately = now - timedelta(days=LATELY_DAYS)
    lost = now - timedelta(days=LOST_AFTER_DAYS)
    seen = USER.c.last_active_at
    return [
        (Segment.POWER_USER, _does_much(lately)),
        (Segment.NEW, USER.c.created_at >= lately),
        (Segment.REGULAR, and_(seen.is_not(None), seen >= lately)),
        (Segment.AT_RISK, and_(seen.is_not(None), seen >= lost)),
        (Segment.DORMANT, true()),
    ]


def _does_much(since: datetime) -> Condition:
    acting = (
        select(ACTIVITY.c.user_id)
        .where(ACTIVITY.c.at >= since)
        .group_by(ACTIVITY.c.user_id)
        .having(func.count() >= POWER_ACTIONS)
    )
    building = (
        select(BUILD.c.requested_by_uid)
        .where(BUILD.c.queued_at >= since)
        .group_by(BUILD.c.requested_by_uid)
        .having(func.count() >= POWER_BUILDS)
    )
    return or_(USER.c.id.in_(acting), USER.c.uid.in_(building))
