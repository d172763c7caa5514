"""What the command line of ``run`` says."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError

from core.builds.schemas import BuildRequest
from core.terminal.options import Person, add_person, path, person_of, program
from core.translation import _


@dataclass(frozen=True, slots=True)
class Words:
    """What is asked for.

    Attributes:
        project: The name of the project.
        workspace: The file of the workspace; None for the one opened last.
        request: What is asked for beyond the project as it stands.
        wait: Stay until the build has ended.
        quiet: Print no log.
        person: Who signs in.
    """

    project: str
    workspace: Path | None
    request: BuildRequest
    wait: bool
    quiet: bool
    person: Person


def parse(argv: Sequence[str]) -> Words:
    """Read the command line; leaves with status 2 and a clear sentence when it is wrong."""
    parser = _parser()
    found = parser.parse_args(argv)
    return Words(
        project=found.project,
        workspace=found.workspace,
        request=_request(parser, found),
        wait=not found.no_wait,
        quiet=found.quiet,
        person=person_of(found),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program("run"),
        description=_("Run a build of a project and print its log."),
        epilog=_(
            "Exit codes: that of the build, 1 where it has none or could not be run, 2 for"
            " wrong use, 128 and the number of a signal that ended it, 130 when it was"
            " cancelled or left to itself. Ctrl+C asks whether to cancel; once more leaves"
            " the build running."
        ),
    )
    parser.add_argument("project", metavar="PROJECT", help=_("the name of the project"))
    parser.add_argument(
        "--workspace", metavar="FILE", type=path,
        help=_("the workspace; by default the one that was opened last"),
    )  # fmt: skip
    parser.add_argument(
        "--branch", metavar="NAME", default="", help=_("a branch, a tag or a commit")
    )
    parser.add_argument(
        "--type", metavar="NAME", default="", help=_("one of the types of the project")
    )
    parser.add_argument(
        "--var", metavar="NAME=VALUE", action="append", default=[],
        help=_("a variable for this build; may be given several times"),
    )  # fmt: skip
    parser.add_argument(
        "--no-wait", action="store_true", help=_("leave as soon as the build is on its way")
    )
    parser.add_argument("--quiet", action="store_true", help=_("print no log"))
    add_person(parser)
    return parser


def _request(parser: argparse.ArgumentParser, found: argparse.Namespace) -> BuildRequest:
    variables: dict[str, str] = {}
    for pair in found.var:
        name, equals, value = pair.partition("=")
        if not equals:
            _refuse(parser, "--var", _("write {name}=VALUE").format(name=name or "NAME"))
        variables[name] = value
    try:
        return BuildRequest(branch=found.branch, build_type=found.type, environment=variables)
    except ValidationError as error:
        first = error.errors()[0]
        option = {"branch": "--branch", "environment": "--var"}.get(str(first["loc"][0]), "")
        _refuse(parser, option, first["msg"].removeprefix("Value error, "))


def _refuse(parser: argparse.ArgumentParser, option: str, why: str) -> NoReturn:
    parser.error(f"{option}: {why}")
