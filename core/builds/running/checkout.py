"""Brings the commit that is to be built into a folder, or tells which one lies there.

Started as ``python -I -S checkout.py …`` (or as an executable of its own); never imported by
the application. It prints what git prints, with passwords in addresses masked.

``FOLDER``
    The first step of a build, whose border it is. In: ``checkout.json`` with ``url``,
    ``reference`` (a branch, tag or commit; empty for the repository's own branch),
    ``directory`` and ``own`` (a work tree that is ours: made, cleaned and made anew at will).
    Without ``url`` the folder is left as it stands. Out: ``source.json`` with ``commit``,
    ``author``, ``subject``, ``at`` (unix time), ``branch``, ``dirty``; or ``error`` with a
    ``code`` and what it is ``about``, and exit code 1.
``--ask``
    In: ``url``, ``reference`` and ``limit_s`` as JSON on standard input. Out: ``commit`` and
    ``branch``, or ``error``, as JSON on standard output.

Git gets nothing of the variables that could bend it, asks nobody, and runs no hooks; who may
read a repository is known to git's own credential helpers and to the agent of ssh. The whole
history is fetched, once for each tree: tools that name versions after tags need it.
"""

# Importing pathlib takes as long as half of the other imports together.
# ruff: noqa: PTH100, PTH103, PTH105, PTH108, PTH110, PTH112, PTH113, PTH114, PTH118, PTH120
# ruff: noqa: PTH123, PTH208

from __future__ import annotations

import contextlib
import json
import os
import re
import selectors
import signal
import subprocess
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PLAN, SOURCE = "checkout.json", "source.json"
STATUS_LIMIT_S = 10.0
LONGEST = 500
KEPT_BYTES = 64 << 10
PAUSE_S = 0.2
FRESH = "buildbench-fresh"
WANTED = "refs/buildbench/wanted"

SETTINGS = (
    f"core.hooksPath={os.devnull}", "core.fsmonitor=false", "core.askPass=",
    "credential.interactive=false", "protocol.ext.allow=never",
    "submodule.recurse=false", "fetch.recurseSubmodules=false", "gc.autoDetach=false",
    "maintenance.autoDetach=false", "advice.detachedHead=false", "log.showSignature=false",
    "i18n.logOutputEncoding=UTF-8", "core.quotePath=false", "http.lowSpeedLimit=1",
    "http.lowSpeedTime=120",
)  # fmt: skip

# What git says in English, and what that means; the first that fits counts.
MEANINGS = (
    ("no_room", r"No space left on device|Disk quota exceeded"),
    ("ownership", r"dubious ownership"),
    ("host_key", r"Host key verification failed"),
    ("certificate", r"certificate (problem|verif)|SSL certificate"),
    ("protocol", r"transport '.*' not allowed"),
    ("no_reference", r"couldn't find remote ref|not our ref|no such remote ref"),
    (
        "not_found",
        r"repository (\S+ )?not found|returned error: 404|'.*' does not appear to be",
    ),
    ("not_found", r"repository '.*' does not exist|is not a valid repository"),
    ("access", r"could not read (Username|Password)|Authentication failed|prompts disabled"),
    (
        "access",
        r"Permission denied( \(|, )|Access denied|returned error: 40[13]|not authorized",
    ),
    ("network", r"Could not resolve|Failed to connect|Couldn't connect|unreachable|timed out"),
    ("network", r"Connection (refused|reset|closed)|No route to host|early EOF|RPC failed"),
    ("network", r"hung up unexpectedly|unexpected disconnect|returned error: 5\d\d|too slow"),
    ("dirty", r"would be overwritten"),
    ("folder", r": Permission denied|Read-only file system"),
)
# What a work tree of ours is made anew for.
DAMAGED = re.compile(
    r"bad object|corrupt|unable to read|loose object|packfile|invalid sha1 pointer|is empty"
    r"|not a git repository|cannot lock ref|unresolved deltas|bad (config|index|tree)|missing"
    r"|\.lock': File exists|unknown index entry|unable to (create|write|unlink)",
    re.IGNORECASE,
)
CREDENTIALS = re.compile(
    rb"(?P<scheme>[a-z][a-z0-9+.-]{0,30}://)(?P<user>[^/@\s:]*)(?P<rest>:[^/@\s]*)?@",
    re.IGNORECASE,
)


# What says nothing about the tree in which git was to work.
NO_DAMAGE = ("no_room", "no_git")
WITHOUT_GIT = "there is no git on this computer, or PATH does not lead to it"


