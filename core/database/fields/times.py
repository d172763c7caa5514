"""Points in time in the database, always with their zone."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime

from core.database.fields.moments import moment
from core.database.fields.storing import Checked


def _without_zone(value: Any) -> datetime:
    return moment(value).replace(tzinfo=None)


def _with_zone(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC)


class UtcDateTime(Checked[datetime]):
    """An aware date-time, stored as UTC; a naive one is refused."""

    impl = DateTime
    bind = staticmethod(_without_zone)
    result = staticmethod(_with_zone)


def utc_now() -> datetime:
    """Return the present as an aware UTC time."""
    return datetime.now(UTC)
