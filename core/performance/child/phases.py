"""What the maintenance child is at, in words."""

from core.translation import _


def phase_words(phase: str) -> str:
    """Return the words for a phase that the child names; empty where it has none."""
    words = {
        "checking": _("Checking"),
    }
    return words.get(phase, "")
