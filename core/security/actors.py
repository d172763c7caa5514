"""Who acts: every call of a service names its actor."""

import getpass
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
        return cls(user=getpass.getuser(), role=Role.ADMINISTRATOR, origin=origin)