class RefusedError(Exception):
    """The commit cannot be had; ``code`` says why, ``about`` of what."""

    def __init__(self, code: str, about: str = "", damaged: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.about = line(masked_text(about))
        self.damaged = damaged


class EndedError(Exception):
    """The build was cancelled, or the time is up."""


def masked(data: bytes) -> bytes:
    """Return output with the passwords and tokens in addresses hidden."""

    def hide(match: re.Match[bytes]) -> bytes:
        user = match["user"]
        if match["rest"]:
            return match["scheme"] + user + b":********@"
        return match["scheme"] + (b"********" if b"http" in match["scheme"] else user) + b"@"

    return CREDENTIALS.sub(hide, data) if b"@" in data else data


def masked_text(text: str) -> str:
    """Return text likewise."""
    return masked(text.encode("utf-8", "replace")).decode("utf-8", "replace")


def say(text: str) -> None:
    """Print a line into the log."""
    sys.stdout.buffer.write(masked_text(text).encode() + b"\n")
    sys.stdout.buffer.flush()


def environment() -> dict[str, str]:
    """Return the variables for git: none that bend it, none that let it ask anybody."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT_", "SSH_ASKPASS", "LC_")) and name != "LANGUAGE"
    }
    if getattr(sys, "frozen", False):
        # The libraries of our package are not those of git.
        kept.pop("LD_LIBRARY_PATH", None)
        if original := kept.pop("LD_LIBRARY_PATH_ORIG", ""):
            kept["LD_LIBRARY_PATH"] = original
    return {
        **kept,
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GCM_INTERACTIVE": "never",
        "SSH_ASKPASS_REQUIRE": "never",
    }


class Git:
    """Runs git in a folder, one command at a time.

    Args:
        directory: Where; it may be missing until the first command.
        local: Whether the repository lies on this computer: then its submodules may too.
    """

    def __init__(self, directory: str, *, local: bool = False) -> None:
        self.directory = directory
        self._child: subprocess.Popen[bytes] | None = None
        self._ended = False
        self._allow = "always" if local else "user"
        self._environment = environment()
        for name in ("SIGTERM", "SIGALRM"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._on_signal)

    def stop_at(self, directory: str) -> None:
        """Never look for a repository in this folder or above it."""
        self._environment["GIT_CEILING_DIRECTORIES"] = os.path.realpath(directory)

    def _on_signal(self, *_: object) -> None:
        self._ended = True
        self._end_child()

    def _end_child(self) -> None:
        child = self._child
        if child is None or child.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(child.pid, signal.SIGTERM)
            else:
                child.terminate()

    def run(self, *arguments: str, loud: bool = False, limit_s: float | None = None) -> bytes:
        """Return what git prints; with ``loud`` it goes into the log as well, and all errors.

        Raises:
            RefusedError: It failed.
            EndedError: The build was cancelled meanwhile.
            subprocess.TimeoutExpired: It took longer than ``limit_s``.
        """
        settings = [*SETTINGS, f"protocol.file.allow={self._allow}"]
        # The folder that somebody chose may be another's; one above it, that leads git, not.
        settings.append(f"safe.directory={self.directory}")
        options = [part for setting in settings for part in ("-c", setting)]
        try:
            # A session of its own has no terminal that anybody could be asked at.
            child = self._child = subprocess.Popen(
                ["git", *options, *arguments],  # noqa: S607  # the one that the person uses
                cwd=self.directory,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if loud else subprocess.PIPE,
                start_new_session=True,
            )
        except FileNotFoundError:
            what = "no_git" if os.path.isdir(self.directory) else "folder"
            raise RefusedError(what, self.directory) from None
        except OSError as error:
            raise RefusedError("folder", f"{self.directory}: {error.strerror}") from None
        if self._ended:
            self._end_child()
        with child:
            try:
                printed = self._read(child, loud, limit_s)
            except BaseException:
                self._end_child()
                raise
        if self._ended:
            raise EndedError
        if child.returncode:
            raise refusal(printed.decode("utf-8", "replace"))
        return printed

    def _read(self, child: subprocess.Popen[bytes], loud: bool, limit_s: float | None) -> bytes:
        """Return what a command printed, or what it complained of when it failed.

        Its end is the end of the process, not of its pipes: a connection of ssh that is kept
        for others holds those.
        """
        out, complaint = bytearray(), bytearray()
        until = None if limit_s is None else time.monotonic() + limit_s
        rest = b""
        with selectors.DefaultSelector() as pipes:
            for pipe, kept in ((child.stdout, out), (child.stderr, complaint)):
                if pipe is not None:
                    pipes.register(pipe, selectors.EVENT_READ, kept)
            while pipes.get_map():
                ready = pipes.select(PAUSE_S)
                if not ready and child.poll() is not None:
                    break
                if until is not None and time.monotonic() > until:
                    raise subprocess.TimeoutExpired(child.args, limit_s or 0)
                for key, _events in ready:
                    block = os.read(key.fd, KEPT_BYTES)
                    if not block:
                        pipes.unregister(key.fileobj)
                    key.data.extend(block)
                    if loud:
                        rest = self._show(rest + block)
                        del key.data[:-KEPT_BYTES]
                del complaint[:-KEPT_BYTES]
        if loud:
            self._print(rest)
        child.wait()
        return bytes(complaint if child.returncode and not loud else out)

    def _show(self, data: bytes) -> bytes:
        """Copy whole lines into the log: nothing to be masked is cut; return the rest."""
        end = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        if len(data) > KEPT_BYTES:
            end = len(data)
        self._print(data[:end])
        return data[end:]

    def _print(self, data: bytes) -> None:
        if data:
            sys.stdout.buffer.write(masked(data))
            sys.stdout.buffer.flush()

    def text(self, *arguments: str, limit_s: float | None = None) -> str:
        """Return what git prints as text without the newline at its end; errors as ``run``."""
        printed = self.run(*arguments, limit_s=limit_s)
        return printed.decode("utf-8", "replace").removesuffix("\n")

    def find(self, *arguments: str) -> str:
        """Return what git prints, an empty text where it fails.

        Raises:
            RefusedError: There is no git.
        """
        try:
            return self.text(*arguments)
        except RefusedError as error:
            if error.code == "no_git":
                raise
            return ""


def without_label(text: str) -> str:
    """Return a line of git without the word that says how bad it is."""
    return text.removeprefix("remote: ").removeprefix("fatal: ").removeprefix("error: ")


def refusal(printed: str) -> RefusedError:
    """Return what output of git means."""
    # The server says these too: of a line without end the patterns would never come back.
    split = (one.strip()[:LONGEST] for one in printed.replace("\r", "\n").split("\n"))
    lines = [one for one in split if one]
    told = [one for one in lines if one.startswith(("fatal: ", "error: "))] or lines[-1:]
    for code, pattern in MEANINGS:
        for one in lines:
            if re.search(pattern, one, re.IGNORECASE):
                return RefusedError(code, without_label(one))
    about = without_label(told[0]) if told else ""
    if re.search(r"\.lock': File exists", printed):
        return RefusedError("locked", about, damaged=True)
    return RefusedError("failed", about, damaged=DAMAGED.search(printed) is not None)


class Found:
    """What a repository has under a name: the full name of it there, and the commit."""

    def __init__(self, reference: str, commit: str, branch: str) -> None:
        self.reference = reference
        self.commit = commit
        self.branch = branch


def ask(git: Git, url: str, reference: str) -> Found | None:
    """Look a branch or a tag up in a repository; None where there is none of this name.

    Raises:
        RefusedError: It cannot be asked.
    """
    wanted = [f"refs/heads/{reference}", f"refs/tags/{reference}"] if reference else ["HEAD"]
    if reference.startswith("refs/"):
        wanted.append(reference)
    names = [*wanted, *(f"{name}^{{}}" for name in wanted)]
    printed = git.text("ls-remote", "--symref", "--", url, *names)
    commits, head = {}, ""
    for line in printed.splitlines():
        first, _tab, name = line.partition("\t")
        if first.startswith("ref: "):
            head = first.removeprefix("ref: ") if name == "HEAD" else head
        else:
            commits[name] = first
    for name in wanted:
        if name in commits:
            full = head if name == "HEAD" and head else name
            branch = full.removeprefix("refs/heads/") if full.startswith("refs/heads/") else ""
            return Found(full, commits.get(f"{name}^{{}}", commits[name]), branch)
    if not reference:
        raise RefusedError("empty", url)
    return None


class Checkout:
    """Brings what is asked for into a folder.

    Args:
        plan: What ``checkout.json`` holds.
    """

    def __init__(self, plan: dict[str, Any]) -> None:
        self._url = str(plan["url"])
        self._reference = str(plan["reference"])
        self._directory = str(plan["directory"])
        self._own = bool(plan["own"])
        self._remote = "origin"
        self._made = False
        local = local_path(self._url) is not None
        self._git = Git(self._directory, local=local)

    def run(self) -> dict[str, Any]:
        """Return the state of the folder once the commit is there.

        Raises:
            RefusedError: It cannot be had.
        """
        if self._url.startswith("-"):
            raise RefusedError("not_found", self._url)
        if not self._own:
            return self._in_folder()
        try:
            return self._in_own_tree()
        except RefusedError as error:
            if self._made or not error.damaged or error.code in NO_DAMAGE:
                raise
            say(f"The work tree is damaged ({error.about}): it is made anew.")
        remove(self._directory)
        return self._in_own_tree()

    # A work tree of our own

    def _in_own_tree(self) -> dict[str, Any]:
        git = self._git
        git.stop_at(os.path.dirname(self._directory))
        git_folder = os.path.join(self._directory, ".git")
        links = os.path.islink(self._directory) or os.path.islink(git_folder)
        if links or not os.path.isdir(git_folder):
            if os.path.lexists(self._directory):
                remove(self._directory)
            self._make()
        top = git.find("rev-parse", "--show-toplevel")
        if os.path.realpath(top or os.sep) != os.path.realpath(self._directory):
            raise RefusedError("failed", self._directory, damaged=True)
        git.run("config", "remote.origin.url", self._url)
        commit, branch = self._fetched()
        try:
            git.run("checkout", "--quiet", "--force", "--detach", commit, "--", loud=True)
            git.run("reset", "--quiet", "--hard", commit, "--", loud=True)
            self._clean()
        except RefusedError as error:
            error.damaged = error.code not in NO_DAMAGE
            raise
        self._submodules()
        return self._state(commit, branch)

    def _clean(self) -> None:
        """Remove all that builds left, also from folders that they made read-only."""
        try:
            self._git.run("clean", "-ffdxq", loud=True)
        except RefusedError:
            unlock(self._directory)
            self._git.run("clean", "-ffdxq", loud=True)

    def _make(self) -> None:
        """Make an empty repository; what was ended in the middle is gone on with."""
        mark = os.path.join(self._directory, ".git", FRESH)
        try:
            os.makedirs(os.path.dirname(mark), exist_ok=True)
            with open(mark, "w", encoding="ascii"):
                pass
        except OSError as error:
            raise RefusedError("folder", f"{self._directory}: {error.strerror}") from None
        self._made = True
        self._git.run("init", "--quiet", "--template=")
        self._git.run("config", "remote.origin.url", self._url)
        self._git.run("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")

    # A folder of somebody else

    def _in_folder(self) -> dict[str, Any]:
        git, directory = self._git, self._directory
        if os.path.lexists(directory) and not os.path.isdir(directory):
            raise RefusedError("folder", directory)
        mark = os.path.join(directory, ".git", FRESH)
        fresh = not os.path.isdir(directory) or not os.listdir(directory)
        if fresh := fresh or os.path.isfile(mark):
            git.stop_at(os.path.dirname(directory))
            self._make()
        top = git.find("rev-parse", "--show-toplevel")
        if not top:
            raise RefusedError("not_a_repository", directory)
        git.directory = top
        self._remote = self._matching_remote()
        if not fresh:
            self._refuse_changes()
        commit, branch = self._fetched()
        if fresh:
            self._fill(commit, branch)
            os.unlink(mark)
        else:
            self._switch(commit, branch)
        self._submodules()
        return self._state(commit, branch)

    def _matching_remote(self) -> str:
        """Return the remote that is the repository; a folder of another one is refused."""
        printed = self._git.find("config", "--get-regexp", r"^remote\..*\.url$")
        for line in printed.splitlines():
            key, _space, url = line.partition(" ")
            if same_repository(url, self._url):
                return key.removeprefix("remote.").removesuffix(".url")
        raise RefusedError("other_repository", self._directory)

    def _refuse_changes(self) -> None:
        changed = changes(self._git)
        if changed:
            raise RefusedError("dirty", ", ".join(changed[:5]))

    def _fill(self, commit: str, branch: str) -> None:
        """Check out for the first time in what was empty; also after a try that was ended."""
        lock = os.path.join(self._directory, ".git", "index.lock")
        if os.path.exists(lock):
            os.unlink(lock)
        if not branch:
            self._git.run("checkout", "--force", "--detach", commit, "--", loud=True)
            return
        self._git.run("checkout", "--force", "-B", branch, commit, "--", loud=True)
        self._git.run("config", f"branch.{branch}.remote", self._remote)
        self._git.run("config", f"branch.{branch}.merge", f"refs/heads/{branch}")

    def _switch(self, commit: str, branch: str) -> None:
        """Move a folder without changes to a commit; its own branches are never moved back."""
        git = self._git
        head = git.find("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        on = git.find("symbolic-ref", "--quiet", "HEAD")
        if head == commit:
            return
        if branch and on == f"refs/heads/{branch}" and head:
            if git.find("merge-base", head, commit) == head:
                git.run("merge", "--ff-only", "--quiet", commit, loud=True)
                return
        elif not on and git.find("rev-list", "--max-count=1", "HEAD", "--not", "--glob=refs/*"):
            raise RefusedError("stray_commits", head)
        git.run("checkout", "--quiet", "--detach", commit, "--", loud=True)
        git.run("update-ref", "refs/buildbench/built", commit)

    # Both

    def _fetched(self) -> tuple[str, str]:
        """Fetch what is asked for; return its commit, and the branch where it is one."""
        reference, remote = self._reference, f"refs/remotes/{self._remote}"
        say(f"Fetching {reference or 'the default branch'} from {self._url}")
        found = ask(self._git, self._url, reference)
        if self._own:
            heads = (f"+refs/heads/*:{remote}/*", "+refs/tags/*:refs/tags/*")
            self._fetch("--prune", refspecs=heads)
        elif found is None:
            self._fetch(refspecs=(f"+refs/heads/*:{remote}/*",))
        elif found.branch:
            self._fetch(refspecs=(f"+refs/heads/{found.branch}:{remote}/{found.branch}",))
        if found is None:
            name = self._commit_named(reference)
        elif found.branch:
            name = f"{remote}/{found.branch}"
        else:
            name = WANTED
            self._fetch(refspecs=(f"+{found.reference}:{WANTED}",))
        commit = self._git.find("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        if not commit:
            raise RefusedError("no_reference", reference)
        return commit, found.branch if found else ""

    def _commit_named(self, reference: str) -> str:
        if not re.fullmatch(r"[0-9a-fA-F]{4,64}", reference):
            raise RefusedError("no_reference", reference)
        known = self._git.find("rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}")
        if known or len(reference) not in (40, 64):
            return known
        self._fetch(refspecs=(f"+{reference}:{WANTED}",))
        return WANTED

    def _fetch(self, *options: str, refspecs: tuple[str, ...]) -> None:
        # At first everything is new, also a thousand tags: that is not worth a line each.
        quiet = ("--quiet",) if self._made else ()
        options = ("--progress", *quiet, *options)
        self._git.run("fetch", *options, "--", self._url, *refspecs, loud=True)

    def _submodules(self) -> None:
        git, force = self._git, ("--force",) if self._own else ()
        if not os.path.lexists(os.path.join(git.directory, ".gitmodules")):
            return
        git.run("submodule", "--quiet", "sync", "--recursive", loud=True)
        git.run("submodule", "update", "--init", "--recursive", *force, loud=True)
        if self._own:
            clean = "git reset --quiet --hard && git clean -ffdxq"
            git.run("submodule", "--quiet", "foreach", "--recursive", clean, loud=True)

    def _state(self, commit: str, branch: str) -> dict[str, Any]:
        state = {**described(self._git, commit), "branch": branch, "dirty": False}
        say(f"At {commit[:12]} {state['subject']}")
        return state


def changes(git: Git, limit_s: float | None = None) -> list[str]:
    """Return the paths of files that git keeps and that were changed."""
    printed = git.text(
        "status", "--porcelain", "-z", "--untracked-files=no",
        "--ignore-submodules=untracked", limit_s=limit_s,
    )  # fmt: skip
    return [entry[3:] for entry in printed.split("\0") if entry[2:3] == " "]


def described(git: Git, commit: str) -> dict[str, Any]:
    """Return who made a commit, when, and what the first line of its message says."""
    printed = git.text("log", "-1", "--format=%H%x00%an%x00%ct%x00%s", commit, "--")
    name, author, at, subject = printed.split("\0")
    return {"commit": name, "author": line(author), "at": int(at), "subject": line(subject)}


def line(text: str) -> str:
    """Return a text as one line of bounded length without control characters."""
    return "".join(c if c.isprintable() else " " for c in text)[:LONGEST].strip()


def as_it_stands(directory: str) -> dict[str, Any]:
    """Return the state of a folder that is left alone; empty where git does not keep it."""
    git = Git(directory)
    try:
        commit = git.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        # A folder in the work tree of a repository that keeps nothing in it is not part of it.
        if not git.find("ls-tree", "--name-only", "-z", "HEAD"):
            return {}
        on = git.find("symbolic-ref", "--quiet", "HEAD")
        state = {**described(git, commit), "branch": on.removeprefix("refs/heads/")}
    except RefusedError:
        return {}
    try:
        return {**state, "dirty": bool(changes(git, STATUS_LIMIT_S))}
    except (RefusedError, subprocess.TimeoutExpired):
        return {**state, "dirty": None}


def local_path(url: str) -> str | None:
    """Return the path of a repository on this computer, None for one elsewhere."""
    if url.lower().startswith("file://"):
        return url[7:]
    if "://" in url or "::" in url or re.match(r"[^/\\]{2,}:", url):
        return None
    return url


def same_repository(one: str, other: str) -> bool:
    """Tell whether two addresses lead to the same place; how they lead there may differ."""
    return place(one) == place(other)


def place(url: str) -> tuple[str, str]:
    """Return host and path of an address; no host for one on this computer."""
    path = local_path(url)
    if path is not None:
        return "", os.path.realpath(path).removesuffix("/.git").removesuffix(".git")
    rest = url.partition("://")[2] if "://" in url else url.replace(":", "/", 1)
    host, _slash, path = rest.partition("/")
    host = re.sub(r":\d+$", "", host.rpartition("@")[2]).lower()
    return host, path.strip("/").removesuffix(".git")


def unlock(tree: str) -> None:
    """Make all folders of a work tree of ours writable: a build may have taken that away."""
    os.chmod(tree, 0o700)  # noqa: PTH101
    for root, folders, _files in os.walk(tree):
        for name in folders:
            path = os.path.join(root, name)
            if not os.path.islink(path):
                os.chmod(path, 0o700)  # noqa: PTH101


def remove(tree: str) -> None:
    """Delete a work tree of ours.

    Raises:
        RefusedError: It cannot be deleted.
    """
    import shutil

    try:
        if os.path.islink(tree) or not os.path.isdir(tree):
            os.unlink(tree)
        else:
            unlock(tree)
            shutil.rmtree(tree)
    except OSError as error:
        raise RefusedError("folder", f"{error.filename}: {error.strerror}") from None


def write(folder: str, state: dict[str, Any]) -> None:
    """Leave the state in the border, whole or not at all."""
    path = os.path.join(folder, SOURCE)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path + ".new", flags, 0o600), "w", encoding="utf-8") as file:
        json.dump(state, file)
    os.replace(path + ".new", path)


def step(folder: str) -> int:
    """Do what the plan in a border says; return the exit code."""
    with open(os.path.join(folder, PLAN), encoding="utf-8") as file:
        plan = json.load(file)
    if not plan["url"]:
        if state := as_it_stands(plan["directory"]):
            write(folder, state)
        return 0
    try:
        write(folder, Checkout(plan).run())
    except RefusedError as error:
        why = WITHOUT_GIT if error.code == "no_git" else f"{error.code}: {error.about}"
        say(f"Not checked out ({why}).")
        write(folder, {"error": {"code": error.code, "about": error.about}})
        return 1
    return 0


def answer() -> int:
    """Answer what is asked on standard input; return the exit code."""
    question = json.load(sys.stdin)
    git = Git(os.path.abspath(os.sep))
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, float(question["limit_s"]))
    told: dict[str, Any]
    try:
        found = ask(git, question["url"], question["reference"])
        if found is None:
            told = {"error": {"code": "no_reference", "about": question["reference"]}}
        else:
            told = {"commit": found.commit, "branch": found.branch}
    except RefusedError as error:
        told = {"error": {"code": error.code, "about": error.about}}
    except EndedError:
        told = {"error": {"code": "network", "about": masked_text(question["url"])}}
    say(json.dumps(told))
    return 0


def main(arguments: list[str]) -> int:
    """Play the part that the only argument names."""
    try:
        return answer() if arguments == ["--ask"] else step(arguments[0])
    except EndedError:
        return 143


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
