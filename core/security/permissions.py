"""What each role may do: checked in the services, denied unless allowed."""

from core.errors import PermissionDeniedError
from core.security.actors import Actor, Role
from core.translation import _

_ORDER = (Role.VIEWER, Role.OPERATOR, Role.ADMINISTRATOR)


def may(actor: Actor, role: Role) -> bool:
    """Tell whether the actor has this role or one above it."""
    return _ORDER.index(actor.role) >= _ORDER.index(role)


def require(actor: Actor, role: Role) -> None:
    """Let only this role, or one above it, pass.

    Raises:
        PermissionDeniedError: The actor may not do this.
    """
    if not may(actor, role):
        raise PermissionDeniedError(
            _("You are not allowed to do this."),
            detail=_("It needs the role “{role}”; yours is “{own}”.").format(
                role=role.value, own=actor.role.value
            ),
            hint=_("Ask an administrator."),
            details={"user": actor.user},
        )
