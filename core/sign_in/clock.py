"""The two clocks that limits are held by; tests put their own in their place."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.database.fields.times import utc_now


@dataclass(frozen=True, slots=True)
class Clock:
    """``now`` is the time of day, which may be set; ``monotonic`` counts seconds and may not.

    The second stands still, on some systems, while the computer sleeps; so both are asked.
    """

    now: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic
