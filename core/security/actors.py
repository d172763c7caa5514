"""Who acts: every call of a service names its actor."""

import getpass
import os
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a person may do; each role may do all that the one before may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"

    def covers(self, other: "Role") -> bool:
        """Tell whether this role may do all that the other may."""
        return _ORDER.index(self) >= _ORDER.index(other)


_ORDER = tuple(Role)


class Origin(StrEnum):
    """Through what the actor came."""

    DESKTOP = "desktop"
    SCRIPT = "script"
    TRIGGER = "trigger"
    PLUGIN = "plugin"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person, or the part of the program, on whose behalf a call is made.

    For somebody who signed in, ``role`` and ``project_roles`` are what held at that moment;
    what holds now is known to the ``Gate``, by the ``session``.

    Attributes:
        user: The name to show and to keep with what was done.
        session: The ``uid`` of the session; None for who did not sign in.
        user_id: The row of a person who signed in.
        uid: The ``uid`` of that person.
        project_roles: Roles above ``role`` in single projects, by the project's id.
    """

    user: str
    role: Role
    origin: Origin
    session: str | None = None
    user_id: int | None = None
    uid: str = ""
    project_roles: Mapping[int, Role] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        # The gate holds actors that others hold too: nobody gives themselves roles in one.
        object.__setattr__(self, "project_roles", MappingProxyType(dict(self.project_roles)))

    @classmethod
    def of_this_computer(cls, origin: Origin) -> "Actor":
        """Return the person signed in at the operating system, who owns the file."""
        return cls(user=_user_name(), role=Role.ADMINISTRATOR, origin=origin)

    @classmethod
    def of_the_program(cls) -> "Actor":
        """Return the program itself, for what it does by its own duty."""
        return cls(user="Buildbench", role=Role.ADMINISTRATOR, origin=Origin.TRIGGER)


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        # Someone without an entry among the users, as in a container.
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"


acting: ContextVar[Actor | None] = ContextVar("acting", default=None)
"""For whom the present task works, where a service let somebody in: for showing alone."""
