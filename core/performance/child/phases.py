"""What the maintenance child is at, in words."""

from core.translation import _


def phase_words(phase: str) -> str:
    """Return the words for a phase that the child names; empty where it has none."""
    words = {
        "analysing": _("Counting rows and values"),
        "building": _("Building a packed copy"),
        "checking": _("Checking"),
        "copying_back": _("Copying back: too late to cancel, finishing"),
        "emptying_log": _("Moving the write-ahead log into the database"),
        "giving_back": _("Giving free pages back"),
        "reindexing": _("Building indexes anew"),
    }
    return words.get(phase, "")
