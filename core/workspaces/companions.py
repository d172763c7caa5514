"""Which companion is that of a file: it follows one that was moved, and no other gets it."""

import hashlib
import itertools
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from core.events import NoticeRaised
from core.files import write_atomically
from core.translation import _
from core.workspaces.identity import Identity, Kinship

_ENDING = ".db"
_IDENTITY = ".json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the companion of a file lies, or will; ``notice`` is what a person should know."""

    path: Path
    notice: NoticeRaised | None = None


def place_for(folder: Path, subject: Identity) -> Place:
    """Return where the companion of a file lies, and note what the file is now; blocks.

    None is made, and none is taken from another file.

    Args:
        folder: Holds all companions.
    """
    known = _known(folder)
    kinships = {path: one.kinship(subject) for path, one in known.items()}
    best = max(kinships, key=lambda path: kinships[path], default=None)
    if best is None or kinships[best] is Kinship.OTHER:
        before = [path for path, one in known.items() if one.place == subject.place]
        return Place(_free(folder, subject, known), _set_apart(subject, before))
    if known[best] != subject:
        write_identity(best, subject)
    return Place(best, _gone_on(known[best], subject, kinships[best]))


def about(folder: Path, path: Path) -> list[Path]:
    """Return the companions of the file in this place, were it gone by now; blocks."""
    return [companion for companion, one in _known(folder).items() if one.path == path]


def of_others(folder: Path, path: Path) -> Path | None:
    """Return the companion of the file of another program in this place; blocks."""
    found = (one for one, of in _known(folder).items() if of.path == path and not of.uid)
    return next(found, None)


def write_identity(companion: Path, subject: Identity) -> None:
    """Note beside a companion which file it is about; blocks."""
    try:
        write_atomically(companion.with_suffix(_IDENTITY), subject.as_json().encode())
    except OSError as error:
        _log.warning("It is not noted which file %s is about: %s", companion, error)


def _known(folder: Path) -> dict[Path, Identity]:
    """Return the companions that are there, with their files; the last to be noted first."""
    found = {}
    files = sorted(folder.glob("*" + _IDENTITY), key=_changed_ns, reverse=True)
    for file in files:
        companion = file.with_suffix(_ENDING)
        try:
            if companion.exists():
                found[companion] = Identity.from_json(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            _log.info("%s does not tell which file it is about: %s", file, error)
    return found


def _changed_ns(file: Path) -> int:
    return file.stat().st_mtime_ns


def _free(folder: Path, subject: Identity, known: dict[Path, Identity]) -> Path:
    """Return the first name by the file's place that no other file's companion has.

    One of an earlier version does not tell its file but by its name.
    """
    place = unquote_to_bytes(subject.place)
    digest = hashlib.sha256(place).hexdigest()[:16]
    ways = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    paths = (folder / f"{digest}{way}{_ENDING}" for way in ways)
    return next(path for path in paths if path not in known)


def _gone_on(before: Identity, now: Identity, kinship: Kinship) -> NoticeRaised | None:
    name = now.path.name
    if kinship is Kinship.REPLACED:
        return NoticeRaised(
            _("“{name}” was replaced since it was open here last.").format(name=name),
            _(
                "It has the same tables, so its history and backups go on; what is older is of"
                " the earlier file."
            ),
        )
    if before.place == now.place:
        return None
    return NoticeRaised(
        _("“{name}” was moved or renamed.").format(name=name),
        _("It was {path}. Its history and backups came with it.").format(path=before.path),
    )


def _set_apart(subject: Identity, before: list[Path]) -> NoticeRaised | None:
    if not before:
        return None
    name = subject.path.name
    return NoticeRaised(
        _("“{name}” is another database than before.").format(name=name),
        _(
            "Another file lies in its place now. The history and backups of the earlier one are"
            " kept apart: {folder}."
        ).format(folder=os.fspath(before[0].with_suffix(".buildbench"))),
        _("They are shown again when the earlier file is opened."),
    )
