"""Repositories elsewhere: asks them which commit a branch is at, and says in words why not."""

import asyncio
import json
import os
import subprocess
from dataclasses import dataclass

from core.errors import AppError, ExternalError
from core.processes import checkout_command
from core.starting import start_asked
from core.translation import _

ASK_LIMIT_S = 60.0
# Beyond its own limit the child gets this long to end.
_GRACE_S = 5.0
_LARGEST_ANSWER = 64 * 1024


class RepositoryError(ExternalError):
    """A repository did not give what was asked for."""

    code = "repository"


@dataclass(frozen=True, slots=True)
class Tip:
    """Where a branch or a tag is: the hash of its commit.

    ``branch`` is the name of the branch, empty where it is something else.
    """

    commit: str
    branch: str


async def newest_commit(url: str, reference: str, *, limit_s: float = ASK_LIMIT_S) -> Tip:
    """Ask a repository for a branch or tag, its own branch where the name is empty.

    Git runs in a child process, with nobody to ask for a password.

    Raises:
        RepositoryError: It cannot be asked, or has none of this name.
    """
    question = {"url": address(url), "reference": reference, "limit_s": limit_s}
    try:
        child = await asyncio.to_thread(
            start_asked, checkout_command("--ask"), json.dumps(question).encode()
        )
    except OSError as error:
        raise refused("failed", str(error)) from error
    try:
        answer = await asyncio.to_thread(_answer, child, limit_s + _GRACE_S)
    except asyncio.CancelledError:
        child.terminate()
        raise
    return _tip(answer)


def address(url: str) -> str:
    """Return an address as git takes it: a shell would have replaced the first ``~``."""
    return os.path.expanduser(url) if url.startswith("~") else url  # noqa: PTH111


def _answer(child: "subprocess.Popen[bytes]", limit_s: float) -> bytes:
    """Return what the child says; blocks until it has ended, by force at last."""
    try:
        return child.communicate(timeout=limit_s)[0][:_LARGEST_ANSWER]
    except subprocess.TimeoutExpired:
        child.kill()
        return child.communicate()[0][:_LARGEST_ANSWER]


def _tip(answer: bytes) -> Tip:
    try:
        told = json.loads(answer)
        if error := told.get("error"):
            raise refused(str(error["code"]), str(error["about"]))
        return Tip(str(told["commit"]), str(told["branch"]))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise refused("failed", "") from error


def refused(code: str, about: str) -> RepositoryError:
    """Return in words why a commit cannot be had.

    Args:
        code: As ``core/builds/running/checkout.py`` gives it.
        about: What of: a name, a path, or what git said. It comes from elsewhere.
    """
    told = "".join(c if c.isprintable() else " " for c in about)[:500]
    title, detail, hint = _words(told).get(code) or _words(told)["failed"]
    return RepositoryError(title, detail=detail, hint=hint, details={"code": code})


def in_words(error: AppError) -> str:
    """Return what is kept of an error with what it kept from being done: a few sentences."""
    detail = error.detail
    if detail and not detail.endswith((".", "!", "?", "…")):
        detail += "."
    return " ".join(filter(None, (error.title, detail, error.hint)))


def _words(about: str) -> dict[str, tuple[str, str, str]]:
    """Return title, detail and hint of each reason."""
    return {
        "no_reference": (
            _("The repository has no branch, tag or commit named “{name}”.").format(name=about),
            "",
            _("Check the name, in the project or the trigger."),
        ),
        "empty": (
            _("The repository has no commit yet, or no branch of its own."),
            about,
            _("Name a branch, or push a first commit."),
        ),
        "access": (
            _("The repository lets nobody in without a password or key, or not this account."),
            about,
            _(
                "Let git's credential helper or your ssh agent know the password or key:"
                " “git ls-remote” with the same address must work without asking."
            ),
        ),
        "host_key": (
            _("The server of the repository is not known to ssh, or is another one now."),
            about,
            _("Connect to it once by ssh in a terminal, and check its fingerprint."),
        ),
        "certificate": (
            _("The certificate of the repository's server cannot be trusted."),
            about,
            _("Let git know the authority that signed it (http.sslCAInfo)."),
        ),
        "not_found": (
            _("There is no repository at this address."),
            about,
            _("Check the address; some servers say so as well where access is missing."),
        ),
        "network": (
            _("The server of the repository cannot be reached."),
            about,
            _("Check the network and the address, and try again."),
        ),
        **_words_of_this_computer(about),
    }


def _words_of_this_computer(about: str) -> dict[str, tuple[str, str, str]]:
    return {
        "protocol": (
            _("Git does not fetch in this way here."),
            about,
            _("Use an address with https, ssh or file; submodules may not be local."),
        ),
        "dirty": (
            _("The folder has changes that are not committed, and was left as it is."),
            about,
            _("Commit or undo them, or let the project use a clean work tree of its own."),
        ),
        "stray_commits": (
            _("The folder is at a commit that no branch has, and was left as it is."),
            about,
            _("Make a branch of it, so that it is not lost."),
        ),
        "other_repository": (
            _("The folder is not a clone of this repository."),
            about,
            _("Choose an empty folder, a clone, or a clean work tree of its own."),
        ),
        "not_a_repository": (
            _("The folder holds files, but is not a clone of a repository."),
            about,
            _("Choose an empty folder, a clone, or a clean work tree of its own."),
        ),
        "ownership": (
            _("The repository belongs to somebody else on this computer."),
            about,
            _("If you trust it, add it to git's setting safe.directory."),
        ),
        "locked": (
            _("Another git works in the folder, or one was ended in the middle."),
            about,
            _("If none does, delete the lock file."),
        ),
        "folder": (
            _("The folder to build in cannot be used."),
            about,
            _("Check that it can be made and written by you."),
        ),
        "no_room": (_("The disk is full."), about, _("Make room, and try again.")),
        "no_git": (
            _("There is no git on this computer."),
            "",
            _("Install git, and see that it is found by PATH."),
        ),
        "failed": (
            _("Git could not get the commit."),
            about,
            _("The log shows all that git said."),
        ),
    }
