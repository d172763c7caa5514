"""Where a build gets its sources from: the step that checks them out, its tree, its commit."""

import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.builds.repository import BuildRepository
from core.builds.running.border import DamagedBorderError, number, read_object, words
from core.builds.tables import Build
from core.paths import WorkspaceFolders, refuse_links
from core.processes import checkout_command
from core.projects.schemas import Checkout
from core.repositories import address, refused
from core.translation import _

PLAN, SOURCE = "checkout.json", "source.json"
KIND = "checkout"
LONGEST = 500
_LATEST = 253_402_300_799  # the last second that a datetime holds
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")


@dataclass(frozen=True, slots=True)
class Source:
    """Which commit is built.

    ``branch`` is empty where it is at none; ``dirty`` None where that took too long to say.
    """

    commit: str
    author: str
    subject: str
    at: datetime
    branch: str
    dirty: bool | None

    def columns(self, build: Build) -> dict[str, Any]:
        """Return what a build keeps of it; the branch that was asked for stays."""
        kept = {"branch": self.branch} if self.branch and not build.branch else {}
        return {
            **kept,
            "commit_hash": self.commit,
            "commit_author": self.author,
            "commit_subject": self.subject,
            "commit_at": self.at,
            "dirty": self.dirty,
        }


def has_own_tree(build: Build) -> bool:
    """Tell whether a build works in a clean work tree that is kept for its project."""
    return bool(build.repository_url) and build.checkout == Checkout.OWN_TREE.value


async def place(session: AsyncSession, build: Build, folders: WorkspaceFolders) -> None:
    """Give a build that was just claimed a work tree of its own, where it wants one.

    It is the first one of its project that no other build works in; the transaction that
    claims the build keeps it so.

    Raises:
        UnsafeFolderError: The tree, or a folder above it, is a link.
    """
    if not has_own_tree(build):
        return
    repository = BuildRepository(session)
    taken = await repository.slots_taken(build)
    uid = await repository.project_uid(build.project_id)
    build.slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)
    build.directory = str(folders.tree(uid, build.slot))
    await session.flush()


def steps(folder: Path, build: Build) -> list[dict[str, object]]:
    """Return the preliminary steps of a build, and leave their plan in its border; blocks.

    There are none for a folder that no repository keeps, which takes a few looks to see.

    Raises:
        OSError: The plan could not be written, or the folder for work trees not be made.
    """
    own = has_own_tree(build)
    if not build.repository_url and not _in_work_tree(build.directory):
        return []
    if own:
        tree = Path(build.directory)
        refuse_links(tree.parent.parent, tree.parent, tree)
        tree.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    plan = {
        "url": address(build.repository_url),
        # Known before the start only of a retry, which builds the same commit.
        "reference": build.commit_hash or build.branch,
        "directory": build.directory,
        "own": own,
    }
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(folder / PLAN, flags, 0o600), "w", encoding="utf-8") as file:
        json.dump(plan, file)
    argv = checkout_command(str(folder))
    return [{"kind": KIND, "argv": argv, "directory": folder.anchor or os.sep}]


def _in_work_tree(directory: str) -> bool:
    """Tell whether a folder, or one above it, holds a repository; by its name alone."""
    place = Path(directory)
    return any(os.path.lexists(one / ".git") for one in (place, *place.parents))


def read(folder: Path) -> Source | None:
    """Return which commit is built, None while that is not known.

    Raises:
        RepositoryError: It cannot be had.
        DamagedBorderError: What is written is not what the step writes.
    """
    stored = read_object(folder / SOURCE)
    if stored is None:
        return None
    error = stored.get("error")
    if isinstance(error, dict):
        raise refused(words(error, "code"), words(error, "about"))
    commit, at = words(stored, "commit"), number(stored, "at", 0, _LATEST)
    dirty = stored.get("dirty")
    if not _HASH.match(commit) or at is None or not (dirty is None or isinstance(dirty, bool)):
        raise DamagedBorderError(f"{SOURCE} says not which commit")
    return Source(
        commit=commit,
        author=_line(words(stored, "author")),
        subject=_line(words(stored, "subject")),
        at=datetime.fromtimestamp(at, UTC),
        branch=_line(words(stored, "branch"))[:255],
        dirty=dirty,
    )


def not_checked_out() -> str:
    """Return words for a step that failed and does not say why."""
    return _("The sources could not be checked out; see the log.")


def _line(text: str) -> str:
    """Return one line of bounded length of characters that are seen as they are."""
    return "".join(c if c.isprintable() else " " for c in text)[:LONGEST].strip()
