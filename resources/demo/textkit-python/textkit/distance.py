"""How alike two words are (V. I. Levenshtein, 1966)."""

from collections.abc import Iterable


def distance(left: str, right: str) -> int:
    """Return how many letters must be added, removed or changed to get to the other."""
    previous = list(range(len(right) + 1))
    for row, letter in enumerate(left, start=1):
        current = [row]
        for column, other in enumerate(right, start=1):
            current.append(
                min(
                    previous[column] + 1,
                    current[column - 1] + 1,
                    previous[column - 1] + (letter != other),
                )
            )
        previous = current
    return previous[-1]


def closest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice most like the word, the first of equals; None without choices."""
    return min(choices, key=lambda choice: distance(word, choice), default=None)
