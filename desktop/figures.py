"""Figures as people read them: numbers, sizes and times in the manner of their locale."""

from datetime import UTC, datetime

from PySide6.QtCore import QDateTime, QLocale, Qt

from core.translation import _, ngettext

_MINUTE_S = 60
_HOUR_S = 60 * _MINUTE_S
_DAY_S = 24 * _HOUR_S
_WEEK_S = 7 * _DAY_S
_GROUP = 3
_ENGLISH = QLocale(QLocale.Language.English)


def locale() -> QLocale:
    """Return the person's locale; that of no country at all parts no groups of digits."""
    own = QLocale()
    return _ENGLISH if _is_bare(own) else own


def _is_bare(own: QLocale) -> bool:
    """Tell whether a locale is that of no country at all."""
    return own.language() is QLocale.Language.C


def number(count: int) -> str:
    """Return a whole number with its groups parted."""
    return locale().toString(count)


def decimal(value: float, places: int) -> str:
    """Return a number with so many digits after the point, its groups parted."""
    return locale().toString(value, "f", places)


def digits(text: str) -> str:
    """Return a number of any length, written as ``-1234.5``, with all of its digits."""
    sign, plain = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, point, rest = plain.partition(".")
    first = len(whole) % _GROUP or _GROUP
    groups = [whole[:first], *(whole[n : n + _GROUP] for n in range(first, len(whole), _GROUP))]
    told = sign + locale().groupSeparator().join(groups)
    return f"{told}{locale().decimalPoint()}{rest}" if point else told


def percent(share: float) -> str:
    """Return a share of 0 to 1 as whole percents."""
    return _("{share} %").format(share=number(round(100 * share)))


def size(count: int) -> str:
    """Return a number of bytes, such as ``12.4 MB`` (powers of ten)."""
    places = 0 if count < 1000 else 1
    return QLocale().formattedDataSize(count, places, QLocale.DataSizeFormat.DataSizeSIFormat)


def duration(seconds: float) -> str:
    """Return a duration as a clock shows it: ``0:42``, ``12:05``, ``1:02:03``."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, _HOUR_S)
    minutes, left = divmod(rest, _MINUTE_S)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """Return how long ago a moment was, in words; after a week its date."""
    passed = ((now or datetime.now(UTC)) - moment).total_seconds()
    if passed < _MINUTE_S:
        return _("just now")
    if passed < _HOUR_S:
        count = int(passed // _MINUTE_S)
        return ngettext("{count} minute ago", "{count} minutes ago", count).format(count=count)
    if passed < _DAY_S:
        count = int(passed // _HOUR_S)
        return ngettext("{count} hour ago", "{count} hours ago", count).format(count=count)
    if passed < _WEEK_S:
        count = int(passed // _DAY_S)
        return ngettext("{count} day ago", "{count} days ago", count).format(count=count)
    date = _local(moment).date()
    own = QLocale()
    if _is_bare(own):
        return date.toString(Qt.DateFormat.ISODate)
    return own.toString(date, QLocale.FormatType.ShortFormat)


def brief(moment: datetime) -> str:
    """Return a moment as local date and time in as few signs as the locale knows."""
    own = QLocale()
    if _is_bare(own):
        return _local(moment).toString("yyyy-MM-dd HH:mm")
    return own.toString(_local(moment), QLocale.FormatType.ShortFormat)


def exact(moment: datetime) -> str:
    """Return a moment as local date and time."""
    return QLocale().toString(_local(moment), QLocale.FormatType.LongFormat)


def _local(moment: datetime) -> QDateTime:
    return QDateTime.fromSecsSinceEpoch(int(moment.timestamp()))
