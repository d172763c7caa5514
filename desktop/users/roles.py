"""The roles as people know them."""

from core.security.actors import Role
from core.translation import _
from desktop.widgets.state_badge import Badge, Tone


def role_words(role: Role) -> str:
    """Return the name of a role."""
    return {
        Role.VIEWER: _("Viewer"),
        Role.OPERATOR: _("Operator"),
        Role.ADMINISTRATOR: _("Administrator"),
    }[role]


def role_name(value: str) -> str:
    """Return the name of a role by its value; what a newer Buildbench stored, as it is."""
    return role_words(Role(value)) if value in set(Role) else value


def role_badge(role: Role) -> Badge:
    """Return a role as icon and word."""
    icon, tone = {
        Role.VIEWER: ("eye", Tone.QUIET),
        Role.OPERATOR: ("wrench", Tone.QUIET),
        Role.ADMINISTRATOR: ("shield-check", Tone.ACCENT),
    }[role]
    return Badge(role_words(role), icon, tone)
