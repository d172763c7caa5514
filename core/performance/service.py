"""Puts the services of performance together, for one open database."""

from core.performance.target import Target


class Performance:
    """What can be seen of a database, and done for it; works for any SQLite file.

    Args:
        target: The database.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
