"""Names of what is waited for, in words."""

from collections.abc import Callable

from core.translation import _

_WORDS: dict[str, Callable[[], str]] = {
    "reader": lambda: _("Reading"),
    "writer": lambda: _("Writing"),
    "leader": lambda: _("Leading: runs the queue"),
    "file_jobs": lambda: _("Jobs on a file"),
    "heavy_jobs": lambda: _("Heavy jobs"),
    "password_hashing": lambda: _("Hashing passwords"),
    "repository_polls": lambda: _("Asking repositories for commits"),
}


def named(name: str) -> str:
    """Return what a person reads; what is not known here goes by its own name."""
    return _WORDS[name]() if name in _WORDS else name


def holder(stored: str) -> str:
    """Return who holds a lease: a process of a computer, as ``Leader`` enters itself."""
    place, _colon, rest = stored.partition(":")
    process = rest.partition(":")[0]
    if not process.isdigit():
        return stored
    computer = place.partition("/")[0]
    return _("{computer}, process {number}").format(computer=computer, number=process)
