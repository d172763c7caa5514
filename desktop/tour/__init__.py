"""The tour: the whole application used once by itself, with a picture of every screen."""

from desktop.tour.guide import run

__all__ = ["run"]
