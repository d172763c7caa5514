"""What the command lines of all roles on a terminal have in common."""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from core.translation import _

USER = "BUILDBENCH_USER"


@dataclass(frozen=True, slots=True)
class Person:
    """Who signs in, as the command line says.

    Attributes:
        user: The name; empty to be asked.
        password_on_input: The first line of the standard input is the password, a second
            one the code of the second factor.
    """

    user: str = ""
    password_on_input: bool = False


def program(role: str) -> str:
    """Return how a role is called on the command line."""
    frozen = getattr(sys, "frozen", False)
    return f"buildbench {role}" if frozen else f"python -m desktop {role}"


def add_person(parser: argparse.ArgumentParser) -> None:
    """Let a command line say who signs in."""
    parser.add_argument(
        "--user", metavar="NAME", default="",
        help=_("sign in as this user; otherwise {name} says who").format(name=USER),
    )  # fmt: skip
    parser.add_argument(
        "--password-stdin", action="store_true",
        help=_("read the password, and a code in a second line, from the standard input"),
    )  # fmt: skip


def person_of(found: argparse.Namespace) -> Person:
    """Return who signs in."""
    return Person(found.user or os.environ.get(USER, ""), found.password_stdin)


def path(text: str) -> Path:
    """Return a path of the command line as an absolute one."""
    if not text:
        raise ValueError("empty")
    return Path(text).expanduser().absolute()
