"""What was measured in the last seconds, as one figure."""

import math
from collections import deque
from dataclasses import dataclass
from heapq import nlargest

Figure = float | tuple[float, ...]
"""A number; or how long the slowest took in ms, of what ran since the moment before."""

SEVERAL = 2
"""What happens once says little. A share of all that ran would say nothing: the longer each
takes the fewer there are, among hundreds of quick ones that the program itself runs."""

# However long the window is: 24 hours of seconds would be too many.
_PARTS = 120
# A few seconds that are missing, as on a machine under load, begin nothing anew.
_FORGOTTEN_AFTER_S = 10.0


@dataclass(slots=True)
class _Part:
    """What was measured from ``at`` on, up to the next part."""

    at: float
    total: float = 0.0
    samples: int = 0
    slowest: tuple[float, ...] = ()


class Window:
    """Keeps what was measured within a time: a burst counts, and one good second does not.

    Args:
        length_s: How long it is; 0 for the last measurement alone.
    """

    def __init__(self, length_s: float) -> None:
        self.length_s = length_s
        self._parts: deque[_Part] = deque()
        self._began = 0.0
        self._known_at = -math.inf

    def add(self, figure: Figure | None, now: float) -> None:
        """Take in what was measured at a moment, in seconds that only grow.

        Args:
            figure: None where nothing is known.
        """
        while self._parts and self._parts[0].at <= now - self.length_s:
            self._parts.popleft()
        if figure is None:
            return
        if now - self._known_at > max(self.length_s, _FORGOTTEN_AFTER_S):
            self._began = now
        self._known_at = now
        part = self._part(now)
        if isinstance(figure, tuple):
            part.slowest = tuple(nlargest(SEVERAL, part.slowest + figure))
        else:
            part.total += figure
            part.samples += 1

    def is_full(self, now: float) -> bool:
        """Tell whether something is known of all of its length."""
        return bool(self._parts) and now - self._began >= self.length_s

    @property
    def figure(self) -> float | None:
        """The mean, to a hundredth: what comes once a second is 0.998 in some seconds.

        Of durations it is the second longest, None where fewer ran.
        """
        slowest = nlargest(SEVERAL, (one for part in self._parts for one in part.slowest))
        if len(slowest) == SEVERAL:
            return slowest[-1]
        samples = sum(part.samples for part in self._parts)
        return round(sum(part.total for part in self._parts) / samples, 2) if samples else None

    def _part(self, now: float) -> _Part:
        if not self._parts or now - self._parts[-1].at >= self.length_s / _PARTS:
            self._parts.append(_Part(now))
        return self._parts[-1]
