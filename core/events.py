"""What happened, told after it is true: one bus, on the core thread.

Events are frozen dataclasses in the past tense. Subscribers are plain functions and must
return at once; the bus calls them in the order of subscription and contains their failures.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """The root of all events."""


@dataclass(frozen=True, slots=True)
class Changed(Event):
    """Rows of these topics were committed, by this process or by another one."""

    topics: frozenset[str]


@dataclass(frozen=True, slots=True)
class DatabaseWaiting(Event):
    """A write waits for most of a second by now; an empty ``text`` ends the wait.

    ``text`` says what is waited for and, where the system tells, for which process.
    """

    text: str


@dataclass(frozen=True, slots=True)
class NoticeRaised(Event):
    """The core has something to tell the person that belongs to no call of theirs."""

    title: str
    detail: str = ""
    hint: str = ""


Subscriber = Callable[[Event], None]


class EventBus:
    """Delivers events to whoever subscribed."""

    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call ``subscriber`` with each event until the returned function is called."""
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Tell every subscriber; one that fails is logged and harms nobody."""
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(event)
            except Exception:
                _log.exception("A subscriber failed on %s", type(event).__name__)
