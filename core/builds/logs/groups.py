"""Groups of lines, by the markers of GitHub Actions and Buildkite.

GitHub's groups end at ``::endgroup::``, Buildkite's where the next one begins; neither nests.
https://docs.github.com/actions/reference/workflow-commands-for-github-actions
https://buildkite.com/docs/pipelines/configure/managing-log-output
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from core.builds.logs.escapes import as_shown
from core.builds.schemas import LogGroup

LONGEST_HEADING = 500

# What may stand before a marker: escape sequences, such as colours and Buildkite's times.
BEFORE = rb"(?:\x1b(?:\[[0-?]*[ -/]*[@-~]|_[^\x07\n]{0,80}\x07))*"
# What RE2 looks for at the beginnings of lines.
HINT = BEFORE + rb"(?:::(?:end)?group::|##\[(?:end)?group\]|(?:---|\+\+\+|~~~) )"

_COMMAND = re.compile(rb"(?:::group::|##\[group\])(?P<title>.*)")
_END = re.compile(rb"(?:::endgroup::|##\[endgroup\])")
_RULED = re.compile(rb"(?P<sign>---|\+\+\+|~~~)[ \t]+(?P<title>.*)")
# Verdicts of go test, tags and texts of YAML, titles between two rules, sides of a diff.
_OTHERS = re.compile(
    rb"(?:FAIL|PASS|SKIP|BENCH): |[!|>]|[^\w]*$|.*[-+~]{3}$|[ab]/\S|/dev/null\b|.*\t\d{4}-"
    rb"|\d+(?:,\d+)? -{4}"
)
# Not one sign alone: that traces what prints the marker, or comes first in the group.
_TRACE = re.compile(rb"\+\+ |\+{4,} ")
_PATH = re.compile(rb"[^\s/]*[/.][^\s]*(?:\t.*)?$")


class Role(Enum):
    """What a line is to groups."""

    NONE = 0
    COMMAND = 1
    RULED = 2
    END = 3


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that may begin or end a group."""

    role: Role
    title: str = ""


_NOTHING = Heading(Role.NONE)


def heading_of(
    line: bytes, before: bytes = b"", after: tuple[bytes, bytes] = (b"", b"")
) -> Heading:
    """Return what a line is, of which the line before and two lines after are known.

    Sides of a diff, traces of a shell and verdicts of tests look like Buildkite's markers.
    """
    shown = _shown(line)
    if found := _COMMAND.match(shown):
        return Heading(Role.COMMAND, _title(found["title"]))
    if _END.match(shown):
        return Heading(Role.END)
    found = _RULED.match(shown)
    if found is None or _OTHERS.match(found["title"]):
        return _NOTHING
    if _is_of_diff(found["sign"], found["title"], _shown(before), *map(_shown, after)):
        return _NOTHING
    if found["sign"] == b"+++" and any(_TRACE.match(_shown(one)) for one in (before, after[0])):
        return _NOTHING
    return Heading(Role.RULED, _title(found["title"]))


def _is_of_diff(sign: bytes, title: bytes, before: bytes, after: bytes, later: bytes) -> bool:
    """Tell whether a marker is a side of a unified or context diff, or a line within one."""
    is_path = bool(_PATH.match(title))
    if sign == b"---":
        if before.startswith((b"*** ", b"@@ ")):
            return True
        other = after.startswith(b"+++ ")
        return other and (later.startswith(b"@@ ") or (is_path and _is_path(after)))
    if sign == b"+++" and before.startswith(b"--- "):
        return after.startswith(b"@@ ") or (is_path and _is_path(before))
    return before.startswith(b"@@ ")


def _is_path(line: bytes) -> bool:
    return bool(_PATH.match(line[4:]))


def _shown(line: bytes) -> bytes:
    return as_shown(line[:LONGEST_HEADING]).removesuffix(b"\r")


def _title(title: bytes) -> str:
    return " ".join(title.decode("utf-8", "replace").split())


def groups_of(headings: Iterable[tuple[int, Heading]]) -> Iterator[LogGroup]:
    """Put groups together of headings with the numbers of their lines, in order.

    Rules within a group of GitHub are lines of it.
    """
    first, opened = 0, _NOTHING
    for line, heading in headings:
        if heading.role is Role.NONE:
            continue
        if heading.role is Role.RULED and opened.role is Role.COMMAND:
            continue
        if heading.role is Role.END:
            if opened.role is Role.COMMAND:
                yield LogGroup(first, line, opened.title)
                opened = _NOTHING
            continue
        if opened.role is not Role.NONE:
            yield LogGroup(first, line - 1, opened.title)
        first, opened = line, heading
    if opened.role is not Role.NONE:
        yield LogGroup(first, None, opened.title)
