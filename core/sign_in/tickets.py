"""Tickets: the password was right, the code is still to come. They live in memory alone."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
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

    @contextmanager
    def taken(self, name: str) -> Iterator[Ticket | None]:
        """Take a ticket that is still good; nobody else has it meanwhile.

        It is good once: only where an error comes out is it given back.
        """
        ticket = self._tickets.pop(name, None)
        if ticket is not None and self._clock.monotonic() >= ticket.until:
            ticket = None
        try:
            yield ticket
        except BaseException:
            if ticket is not None:
                self._tickets[name] = ticket
            raise
