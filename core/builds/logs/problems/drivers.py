"""Problems of what drives builds: make, CMake, shells, and commands of workflows."""

import re

from core.builds.logs.problems.spot import (
    Complaint,
    Expression,
    Parser,
    Spot,
    by_expression,
    complaint,
    text_of,
)
from core.builds.schemas import Problem

_CMAKE = Expression(
    rb"^CMake (?:Deprecation )?(?P<severity>Error|Warning)(?: \(dev\))?"
    rb"(?: (?:at|in) (?P<file>[^:]+)(?::(?P<row>\d+))?(?: \([^)]*\))?)?:\s*(?P<message>.*)"
)
_MAKE = Expression(
    rb"^\S*make(?:\.exe)?(?:\[\d+\])?: \*\*\* (?:\[(?:(?P<file>[^\]:<]+):(?P<row>\d+)"
    rb"|<builtin>): (?P<target>[^\]]+)\] )?(?P<message>.+)"
)
_STATUS = re.compile(r"(?:^|\W)Error \d+$")
# What make says while other jobs end: why it ends was said before.
_WAITS = "Waiting for unfinished jobs"
_COMMAND = Expression(
    rb"^\s*::(?P<severity>error|warning)(?: (?P<properties>[^:]*(?::[^:]+)*?))?::"
    rb"(?P<message>.*)"
)


def _cmake(spot: Spot) -> Complaint | None:
    groups = _CMAKE.search(spot.line)
    if groups is None:
        return None
    said = [groups["message"]] if groups["message"] else []
    for line in spot.after[:8]:
        if not line.strip() and said:
            break
        if line.strip() and not line.startswith(b"  "):
            break
        said += [text_of(line)] if line.strip() else []
    return complaint("cmake", groups, message=" ".join(said)) if said else None


def _make(spot: Spot) -> Complaint | None:
    groups = _MAKE.search(spot.line)
    if groups is None or groups["message"].startswith(_WAITS):
        return None
    said = [part for part in (groups.get("target"), groups["message"]) if part]
    return complaint("make", groups, message=": ".join(said))


def is_only_a_status(told: Complaint | Problem) -> bool:
    """Tell whether make says no more than that a command failed, which may have said why."""
    return told.tool == "make" and bool(_STATUS.search(told.message))


def _command(spot: Spot) -> Complaint | None:
    """Read a workflow command; its values have percent signs for what would end them."""
    groups = _COMMAND.search(spot.line)
    if groups is None:
        return None
    pairs = (pair.partition("=") for pair in groups.get("properties", "").split(","))
    values = {name.strip(): _unescaped(value) for name, _equals, value in pairs}
    place = {
        "file": values.get("file", ""),
        "row": _digits(values.get("line", "")),
        "column": _digits(values.get("col", "")),
    }
    said = [part for part in (values.get("title"), _unescaped(groups["message"])) if part]
    return complaint("workflow", {**groups, **place}, message=": ".join(said))


def _digits(value: str) -> str:
    return value if value.isascii() and value.isdigit() else ""


def _unescaped(value: str) -> str:
    for escaped, sign in (("%0D", " "), ("%0A", " "), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        value = value.replace(escaped, sign)
    return value


PARSERS = (
    Parser("workflow", rb"::(?:error|warning)[ :]", _command),
    by_expression(
        "workflow",
        rb"^##\[(?P<severity>error|warning)\](?P<message>.+)",
        rb"(?m:^)##\[(?:error|warning)\]",
    ),
    Parser("cmake", rb"(?m:^)CMake (?:Deprecation )?(?:Error|Warning)", _cmake),
    Parser("make", rb"make(?:\.exe)?(?:\[\d+\])?: \*\*\* ", _make),
    by_expression(
        "make",
        rb"^(?P<file>[^\s:]+):(?P<row>\d+): \*\*\* (?P<message>.+)",
        rb":\d+: \*\*\* ",
    ),
    by_expression(
        "shell",
        rb"^(?P<file>[^\s:]+): (?:line )?(?P<row>\d+): (?P<message>.*(?:not found"
        rb"|No such file or directory|Permission denied|[Ss]yntax error.*))$",
        rb": (?:line )?\d+: [^\n]*(?:not found|No such file|Permission denied|[Ss]yntax error)",
    ),
)
