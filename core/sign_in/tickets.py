"""Tickets: the password was right, the code is still to come. They live in memory alone."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from core.security.actors import Origin
from core.sign_in.clock import Clock
from core.sign_in.guesses import Attempt

LIFE_S = 5 * 60.0
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose password was right, and how they come in."""

    user_id: int
    attempt: Attempt
    origin: Origin
    device: str
    remember: bool
    password_changed_at: datetime | None
    rehashed: str | None = field(repr=False)
    until: float


class Tickets:
    """The tickets of this process: the oldest make room when there are too many."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tickets: dict[str, Ticket] = {}

    def until(self) -> float:
        """Return until when a ticket that is issued now is good."""
        return self._clock.monotonic() + LIFE_S

    def issue(self, ticket: Ticket) -> str:
        """Return the name of a new ticket, which nobody can guess."""
        while len(self._tickets) >= MOST:
            del self._tickets[next(iter(self._tickets))]
        name = secrets.token_urlsafe(24)
        self._tickets[name] = ticket
        return name

    def find(self, name: str) -> Ticket | None:
        """Return a ticket that is still good."""
        ticket = self._tickets.get(name)
        if ticket is not None and self._clock.monotonic() >= ticket.until:
            del self._tickets[name]
            return None
        return ticket

    def spend(self, name: str) -> None:
        """Take a ticket back: it is good once."""
        self._tickets.pop(name, None)
