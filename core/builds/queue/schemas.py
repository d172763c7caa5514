"""What the queue service returns."""

from dataclasses import dataclass

from core.builds.schemas import BuildRow

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class QueueOverview:
    """The queue as it stands.

    ``running`` are the builds of which a process may be alive, the oldest first; ``waiting``
    the next ``MOST_SHOWN`` in the order in which they start, of ``waiting_count`` in all.
    While ``paused`` none starts; else at most ``parallel`` run at once.
    """

    running: tuple[BuildRow, ...]
    waiting: tuple[BuildRow, ...]
    paused: bool
    parallel: int
    waiting_count: int = 0
