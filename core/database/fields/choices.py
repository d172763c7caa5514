"""Stored words of which only some are known: others come of damage, or of a newer program."""

from enum import StrEnum
from typing import TypeVar

Choice = TypeVar("Choice", bound=StrEnum)


def choice(kind: type[Choice], stored: object, otherwise: Choice) -> Choice:
    """Return the member that a stored word means; another one where it means none.

    A list with a row that says something unknown is shown as a whole all the same.
    """
    return next((member for member in kind if member.value == stored), otherwise)
