"""Problems of Python: tracebacks, pytest, and linters."""

from core.builds.logs.problems.spot import (
    Complaint,
    Expression,
    Groups,
    Parser,
    Spot,
    by_expression,
    complaint,
)

# pytest begins each line with this where itself or a plug-in breaks.
_INTERNAL = rb"^(?:INTERNALERROR> )?"
_HEAD = b"Traceback (most recent call last):"
_TRACEBACK = Expression(_INTERNAL + rb"\s*Traceback \(most recent call last\):$")
_FRAME = Expression(_INTERNAL + rb'\s*File "(?P<file>[^"]+)", line (?P<row>\d+)(?:, in .+)?$')
_SYNTAX = Expression(rb'^\s*File "(?P<file>[^"]+)", line (?P<row>\d+)$')
_BAD_SYNTAX = Expression(rb"^\s*(?P<message>(?:Syntax|Indentation|Tab)Error: .+)")
_ELSEWHERE = ("site-packages", "dist-packages", "/lib/python3", "\\lib\\", "<")
_PLACE = Expression(rb"^(?P<file>[^\s:]+\.py):(?P<row>\d+): (?P<message>[A-Z]\w*(?:\.\w+)*)$")
_CALL = Expression(rb"^(?P<file>[^\s:]+\.py):(?P<row>\d+): *(?:in \S+)?$")
_E_LINE = Expression(rb"^E\s+(?P<message>.+)")
_SUMMARY = Expression(
    rb"^(?:FAILED|ERROR) (?P<file>[^\s:]+\.py)(?P<test>::\S+(?: \S+)*?)?"
    rb"(?: - (?P<message>.+))?$"
)
_FULL = Expression(rb"^(?P<message>[A-Z]{1,4}\d{3,4} (?:\[\*\] )?.+)")
_ARROW = Expression(rb"^\s*--> (?P<file>.+):(?P<row>\d+):(?P<column>\d+)$")


def _traceback(spot: Spot) -> Complaint | None:
    """Take the innermost frame that is of the project, and what was raised."""
    groups = _TRACEBACK.search(spot.line)
    if groups is None:
        return None
    indent = spot.line.index(_HEAD)
    frames: list[Groups] = []
    for line in spot.after:
        if frame := _FRAME.search(line):
            frames.append(frame)
        elif line[indent : indent + 1] not in (b" ", b"\t"):
            message = line[indent:].decode("utf-8", "replace")
            return _raised(frames, message)
    return None


def _raised(frames: list[Groups], message: str) -> Complaint | None:
    if not frames or not message.strip():
        return None
    own = [frame for frame in frames if not _is_elsewhere(frame)]
    return complaint("python", (own or frames)[-1], message=message)


def _is_elsewhere(place: Groups) -> bool:
    return any(part in place["file"] for part in _ELSEWHERE)


def _syntax(spot: Spot) -> Complaint | None:
    groups = _SYNTAX.search(spot.line)
    in_tracebacks = (_TRACEBACK.search(line) is not None for line in spot.before[:60])
    if groups is None or any(in_tracebacks):
        return None
    found = (bad for line in spot.after[:4] if (bad := _BAD_SYNTAX.search(line)))
    bad = next(found, None)
    return complaint("python", {**groups, **bad}) if bad else None


def _pytest(spot: Spot) -> Complaint | None:
    """Take the place at the foot of a failure, and the first of its lines with E."""
    groups = _PLACE.search(spot.line)
    if groups is None:
        return None
    said = ""
    for line in spot.before[:60]:
        if found := _E_LINE.search(line):
            said = found["message"]
        elif said or (line.strip() and not line.startswith(b" ")):
            break
    return complaint("pytest", _own_place(spot, groups), message=said or groups["message"])


def _own_place(spot: Spot, innermost: Groups) -> Groups:
    """Return the innermost place that is of the project."""
    if not _is_elsewhere(innermost):
        return innermost
    for line in spot.before:
        if line.startswith(b"____"):
            break
        if (place := _CALL.search(line)) and not _is_elsewhere(place):
            return place
    return innermost


def _summary(spot: Spot) -> Complaint | None:
    groups = _SUMMARY.search(spot.line)
    if groups is None:
        return None
    test = groups.get("test", "").removeprefix("::")
    said = [part for part in (test, groups.get("message", "")) if part]
    return complaint("pytest", groups, message=": ".join(said) or groups["file"])


def _full(spot: Spot) -> Complaint | None:
    place = _ARROW.search(spot.after[0]) if spot.after else None
    groups = _FULL.search(spot.line)
    return complaint("ruff", {**groups, **place}) if groups and place else None


PARSERS = (
    Parser("python", rb"Traceback \(most recent call last\):", _traceback),
    Parser("python", rb'(?m:^)\s*File "[^"\n]+", line \d+(?m:$)', _syntax),
    Parser("pytest", rb"(?m:^)[^\s:]+\.py:\d+: \w+(?:\.\w+)*(?m:$)", _pytest),
    Parser("pytest", rb"(?m:^)(?:FAILED|ERROR) \S+\.py", _summary),
    by_expression(
        "ruff/flake8",
        rb"^(?P<file>[^\s:]+\.pyi?):(?P<row>\d+):(?P<column>\d+): "
        rb"(?P<message>(?P<severity>[A-Z])[A-Z]{0,3}\d{2,4}:? .+)",
        rb"\.pyi?:\d+:\d+: [A-Z]{1,4}\d",
    ),
    Parser("ruff", rb"(?m:^)[A-Z]{1,4}\d{3,4} ", _full),
    by_expression("pip", rb"^ERROR: (?P<message>[A-Z].+)", rb"(?m:^)ERROR: [A-Z]"),
)
