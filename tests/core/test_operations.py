"""Every method of every service × every role: let through or refused, as the table says."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import AppError, PermissionDeniedError
from core.progress import Progress
from core.security.actors import Actor, Origin, Role
from core.security.operations import Operation
from core.security.permissions import Gate, SignInNeededError
from core.workspaces.workspace import Workspace
from tests.core.running import Bench

# Methods that anybody may call, each for a reason.
OPEN = {
    # Asked by the gate itself, to know of which project a build is.
    "BuildService.project_of",
    "TriggerService.project_of",
    # The duties of the workspace itself.
    "SignInService.start",
    "SignInService.close",
    # Asked by who is not signed in yet, or only watches a file that nobody can write.
    "SignInService.entrance",
    "SignInService.create_first_administrator",
    "SignInService.sign_in",
    "SignInService.second_factor",
    "SignInService.resume",
    "SignInService.can_remember",
    "SignInService.read_along",
    "SignInService.password_report",
    # By who is: each looks for the session itself, also one that waits for a new password.
    "SignInService.sign_out",
    "SignInService.lock",
    "SignInService.unlock",
    "SignInService.change_password",
    # Inside of others: of the user service, and of the workspace service, which ask first.
    "SignInService.hash_of_new",
    "SignInService.note_open_here",
}

# Operations that no method is tied to: asked for inside others.
ASKED_INSIDE = {
    Operation.USERS_READ_CONTACT,
    Operation.USERS_READ_NOTE,
    Operation.PASSWORD_CHANGE,
    Operation.SESSIONS_END,
}


def services(workspace: Workspace) -> Iterator[Any]:
    """Yield everything of a workspace that has a gate."""
    names = [
        name
        for name, member in inspect.getmembers(type(workspace))
        if isinstance(member, property)
    ]
    found = [getattr(workspace, name) for name in names]
    parts = vars(workspace.performance).items()
    found += [service for name, service in parts if name != "target"]
    for service in found:
        if isinstance(getattr(service, "gate", None), Gate):
            yield service


def methods(workspace: Workspace) -> Iterator[tuple[str, Any]]:
    """Yield the public coroutines of all services, with their names."""
    for service in services(workspace):
        for name, method in inspect.getmembers(service, inspect.iscoroutinefunction):
            if not name.startswith("_"):
                yield f"{type(service).__name__}.{name}", method


def nonsense(method: Any) -> dict[str, Any]:
    """Return a value for each argument that is needed: of things that are not there."""
    return {
        parameter.name: _some(str(parameter.annotation))
        for parameter in inspect.signature(method).parameters.values()
        if parameter.default is parameter.empty and parameter.name != "actor"
    }


def _some(annotation: str) -> Any:
    if "Progress" in annotation:
        return Progress(lambda: None)
    if "Path" in annotation:
        return Path("/there/is/no/such/file")
    return 0 if "int" in annotation else ""


async def refusal(method: Any, actor: Actor) -> BaseException | None:
    """Call a method with nonsense and return what kept the actor out."""
    try:
        await method(actor, **nonsense(method))
    except (PermissionDeniedError, SignInNeededError) as error:
        return error
    except (AppError, TypeError, ValueError, AttributeError, KeyError):
        return None  # it was let in, and then stumbled over the nonsense
    return None


async def test_every_method_of_a_service_is_tied_to_an_operation(bench: Bench) -> None:
    """Seen failing for a method without its decorator."""
    loose = {
        name
        for name, method in methods(bench.workspace)
        if not isinstance(getattr(method, "operation", None), Operation)
    }
    assert loose == OPEN


async def test_every_operation_is_asked_for_somewhere(bench: Bench) -> None:
    tied = {getattr(method, "operation", None) for _name, method in methods(bench.workspace)}
    assert set(Operation) - tied == ASKED_INSIDE


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_may_do_what_the_table_says(bench: Bench, role: Role) -> None:
    """Seen failing with a gate that let everybody in."""
    actor = Actor("somebody", role, Origin.SCRIPT, user_id=0, uid="nobody")
    wrong = [
        name
        for name, method in methods(bench.workspace)
        if (operation := getattr(method, "operation", None)) is not None
        and (await refusal(method, actor) is None) is not role.covers(operation.role)
    ]
    assert wrong == []


async def test_a_workspace_with_sign_in_lets_nobody_in_without(bench: Bench) -> None:
    bench.workspace.gate.open_here = False
    actor = Actor.of_this_computer(Origin.SCRIPT)
    for name, method in methods(bench.workspace):
        if name not in OPEN:
            assert isinstance(await refusal(method, actor), SignInNeededError), name
