"""Who acts: every call of a service names its actor."""

import getpass
import os
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do; each role may do all that the one before may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


class Origin(StrEnum):
    """Through what the actor came."""

    DESKTOP = "desktop"
    SCRIPT = "script"
    TRIGGER = "trigger"
    PLUGIN = "plugin"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person, or the part of the program, on whose behalf a call is made."""

    user: str
    role: Role
    origin: Origin
    session: str | None = None

    @classmethod
    def of_this_computer(cls, origin: Origin) -> "Actor":
        """Return the person signed in at the operating system, who owns the file."""
        return cls(user=_user_name(), role=Role.ADMINISTRATOR, origin=origin)


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        # Someone without an entry among the users, as in a container.
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"
