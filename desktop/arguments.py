"""What the command line says."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.paths import is_there
from core.translation import _
from core.version import VERSION

if TYPE_CHECKING:
    import argparse


@dataclass(frozen=True, slots=True)
class Arguments:
    """What to do at the start; at most one of the five is asked for.

    Attributes:
        database: Open this SQLite file.
        new: Make a workspace at this path and open it.
        demo: Make the demo workspace and open it.
        tour: Show everything offscreen and save pictures in this folder, then leave.
        reset_admin: Give an administrator a new password, on the terminal: the workspace, or
            none for the usual one.
    """

    database: Path | None = None
    new: Path | None = None
    demo: bool = False
    tour: Path | None = None
    reset_admin: tuple[str, ...] | None = None


def parse(words: Sequence[str]) -> Arguments:
    """Read the command line; leaves with status 2 and a clear sentence when it is wrong."""
    if not words:
        return Arguments()  # without the cost of importing a parser
    parser = _parser()
    found = parser.parse_args(words)
    asked = (found.database, found.new, found.demo or None, found.tour, found.reset_admin)
    if sum(one is not None for one in asked) > 1:
        parser.error(_("give only one of DATABASE, --new, --demo, --tour and --reset-admin"))
    if found.database is not None and not is_there(found.database):
        parser.error(
            _("there is no file {path}; use --new to make a workspace there").format(
                path=found.database
            )
        )
    if found.new is not None and is_there(found.new):
        parser.error(
            _("{path} is there already; leave out --new to open it").format(path=found.new)
        )
    reset = None if found.reset_admin is None else tuple(filter(None, [found.reset_admin]))
    return Arguments(found.database, found.new, found.demo, found.tour, reset)


def _parser() -> "argparse.ArgumentParser":
    import argparse

    parser = argparse.ArgumentParser(
        prog="buildbench" if getattr(sys, "frozen", False) else "python -m desktop",
        description=_("Run and look after a local build database."),
        epilog=_(
            "Without a window: “run PROJECT” builds on the terminal, “backup” makes a backup"
            " and “check” looks for damage; see “run --help” and so on."
        ),
    )
    parser.add_argument(
        "database",
        metavar="DATABASE",
        nargs="?",
        type=path,
        help=_("open this workspace, or any other SQLite file"),
    )
    parser.add_argument(
        "--new", metavar="PATH", type=path, help=_("make a workspace at this path")
    )
    parser.add_argument(
        "--demo", action="store_true", help=_("make and open a workspace to try things out")
    )
    parser.add_argument(
        "--tour",
        metavar="FOLDER",
        type=path,
        help=_("show every screen by itself, save pictures in this folder, and leave"),
    )
    parser.add_argument(
        "--reset-admin",
        metavar="WORKSPACE",
        nargs="?",
        const="",
        help=_("give an administrator a new password, on the terminal; for the file's owner"),
    )
    parser.add_argument("--version", action="version", version=f"Buildbench {VERSION}")
    return parser


def path(text: str) -> Path:
    """Return a path of the command line as an absolute one."""
    if not text:
        raise ValueError("empty")
    return Path(text).expanduser().absolute()
