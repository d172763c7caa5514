"""The tour: the whole application used once by itself, with a picture of every screen."""

from pathlib import Path

from desktop.tour import guide
from desktop.tour.steps import STEPS


def run(folder: Path) -> int:
    """Give the tour, save pictures in a folder, and return the exit code."""
    return guide.run(folder, STEPS)
