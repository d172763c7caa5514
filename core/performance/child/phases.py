"""What the maintenance child is at, in words."""

from pathlib import Path

from core.database.lock_holders import processes_locking
from core.translation import _


def phase_words(phase: str) -> str:
    """Return the words for a phase that the child names; empty where it has none."""
    words = {
        "analysing": _("Counting rows and values"),
        "building": _("Building a packed copy"),
        "changing_indexes": _("Changing indexes"),
        "checking": _("Checking"),
        "checking_copy": _("Checking the copy"),
        "copying": _("Copying"),
        "copying_back": _("Copying back: too late to cancel, finishing"),
        "counting": _("Counting rows"),
        "emptying_log": _("Moving the write-ahead log into the database"),
        "hashing": _("Computing the SHA-256"),
        "naming": _("Writing the manifest: too late to cancel, finishing"),
        "replaced": _("Restoring: too late to cancel, finishing"),
        "restoring": _("Restoring"),
        "giving_back": _("Giving free pages back"),
        "measuring": _("Measuring"),
        "preparing": _("Filling a table"),
        "reindexing": _("Building indexes anew"),
        "writing_indexes": _("Writing the indexes: too late to cancel, finishing"),
        "sizing": _("Measuring tables and indexes"),
    }
    return words.get(phase, "")


def waiting_words(file: Path) -> str:
    """Return whom the child waits for, as far as the system tells; blocks."""
    programs = ", ".join(processes_locking(file))
    if not programs:
        return _("The file is in use elsewhere; waiting until it is free…")
    return _("{programs} is writing to this file; waiting until it is done…").format(
        programs=programs
    )
