"""What the command lines of ``backup`` and ``check`` say."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.terminal.options import Person, add_person, path, person_of, program
from core.translation import _


@dataclass(frozen=True, slots=True)
class Words:
    """What is asked for.

    Attributes:
        file: The workspace or any other SQLite file; None for the workspace opened last.
        to: The backup to make; None for one in the usual folder.
        quiet: Say nothing but what matters.
        person: Who signs in.
    """

    file: Path | None
    to: Path | None
    quiet: bool
    person: Person


def parse_backup(argv: Sequence[str]) -> Words:
    """Read the command line; leaves with status 2 and a clear sentence when it is wrong."""
    parser = _parser(
        "backup",
        _("Make a backup of a workspace or any other SQLite file, and verify it."),
        _(
            "The path of the backup is printed. Others may go on using the file. Exit codes: 0"
            " made and found good, 1 not, 2 wrong use, 130 broken off."
        ),
    )
    parser.add_argument(
        "--to", metavar="PATH", type=path,
        help=_("the file to make; by default one among the other backups of the file"),
    )  # fmt: skip
    found = parser.parse_args(argv)
    return Words(found.file, found.to, found.quiet, person_of(found))


def parse_check(argv: Sequence[str]) -> Words:
    """Read the command line; leaves with status 2 and a clear sentence when it is wrong."""
    parser = _parser(
        "check",
        _("Look for damage in a workspace or any other SQLite file, or verify a backup."),
        _(
            "What is found is printed, one problem a line. In a file that is whole, foreign"
            " keys are checked as well: rows that refer to rows that are missing are told of"
            " apart, and count as wrong. A file with a manifest beside it is a backup: it is"
            " restored for a trial, not opened. Exit codes: 0 nothing is wrong, 1 something"
            " is, or it could not be checked, 2 wrong use, 130 broken off."
        ),
    )
    found = parser.parse_args(argv)
    return Words(found.file, None, found.quiet, person_of(found))


def _parser(role: str, description: str, epilog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program(role), description=description, epilog=epilog)
    parser.add_argument(
        "file", metavar="FILE", nargs="?", type=path,
        help=_("by default the workspace that was opened last"),
    )  # fmt: skip
    parser.add_argument("--quiet", action="store_true", help=_("say nothing but problems"))
    add_person(parser)
    return parser
