"""Glob patterns over the paths within a folder, matched part by part while walking.

``*``, ``?`` and ``[…]`` stand for characters within one name, hidden names included; ``**``
stands for any number of folders. ``folder/**``, ``folder/`` and the plain name of a folder
mean everything below it.
"""

import fnmatch
import os
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

_MAGIC: Final = re.compile(r"[*?\[]")
_ANY_FOLDERS: Final = "**"
_EVERYTHING: Final = (_ANY_FOLDERS, "*")

States = frozenset[tuple[int, int]]
"""Where the patterns stand at a path: each a pattern and how many of its parts are behind."""


class Patterns:
    """Several patterns at once."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._parts: tuple[tuple[str, ...], ...] = tuple(
            parts for pattern in patterns for parts in _expanded(pattern)
        )
        self.start: States = self._closed((number, 0) for number in range(len(self._parts)))

    def below(self, states: States, name: str) -> States:
        """Return where the patterns stand once one more name is added to a path.

        Empty where neither the path nor anything below it can match.
        """
        after = []
        for number, place in states:
            parts = self._parts[number]
            if place == len(parts):
                continue
            if parts[place] == _ANY_FOLDERS:
                after.append((number, place))
            elif _matches(parts[place], name):
                after.append((number, place + 1))
        return self._closed(after)

    def matches(self, states: States) -> bool:
        """Tell whether the path that led here matches as a whole."""
        return any(place == len(self._parts[number]) for number, place in states)

    def _closed(self, states: Iterable[tuple[int, int]]) -> States:
        """Add what ``**`` for no folder at all gives."""
        found = set()
        for number, place in states:
            parts, reached = self._parts[number], place
            found.add((number, place))
            while reached < len(parts) and parts[reached] == _ANY_FOLDERS:
                reached += 1
                found.add((number, reached))
        return frozenset(found)


def matches(patterns: Sequence[str], path: str) -> bool:
    """Tell whether a path, with ``/`` between its parts, matches one of the patterns."""
    compiled = Patterns(patterns)
    states = compiled.start
    for name in path.split("/"):
        states = compiled.below(states, name)
    return compiled.matches(states)


def _expanded(pattern: str) -> list[tuple[str, ...]]:
    """Return the parts of a pattern, and of another one where it also means a folder."""
    parts = tuple(part for part in pattern.split("/") if part not in ("", "."))
    if not parts:
        return []
    if parts[-1] == _ANY_FOLDERS:
        return [(*parts, "*")]
    if pattern.endswith("/"):
        return [(*parts, *_EVERYTHING)]
    if _MAGIC.search(parts[-1]):
        return [parts]
    return [parts, (*parts, *_EVERYTHING)]


def _matches(part: str, name: str) -> bool:
    # Where the system takes capitals for small letters, so do the patterns.
    return _compiled(os.path.normcase(part)).match(os.path.normcase(name)) is not None


@lru_cache(maxsize=1024)
def _compiled(part: str) -> re.Pattern[str]:
    # Stars beside each other mean one: "**.jar" is "*.jar".
    return re.compile(fnmatch.translate(re.sub(r"\*+", "*", part)))
