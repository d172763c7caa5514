"""Points in time as people write and read them."""

from datetime import UTC, datetime

from core.database.fields.errors import FieldError
from core.database.fields.lines import as_text
from core.database.fields.locales import find_locale
from core.translation import _


def moment(value: object) -> datetime:
    """Return an aware time as UTC.

    Raises:
        FieldError: It is no time, has no zone, or its UTC is outside the years 1 to 9999.
    """
    if not isinstance(value, datetime):
        raise FieldError(_("A date with a time is needed here."))
    if value.tzinfo is None or value.utcoffset() is None:
        raise FieldError(_("The time has no zone. Add Z for UTC, or its offset, as in +08:00."))
    try:
        return value.astimezone(UTC).replace(fold=0)
    except OverflowError as error:
        raise FieldError(_("The time is too far away. Give another one.")) from error


def parse_moment(text: str) -> datetime:
    """Return the time that a text of ISO 8601 with a zone names, such as 2026-05-01 14:30Z.

    Raises:
        FieldError: It is none.
    """
    try:
        found = datetime.fromisoformat(as_text(text).strip())
    except FieldError:
        raise
    except ValueError as error:
        raise FieldError(
            _("This is no date with a time. Write it like 2026-05-01 14:30+08:00.")
        ) from error
    return moment(found)


def show_moment(value: datetime, locale: str = "") -> str:
    """Return the time in the zone of this machine, as the locale writes it.

    Without a locale it is UTC in the form of ISO 8601.

    Raises:
        FieldError: As ``moment``; Babel does not know the locale.
    """
    exact = moment(value)
    if not locale:
        return exact.isoformat()
    from babel.dates import format_datetime

    try:
        here = exact.astimezone()
    except (OverflowError, OSError):
        here = exact
    return format_datetime(here, "medium", locale=find_locale(locale))
