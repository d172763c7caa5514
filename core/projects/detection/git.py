"""Where a work tree comes from, read out of git's files as data.

Git itself is not run: the configuration of a stranger's repository names commands that it
would run. Nothing that a configuration includes is read.
"""

import re
from pathlib import Path

from core.errors import AppError
from core.projects.detection.folder import read_text
from core.projects.schemas import checked_branch, checked_text

_SECTION = re.compile(r'\[\s*(?P<name>[\w.-]+)\s*(?:"(?P<sub>(?:[^"\\]|\\.)*)")?\s*\]')
_SETTING = re.compile(r"(?P<key>[A-Za-z][A-Za-z0-9-]*)\s*=\s*(?P<value>.*)\Z")
_HEAD = re.compile(r"ref:\s*refs/heads/(?P<branch>\S+)\s*\Z")
# The user of an address of the web may be a token; that of others is needed.
_WEB_USER = re.compile(r"(https?://)[^/@\s]*@", re.IGNORECASE)
_PASSWORD = re.compile(r"(\w[\w+.-]*://[^/@\s:]*):[^/@\s]*@")
_LONGEST = 2_000
# The expressions here take a time that grows with the square of it.
_LONGEST_LINE = _LONGEST + 100
_REMOTES = ("origin", "upstream")


def origin(folder: Path) -> tuple[str, str]:
    """Return address and branch of the work tree that a folder is; blocks.

    Both are empty without one. A password or token in the address is left out.
    """
    own = _git_folder(folder)
    if own is None:
        return "", ""
    shared = read_text(own / "commondir").strip()
    remotes = _remotes(read_text((own / shared if shared else own) / "config"))
    tracked = [remotes[name] for name in _REMOTES if name in remotes]
    url = next(iter([*tracked, *remotes.values()]), "")
    return _checked_url(url), _branch(read_text(own / "HEAD"))


def _git_folder(folder: Path) -> Path | None:
    """Return the folder of git's files; of a linked work tree a file tells where."""
    found = folder / ".git"
    try:
        if found.is_symlink():
            return None
        if found.is_dir():
            return found
        named = read_text(found).strip()
        if not named.startswith("gitdir:"):
            return None
        own = folder / named.removeprefix("gitdir:").strip()
        return own if own.is_dir() else None
    except (OSError, ValueError):
        return None


def _remotes(config: str) -> dict[str, str]:
    """Return the addresses of remotes by name, in their order."""
    found: dict[str, str] = {}
    remote = ""
    for raw in config.splitlines():
        if len(raw) > _LONGEST_LINE:
            continue
        line = raw.strip()
        section = _SECTION.match(line)
        if section:
            is_remote = section["name"].lower() == "remote"
            remote = _unescaped(section["sub"] or "") if is_remote else ""
            line = line[section.end() :].strip()
        setting = _SETTING.match(line)
        if remote and setting and setting["key"].lower() == "url":
            found.setdefault(remote, _value(setting["value"]))
    return found


def _value(raw: str) -> str:
    """Return a value without its quotes and what stands behind a comment sign."""
    if raw.startswith('"'):
        return _unescaped(raw[1:].partition('"')[0])
    return re.split(r"\s[#;]", raw, maxsplit=1)[0].strip()


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _checked_url(url: str) -> str:
    """Return an address without password and token; nothing where it could not be taken."""
    clean = _PASSWORD.sub(r"\1@", _WEB_USER.sub(r"\1", url))
    try:
        checked_text(clean)
    except ValueError:
        return ""
    return "" if clean.startswith("-") or len(clean) > _LONGEST else clean


def _branch(head: str) -> str:
    found = _HEAD.match(head.strip())
    try:
        return checked_branch(found["branch"]) if found else ""
    except (ValueError, AppError):
        return ""
