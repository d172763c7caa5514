"""When a figure is bad for long enough, and when it is good again for long enough."""

from dataclasses import dataclass

from core.performance.alerts.schemas import AlertKind, AlertRule

LESS_IS_WORSE = frozenset({AlertKind.DISK_LOW})
GOOD_WITHOUT_FIGURE = frozenset({AlertKind.SLOW_STATEMENTS})
"""Where there is no figure, nothing happened; for all others it only is not known."""

_FORGOTTEN_AFTER_S = 10.0


@dataclass(slots=True)
class Judge:
    """Judges one figure by its rule, one moment after the other.

    Attributes:
        raised: Whether there is an alert.
        worst: The worst figure since it became bad, also in the moment in which it is over;
            None where none is known.
    """

    rule: AlertRule
    raised: bool = False
    worst: float | None = None
    _since: float | None = None
    _bad_at: float = 0.0

    def judge(self, value: float | None, now: float) -> bool:
        """Take in the figure of a moment, and tell whether ``raised`` changed by it.

        Args:
            value: None where there is none; see ``GOOD_WITHOUT_FIGURE``.
            now: In seconds that only grow.
        """
        return self._clears(value, now) if self.raised else self._raises(value, now)

    def _raises(self, value: float | None, now: float) -> bool:
        if value is None:
            # What happens now and then, and is bad each time, is bad all the time.
            patience = max(self.rule.for_s, _FORGOTTEN_AFTER_S)
            if self._since is not None and now - self._bad_at > patience:
                self._reset()
            return False
        if not self._is_beyond(value, self.rule.raise_at):
            self._reset()
            return False
        self._since = now if self._since is None else self._since
        self._bad_at = now
        self._note(value)
        return self._turns(now)

    def _clears(self, value: float | None, now: float) -> bool:
        if value is None and self.rule.kind not in GOOD_WITHOUT_FIGURE:
            return False
        if value is not None and not self._is_good(value):
            self._since = None
            self._note(value)
            return False
        self._since = now if self._since is None else self._since
        return self._turns(now)

    def _turns(self, now: float) -> bool:
        if self._since is None or now - self._since < self.rule.for_s:
            return False
        self.raised, self._since = not self.raised, None
        return True

    def _is_beyond(self, value: float, threshold: float) -> bool:
        less = self.rule.kind in LESS_IS_WORSE
        return value <= threshold if less else value >= threshold

    def _is_good(self, value: float) -> bool:
        less = self.rule.kind in LESS_IS_WORSE
        clear_at = self.rule.clear_at
        return value >= clear_at if less else value <= clear_at

    def _note(self, value: float) -> None:
        pick = min if self.rule.kind in LESS_IS_WORSE else max
        self.worst = value if self.worst is None else pick(self.worst, value)

    def _reset(self) -> None:
        self._since, self.worst = None, None
