"""Names for projects that are made of others."""

from collections.abc import Container
from itertools import count

from core.projects.repository import caseless
from core.projects.schemas import LONGEST_NAME


def free_name(name: str, taken: Container[str]) -> str:
    """Return the name with the first number that nobody has: “name (2)”, cut where too long.

    Args:
        taken: Names as ``caseless`` has them.
    """
    if caseless(name) not in taken:
        return name
    for number in count(2):
        ending = f" ({number})"
        found = name[: LONGEST_NAME - len(ending)].rstrip() + ending
        if caseless(found) not in taken:
            return found
    raise AssertionError("numbers end")
