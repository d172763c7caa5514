"""Fixtures of people."""

from tests.core.users.people import people

__all__ = ["people"]
