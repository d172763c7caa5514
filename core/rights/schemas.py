"""What the rights service takes and returns."""

from dataclasses import dataclass
from datetime import datetime

from core.security.actors import Role


@dataclass(frozen=True, slots=True)
class ProjectRoleRow:
    """A role that a person has in one project; ``last_used_at`` by the builds asked for."""

    project_id: int
    project: str
    role: Role
    granted_by: str
    granted_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class RightUse:
    """One right of a person, and when it was last used, None for never.

    ``operation`` is the key of an ``Operation``; those that leave no trace, such as
    reading, are not among them.
    """

    operation: str
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class RightsRow:
    """A person with the rights beyond a viewer's.

    ``last_used_at`` is when any of them was used last, None for never.
    """

    user_id: int
    uid: str
    username: str
    display_name: str
    role: Role
    active: bool
    second_factor: bool
    last_sign_in_at: datetime | None
    rights: tuple[RightUse, ...]
    projects: tuple[ProjectRoleRow, ...]

    @property
    def last_used_at(self) -> datetime | None:
        """When any right of this person was used last."""
        used = [one.last_used_at for one in self.rights]
        used += [one.last_used_at for one in self.projects]
        return max((at for at in used if at is not None), default=None)


@dataclass(frozen=True, slots=True)
class RightsPage:
    """People by name; ``more`` tells whether others follow after the last one's name."""

    rows: tuple[RightsRow, ...]
    more: bool
