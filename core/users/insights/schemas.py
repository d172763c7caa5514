"""What the insights tell, each with the list of people behind it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.database.query.schemas import ListQuery


class Segment(StrEnum):
    """Where somebody stands, by what they did of late; in the order the rules are asked."""

    POWER_USER = "power_user"
    NEW = "new"
    REGULAR = "regular"
    AT_RISK = "at_risk"
    DORMANT = "dormant"


@dataclass(frozen=True, slots=True)
class PeopleCount:
    """How many people, and the query of the list that shows them."""

    count: int
    behind: ListQuery


@dataclass(frozen=True, slots=True)
class Totals:
    """How many people there are.

    Attributes:
        total: Active or not, but for those in the bin.
        active: Those who may sign in.
        inactive: Those who were deactivated.
        in_bin: Those who were deleted and are not erased yet.
        new: Those of ``total`` who came in the last 30 days.
    """

    total: PeopleCount
    active: PeopleCount
    inactive: PeopleCount
    in_bin: PeopleCount
    new: PeopleCount


@dataclass(frozen=True, slots=True)
class Share:
    """How many people have a role or a tag; ``name`` is the role's value, or the tag."""

    name: str
    count: int
    behind: ListQuery


@dataclass(frozen=True, slots=True)
class TopPerson:
    """Somebody who builds much.

    Attributes:
        rank: 1 for the first; those with the same figure have the same rank.
        builds: How many builds the person asked for.
        duration_ms: How long these ran in all.
    """

    rank: int
    user_id: int
    username: str
    display_name: str
    builds: int
    duration_ms: int
    behind: ListQuery


@dataclass(frozen=True, slots=True)
class Month:
    """What was done in a month, in UTC.

    Attributes:
        first_day: Names the month.
        actions: What people did, such as signing in; of people in the bin nothing counts.
        people: How many people did something.
        builds: How many builds were asked for.
        growth: The change of ``actions`` against the month before, 0.5 for half as many
            again; None after a month without any.
        behind: Who did something.
    """

    first_day: date
    actions: int
    people: int
    builds: int
    growth: float | None
    behind: ListQuery


@dataclass(frozen=True, slots=True)
class SegmentShare:
    """How many people belong to a segment; ``rule`` says in words who does."""

    segment: Segment
    words: str
    rule: str
    count: int
    behind: ListQuery
