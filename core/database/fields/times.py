"""Points in time, always with their zone."""

from datetime import UTC, datetime

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware date-time, stored as UTC; a naive one is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn an aware time into the naive UTC that is stored."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without zone cannot be stored.")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        """Turn what is stored into an aware UTC time."""
        return None if value is None else value.replace(tzinfo=UTC)


def utc_now() -> datetime:
    """Return the present as an aware UTC time."""
    return datetime.now(UTC)
