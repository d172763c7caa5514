"""Comes into a workspace from a terminal: as its owner, or by name, password and code."""

import asyncio
import socket
import sys

from core.errors import ConflictError, ReadOnlyError
from core.security.actors import Actor, Origin
from core.sign_in.schemas import Entrance, SecondFactorNeeded, SignedIn
from core.sign_in.service import SignInService
from core.terminal.asking import ask
from core.terminal.options import USER, Person
from core.translation import _


async def entered(sign_in: SignInService, person: Person, name: str) -> Actor:
    """Return who acts from now on.

    Args:
        sign_in: Of the workspace.
        person: Who signs in, and how.
        name: Of the workspace.

    Raises:
        AppError: Nobody can come in like this; the error says why.
    """
    entrance = await sign_in.entrance()
    if entrance is Entrance.OPEN:
        return Actor.of_this_computer(Origin.SCRIPT)
    if entrance is Entrance.READING:
        raise ReadOnlyError(
            _("“{name}” cannot be written, and nobody can sign in to it.").format(name=name)
        )
    if entrance is Entrance.FIRST_START:
        raise ConflictError(
            _("Nobody can sign in to “{name}” yet.").format(name=name),
            hint=_("Open it in a window once and make the first administrator."),
        )
    signed_in = await _signed_in(sign_in, person)
    if signed_in.must_change_password:
        raise ConflictError(
            _("Choose a password of your own first."),
            hint=_("Sign in in a window; it asks for one."),
        )
    return signed_in.actor


async def _signed_in(sign_in: SignInService, person: Person) -> SignedIn:
    """Ask once: whoever mistypes begins again, as with other commands of scripts."""
    user = person.user
    if not user and person.password_on_input:
        raise ConflictError(
            _("It is not said who signs in."),
            hint=_("Give the name by --user or in the variable {name}.").format(name=USER),
        )
    user = user or await ask(_("User name: "))
    question = _("Password of {user}: ").format(user=user)
    password = await (_input_line() if person.password_on_input else ask(question, secret=True))
    found = await sign_in.sign_in(
        user, password, origin=Origin.SCRIPT, device=socket.gethostname()
    )
    if isinstance(found, SecondFactorNeeded):
        code = await (_input_line() if person.password_on_input else ask(_("Code: ")))
        found = await sign_in.second_factor(found.ticket, code.strip())
    return found


async def _input_line() -> str:
    line = await asyncio.to_thread(sys.stdin.readline) if sys.stdin else ""
    return line.rstrip("\r\n")
