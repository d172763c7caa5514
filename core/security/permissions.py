"""Who may do what, checked at the door of each service: denied unless allowed."""

import functools
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from core.errors import AppError, Category, PermissionDeniedError
from core.security.actors import Actor, Origin, acting
from core.security.operations import Operation, may
from core.translation import _

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="Guarded")

Work = Coroutine[Any, Any, R]
ProjectOf = Callable[[Any, Mapping[str, Any]], Awaitable[int | None]]


class SignInNeededError(AppError):
    """This workspace asks who is there, and the actor did not sign in."""

    code = "sign_in_needed"
    category = Category.AUTHENTICATION


class SessionEndedError(AppError):
    """The session of the actor is over: signed out, too old, or ended by somebody."""

    code = "session_ended"
    category = Category.AUTHENTICATION


class PasswordChangeNeededError(AppError):
    """The password of the actor was given by somebody else; first they choose their own."""

    code = "password_change_needed"
    category = Category.AUTHENTICATION


class Gate:
    """Knows who is signed in through this process, and what holds for them now.

    The sign-in service keeps it up to date, also after changes by other processes.

    Args:
        open_here: Whether the workspace is open on this computer without sign-in.
    """

    def __init__(self, *, open_here: bool) -> None:
        self.open_here = open_here
        self._present: dict[str, Actor] = {}
        self._held: set[str] = set()
        self._asked: set[str] = set()

    @property
    def sessions(self) -> tuple[str, ...]:
        """The sessions that are let through."""
        return tuple(self._present)

    def let_in(self, actor: Actor) -> None:
        """Let a session through, with the roles that this actor carries."""
        assert actor.session is not None
        self._present[actor.session] = actor
        self._held.discard(actor.session)

    def hold(self, session: str) -> None:
        """Let a session through once its password was changed, and not before."""
        self.shut_out(session)
        self._held.add(session)

    def shut_out(self, session: str) -> None:
        """Let a session through no more."""
        self._present.pop(session, None)
        self._held.discard(session)

    def take_asked(self) -> frozenset[str]:
        """Return the sessions that were let through since this was asked last."""
        asked = frozenset(self._asked)
        self._asked.clear()
        return asked

    def present(self, actor: Actor) -> Actor:
        """Return the actor as it stands now.

        The program needs no session for its own duties (``Origin.TRIGGER``). That, and the
        name of a session, can be forged by code that runs in this process: it is trusted, as
        it could read the database all the same. Plug-ins run in processes of their own, and
        come with a session.

        Raises:
            SessionEndedError: Its session is over.
            PasswordChangeNeededError: Its password is one to be changed.
            SignInNeededError: It has none, and this workspace asks for one.
        """
        if actor.session is not None:
            known = self._present.get(actor.session)
            if actor.session in self._held:
                raise PasswordChangeNeededError(
                    _("Choose a password of your own first."),
                    hint=_("Yours was given to you by somebody else."),
                )
            if known is None:
                raise SessionEndedError(
                    _("Your session has ended."), hint=_("Sign in again to go on.")
                )
            self._asked.add(actor.session)
            return known
        if not self.open_here and actor.origin is not Origin.TRIGGER:
            raise SignInNeededError(
                _("This workspace asks who you are."), hint=_("Sign in first.")
            )
        # People are known by their session; without one nobody can pass for one of them.
        return replace(actor, user_id=None, uid="", project_roles={})

    def require(
        self, actor: Actor, operation: Operation, *, project_id: int | None = None
    ) -> Actor:
        """Let only those pass who may do this, and return the actor as it stands now.

        Raises:
            PermissionDeniedError: The role is not enough.
            AppError: As ``present``.
        """
        now = self.present(actor)
        if not may(now, operation, project_id=project_id):
            raise PermissionDeniedError(
                _("You are not allowed to do this."),
                detail=_("It needs the role “{role}”; yours is “{own}”.").format(
                    role=operation.role.value, own=now.role.value
                ),
                hint=_("Ask an administrator."),
                details={"user": now.user, "operation": operation.key},
            )
        return now


class Guarded(Protocol):
    """A service whose methods are permitted or not."""

    gate: Gate


def permitted(
    operation: Operation, *, project: ProjectOf | None = None
) -> Callable[
    [Callable[Concatenate[S, Actor, P], Work[R]]], Callable[Concatenate[S, Actor, P], Work[R]]
]:
    """Tie a service method to its operation: the gate is asked before the body runs.

    The body gets the actor that the gate knows by the session: what a caller says of its
    name, its ``user_id`` and its role does not count.

    Args:
        operation: What the method does.
        project: Finds the project of a call out of its keyword arguments; without it a
            ``project_id`` among them counts. Asked only where the role alone is not enough.
    """

    def decorate(
        method: Callable[Concatenate[S, Actor, P], Work[R]],
    ) -> Callable[Concatenate[S, Actor, P], Work[R]]:
        @functools.wraps(method)
        async def guarded(self: S, actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
            scope: int | None = None
            if operation.per_project and not may(self.gate.present(actor), operation):
                scope = (
                    await project(self, kwargs)
                    if project is not None
                    else cast("int | None", kwargs.get("project_id"))
                )
            now = self.gate.require(actor, operation, project_id=scope)
            before = acting.get()
            acting.set(now)
            try:
                return await method(self, now, *args, **kwargs)
            finally:
                acting.set(before)

        guarded.operation = operation  # type: ignore[attr-defined]
        return cast("Callable[Concatenate[S, Actor, P], Work[R]]", guarded)

    return decorate
