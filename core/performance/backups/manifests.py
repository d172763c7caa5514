"""What stands beside a backup: its hash, and what it was made of."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from core.files import write_atomically
from core.performance.backups.schemas import Backup, BackupOrigin
from core.translation import _

SUFFIX = ".json"
_MOST_BYTES = 4 * 1024 * 1024
_PLAINLY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)

_Text = Annotated[str, Field(max_length=300)]


class Manifest(BaseModel):
    """A manifest as it is stored; anybody may have written it.

    ``made_at`` is when the copying began; what was committed by then is in the backup.
    ``workspace`` is the uid of the workspace, ``run`` that of the run that made the backup;
    ``rows`` how many rows each table has; ``refuted`` is why a verification found the backup
    to be no good: "size", "hash", "damaged", "rows", or empty.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    database: _Text
    made_at: AwareDatetime
    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    origin: str = ""
    application_id: int = 0
    revision: _Text = ""
    workspace: _Text = ""
    run: _Text = ""
    rows: Annotated[dict[_Text, int], Field(max_length=1_000)] = Field(default_factory=dict)
    verified_at: AwareDatetime | None = None
    refuted: _Text = ""


def manifest_of(file: Path) -> Path:
    """Return where the manifest of a backup lies."""
    return file.with_name(file.name + SUFFIX)


def read_manifest(file: Path) -> Manifest | None:
    """Return the manifest of a backup, None where there is none; blocks.

    Raises:
        ValueError: What stands there makes no sense, or is no regular file.
        OSError: It cannot be read.
    """
    try:
        descriptor = os.open(manifest_of(file), os.O_RDONLY | _PLAINLY | _WITHOUT_WAITING)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as opened:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("no regular file")
        data = opened.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise ValueError("too long")
    return Manifest.model_validate_json(data)


_WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0)  # a pipe would wait for its writer


def write_manifest(file: Path, manifest: Manifest) -> None:
    """Replace the manifest of a backup; blocks.

    Raises:
        OSError: It could not be written; the old one is whole.
    """
    write_atomically(manifest_of(file), manifest.model_dump_json(indent=2).encode())


def look(file: Path) -> tuple[Backup, Manifest | None]:
    """Return what a backup seems to be, without reading all of it; blocks."""
    problem, size, changed = _status(file)
    manifest: Manifest | None = None
    try:
        manifest = read_manifest(file)
    except (ValueError, ValidationError, RecursionError):
        problem = problem or _("Its manifest makes no sense.")
    except OSError as error:
        problem = problem or _("Its manifest cannot be read: {error}").format(error=error)
    else:
        problem = problem or _told_of(manifest, size)
    backup = Backup(
        name=file.name,
        path=file,
        made_at=changed if manifest is None else manifest.made_at,
        bytes=size,
        sha256="" if manifest is None else manifest.sha256,
        database="" if manifest is None else _shown(manifest.database),
        origin=_origin(manifest),
        revision="" if manifest is None else _shown(manifest.revision),
        verified_at=None if manifest is None else manifest.verified_at,
        problem=problem,
    )
    return backup, manifest


def problem_words(reason: str) -> str:
    """Return in words why a backup is no good."""
    words = {
        "size": _("Its size is not what its manifest says: it was changed or cut."),
        "hash": _(
            "Its SHA-256 is not what its manifest says: it was changed, or the disk fails."
        ),
        "damaged": _("It is not a whole database."),
        "rows": _("Its tables do not have the rows that its manifest says."),
    }
    return words.get(reason, _("An earlier verification found it to be no good."))


def file_problem(file: Path) -> str:
    """Return why a file cannot be read as a backup, in words; blocks."""
    return _status(file)[0]


def _told_of(manifest: Manifest | None, size: int) -> str:
    if manifest is None:
        return _("It has no manifest, so nobody can tell whether it was changed.")
    if manifest.bytes != size:
        return problem_words("size")
    return problem_words(manifest.refuted) if manifest.refuted else ""


def _status(file: Path) -> tuple[str, int, datetime]:
    """Return what is wrong with the file itself, its size, and when it was changed."""
    never = datetime.fromtimestamp(0, tz=UTC)
    try:
        status = file.lstat()
    except FileNotFoundError:
        return _("The file is missing."), 0, never
    except OSError as error:
        return _("The file cannot be reached: {error}").format(error=error), 0, never
    changed = datetime.fromtimestamp(status.st_mtime, tz=UTC)
    if stat.S_ISLNK(status.st_mode):
        return _("It is a link to somewhere else, which is not followed."), 0, changed
    if not stat.S_ISREG(status.st_mode):
        return _("It is not a regular file."), 0, changed
    return "", status.st_size, changed


def _origin(manifest: Manifest | None) -> BackupOrigin:
    try:
        return BackupOrigin(manifest.origin if manifest else "")
    except ValueError:
        return BackupOrigin.UNKNOWN


def _shown(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())
