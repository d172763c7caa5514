"""When a line was printed, as it stands beside it."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from desktop.figures import decimal, duration


class Times(StrEnum):
    """Which times stand beside the lines."""

    OFF = "off"
    RELATIVE = "relative"
    CLOCK = "clock"


CELLS: Final = {Times.OFF: 0, Times.RELATIVE: 9, Times.CLOCK: 8}
"""How many characters the widest time takes."""


def stamp(moment: datetime, times: Times, start: datetime | None) -> str:
    """Return a time: since the start of the build, or of the local clock."""
    if times is Times.CLOCK:
        return moment.astimezone().strftime("%H:%M:%S")
    if times is Times.OFF or start is None:
        return ""
    tenths = max(round((moment - start).total_seconds() * 10), 0)
    return duration(tenths // 10) + decimal(tenths % 10 / 10, 1)[1:]
