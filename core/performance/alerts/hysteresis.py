"""When a figure is bad for long enough, and when it is good again for long enough."""

from core.performance.alerts.schemas import AlertKind, AlertRule
from core.performance.alerts.window import Figure, Window

LESS_IS_WORSE = frozenset({AlertKind.DISK_LOW})


class Judge:
    """Judges one figure by its rule: by what it was on the whole within the time of the rule.

    Attributes:
        raised: Whether there is an alert.
        worst: The worst that it was on the whole since the alert was raised, also in the
            moment in which it is over; None where none is known.
    """

    def __init__(self, rule: AlertRule, *, raised: bool = False) -> None:
        self.rule = rule
        self.raised = raised
        self.worst: float | None = None
        self._window = Window(rule.for_s)

    def follow(self, rule: AlertRule) -> None:
        """Judge by a changed rule from now on; an alert that is raised stays so."""
        self.rule = rule
        if rule.for_s != self._window.length_s:
            self._window = Window(rule.for_s)

    def judge(self, figure: Figure | None, now: float) -> bool:
        """Take in the figure of a moment, and tell whether ``raised`` changed by it.

        Args:
            figure: None where none is known.
            now: In seconds that only grow.
        """
        self._window.add(figure, now)
        if figure is None or not self._window.is_full(now):
            return False
        value = self._window.figure
        turns = self._is_good(value) if self.raised else self._is_bad(value)
        if turns and not self.raised:
            self.worst = None
        if value is not None:
            self.worst = worse(self.rule.kind, self.worst, value)
        self.raised ^= turns
        return turns

    def _is_bad(self, value: float | None) -> bool:
        if value is None:
            return False
        less = self.rule.kind in LESS_IS_WORSE
        return value <= self.rule.raise_at if less else value >= self.rule.raise_at

    def _is_good(self, value: float | None) -> bool:
        """Where hardly anything ran, nothing is slow."""
        if value is None:
            return True
        less = self.rule.kind in LESS_IS_WORSE
        return value >= self.rule.clear_at if less else value <= self.rule.clear_at


def worse(kind: AlertKind, one: float | None, other: float) -> float:
    """Return the worse figure of two; the first may not be known."""
    pick = min if kind in LESS_IS_WORSE else max
    return other if one is None else pick(one, other)
