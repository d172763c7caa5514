"""The gate: who is let through, and who is told why not."""

import pytest

from core.errors import PermissionDeniedError
from core.security.actors import Actor, Origin, Role
from core.security.operations import Operation, may
from core.security.permissions import (
    Gate,
    SessionEndedError,
    SignInNeededError,
    permitted,
)


def _signed_in(role: Role, **more: object) -> Actor:
    return Actor("ada", role, Origin.DESKTOP, session="s1", user_id=1, uid="u1", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("own", list(Role))
@pytest.mark.parametrize("operation", list(Operation))
def test_roles_stand_above_each_other(own: Role, operation: Operation) -> None:
    actor, gate = Actor("somebody", own, Origin.SCRIPT), Gate(open_here=True)
    ranks = list(Role)
    allowed = ranks.index(own) >= ranks.index(operation.role)
    assert may(actor, operation) is allowed
    if allowed:
        gate.require(actor, operation)
    else:
        with pytest.raises(PermissionDeniedError, match="not allowed"):
            gate.require(actor, operation)


def test_a_closed_workspace_lets_nobody_in_without_a_session() -> None:
    """Seen failing with a gate that looked at the role alone."""
    gate = Gate(open_here=False)
    for origin in (Origin.DESKTOP, Origin.SCRIPT):
        with pytest.raises(SignInNeededError):
            gate.require(Actor("x", Role.ADMINISTRATOR, origin), Operation.BUILDS_READ)
    gate.require(Actor.of_the_program(), Operation.PROJECTS_USE_SECRETS)


def test_what_counts_is_what_holds_now() -> None:
    """Seen failing with a gate that believed the actor's own role."""
    gate = Gate(open_here=False)
    actor = _signed_in(Role.ADMINISTRATOR)
    with pytest.raises(SessionEndedError):
        gate.require(actor, Operation.BUILDS_READ)
    gate.let_in(actor)
    gate.require(actor, Operation.USERS_CREATE)
    gate.let_in(_signed_in(Role.VIEWER))
    with pytest.raises(PermissionDeniedError):
        gate.require(actor, Operation.USERS_CREATE)
    gate.shut_out("s1")
    with pytest.raises(SessionEndedError):
        gate.require(actor, Operation.BUILDS_READ)


def test_a_role_in_a_project_counts_there_alone() -> None:
    gate = Gate(open_here=False)
    actor = _signed_in(Role.VIEWER, project_roles={7: Role.OPERATOR})
    gate.let_in(actor)
    gate.require(actor, Operation.BUILDS_QUEUE, project_id=7)
    for operation, project in (
        (Operation.BUILDS_QUEUE, 8),
        (Operation.BUILDS_QUEUE, None),
        (Operation.PROJECTS_EDIT, 7),
        (Operation.USERS_CREATE, 7),
    ):
        with pytest.raises(PermissionDeniedError):
            gate.require(actor, operation, project_id=project)


def test_a_role_in_a_project_never_takes_anything_away() -> None:
    gate = Gate(open_here=False)
    actor = _signed_in(Role.ADMINISTRATOR, project_roles={7: Role.VIEWER})
    gate.let_in(actor)
    gate.require(actor, Operation.PROJECTS_EDIT, project_id=7)


class _Service:
    """Tells whom a method is called for."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    @permitted(Operation.PROFILE_EDIT)
    async def called_for(self, actor: Actor) -> Actor:
        return actor


async def test_a_service_sees_who_the_session_belongs_to() -> None:
    """Seen failing when the caller's own word went into the body."""
    gate = Gate(open_here=False)
    known = _signed_in(Role.VIEWER)
    gate.let_in(known)
    forged = Actor("eve", Role.ADMINISTRATOR, Origin.SCRIPT, session="s1", user_id=2, uid="u2")
    assert await _Service(gate).called_for(forged) == known


def test_roles_in_projects_need_a_session() -> None:
    """Seen failing with a gate that took them from anybody in an open workspace."""
    gate = Gate(open_here=True)
    actor = Actor("x", Role.VIEWER, Origin.SCRIPT, project_roles={7: Role.ADMINISTRATOR})
    with pytest.raises(PermissionDeniedError):
        gate.require(actor, Operation.PROJECTS_EDIT, project_id=7)


def test_nobody_gives_themselves_a_role_in_what_the_gate_holds() -> None:
    """Seen failing with roles in a plain dictionary."""
    roles = {7: Role.OPERATOR}
    actor, gate = _signed_in(Role.VIEWER, project_roles=roles), Gate(open_here=False)
    gate.let_in(actor)
    roles[7] = Role.ADMINISTRATOR
    with pytest.raises(TypeError):
        actor.project_roles[7] = Role.ADMINISTRATOR  # type: ignore[index]
    with pytest.raises(PermissionDeniedError):
        gate.require(actor, Operation.PROJECTS_EDIT, project_id=7)
