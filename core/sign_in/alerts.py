"""Tells administrators who are here of unusual attempts to sign in, made anywhere."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from core.database.database import Database
from core.events import EventBus, NoticeRaised
from core.sign_in.clock import Clock
from core.sign_in.guesses import WINDOW
from core.sign_in.repository import SignInRepository
from core.sign_in.watcher import Watcher
from core.translation import _, ngettext

TOPIC = "sign_in_attempts"
ON_ONE_ACCOUNT = 5
OVER_ALL = 20
_MOST = 200


class Alerts:
    """Looks at the attempts of the last quarter of an hour, after each that failed.

    Args:
        database: Where they are recorded.
        bus: Takes the notices.
        clock: The time.
        may_tell: Whether somebody is here who is to be told.
    """

    def __init__(
        self, database: Database, bus: EventBus, clock: Clock, may_tell: Callable[[], bool]
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._may_tell = may_tell
        self._told: dict[str, datetime] = {}
        self.watcher = Watcher(bus, frozenset({TOPIC}), self.look)

    async def look(self) -> None:
        """Raise a notice where there were too many, once in a quarter of an hour each."""
        if not self._may_tell():
            return
        since = self._clock.now() - WINDOW
        self._told = {name: at for name, at in self._told.items() if at > since}
        async with self._database.read() as session:
            names = await SignInRepository(session).failures_after(since, _MOST)
        for name, count in Counter(names).items():
            if name and count >= ON_ONE_ACCOUNT:
                self._tell(name, _on_account(name, count))
        if len(names) >= OVER_ALL:
            self._tell("", _over_all(len(names)))

    def _tell(self, name: str, detail: str) -> None:
        if name in self._told:
            return
        self._told[name] = self._clock.now()
        title = _("Somebody seems to be guessing passwords.")
        hint = _("Look at the audit trail; end sessions or reset passwords where you doubt.")
        self._bus.publish(NoticeRaised(title, detail, hint))


def _on_account(name: str, count: int) -> str:
    return ngettext(
        "{n} attempt to sign in as “{name}” failed in the last 15 minutes.",
        "{n} attempts to sign in as “{name}” failed in the last 15 minutes.",
        count,
    ).format(n=count, name=name)


def _over_all(count: int) -> str:
    return ngettext(
        "{n} attempt to sign in failed in the last 15 minutes, all accounts together.",
        "{n} attempts to sign in failed in the last 15 minutes, all accounts together.",
        count,
    ).format(n=count)
