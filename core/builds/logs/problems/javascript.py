"""Problems of TypeScript, ESLint, test runners and npm."""

from core.builds.logs.problems.spot import (
    Complaint,
    Expression,
    Groups,
    Parser,
    Spot,
    by_expression,
    complaint,
    first_text,
    text_of,
)

_ROW = Expression(
    rb"^\s+(?P<row>\d+):(?P<column>\d+)\s+(?P<severity>error|warning)\s+(?P<message>.+)"
)
_A_FILE = Expression(rb"^(?P<file>\S.*\.\w+)$")
_AT = Expression(
    rb"^\s+at (?:.*\()?(?:file://)?(?P<file>(?:[A-Za-z]:)?[^:()\s]+):(?P<row>\d+):"
    rb"(?P<column>\d+)\)?"
)
_ARROW = Expression(rb"^\s*\xe2\x9d\xaf (?P<file>[^:\s]+\.\w+):(?P<row>\d+):(?P<column>\d+)")
_JEST = Expression(rb"^\s*\xe2\x97\x8f (?P<message>.+)")
_MOCHA = Expression(rb"^\s+\d+\) (?P<message>\S.*)")
_UNCAUGHT = Expression(rb"^(?:Uncaught )?(?P<message>(?:[A-Z]\w*)?Error(?: \[\w+\])?: .+)")
_MODULE = Expression(
    rb"^(?:file://)?(?P<file>(?:[A-Za-z]:)?[^:\s]+\.[cm]?[jt]sx?):(?P<row>\d+)$"
)
_VITEST = Expression(rb"^\s*FAIL\s+(?P<message>\S+\.\w+ > .+)")
_NPM = Expression(rb"^npm (?:error|ERR!) (?P<message>.+)")
_ELSEWHERE = ("node:", "internal/", "/node_modules/", "node_modules/")


def _eslint(spot: Spot) -> Complaint | None:
    groups = _ROW.search(spot.line)
    if groups is None:
        return None
    for line in spot.before:
        if _ROW.search(line):
            continue
        file = _A_FILE.search(line)
        return complaint("eslint", {**groups, **file}) if file else None
    return None


def _place(lines: list[bytes]) -> Groups | None:
    """Return the first frame of a stack that is of the project."""
    for line in lines:
        place = _AT.search(line) or _ARROW.search(line)
        if place and not any(part in place["file"] for part in _ELSEWHERE):
            return place
    return None


def _jest(spot: Spot) -> Complaint | None:
    groups = _JEST.search(spot.line)
    if groups is None:
        return None
    block: list[bytes] = []
    for line in spot.after[:80]:
        if _JEST.search(line):
            break
        block.append(line)
    place = _place(block)
    said = ": ".join([groups["message"], first_text(block)])
    return complaint("jest", place, message=said) if place else None


def _mocha(spot: Spot) -> Complaint | None:
    groups = _MOCHA.search(spot.line)
    if groups is None:
        return None
    block: list[bytes] = []
    for line in spot.after[:30]:
        if _MOCHA.search(line):
            break
        block.append(line)
    place = _place(block)
    if place is None:
        return None
    said = (text_of(line) for line in block if b"Error" in line and not _AT.search(line))
    title = " ".join([groups["message"], first_text(block).removesuffix(":")])
    return complaint("mocha", place, message=f"{title}: {next(said, '')}")


def _vitest(spot: Spot) -> Complaint | None:
    groups = _VITEST.search(spot.line)
    place = _place(spot.after[:20]) if groups else None
    if groups is None or place is None:
        return None
    said = text_of(spot.after[0])
    return complaint("vitest", place, message=f"{groups['message']}: {said}")


def _uncaught(spot: Spot) -> Complaint | None:
    groups = _UNCAUGHT.search(spot.line)
    if groups is None or not spot.after or not spot.after[0].startswith(b"    at "):
        return None
    frames = []
    for line in spot.after[:30]:
        if not line.startswith(b"    at "):
            break
        frames.append(line)
    place = _place(frames) or _module(spot.before[:6])
    return complaint("node", {**groups, **place}) if place else None


def _module(lines: list[bytes]) -> Groups | None:
    """Return the module that node names above an error of syntax."""
    return next((found for line in lines if (found := _MODULE.search(line))), None)


def _npm(spot: Spot) -> Complaint | None:
    groups = _NPM.search(spot.line)
    if groups is None or (spot.before and _NPM.search(spot.before[0])):
        return None
    following = _NPM.search(spot.after[0]) if spot.after else None
    said = [groups["message"], *([following["message"]] if following else [])]
    return complaint("npm", {}, message=": ".join(said))


PARSERS = (
    by_expression(
        "tsc",
        rb"^(?P<file>[^\s(:][^(:]*|[A-Za-z]:[^(:]*)\((?P<row>\d+),(?P<column>\d+)\): "
        rb"(?P<severity>error|warning) (?P<message>TS\d+: .+)",
        rb"(?:error|warning) TS\d+: ",
    ),
    by_expression(
        "tsc",
        rb"^(?P<file>[^\s:][^:]*|[A-Za-z]:[^:]*):(?P<row>\d+):(?P<column>\d+) - "
        rb"(?P<severity>error|warning) (?P<message>TS\d+: .+)",
        rb"(?:error|warning) TS\d+: ",
    ),
    Parser("eslint", rb"(?m:^)\s+\d+:\d+\s+(?:error|warning)\s", _eslint),
    Parser("jest", rb"\xe2\x97\x8f ", _jest),
    Parser("mocha", rb"(?m:^)[ \t]+\d+\) ", _mocha),
    Parser("vitest", rb"FAIL[ \t]+\S+\.\w+ > ", _vitest),
    Parser("node", rb"Error(?: \[\w+\])?: ", _uncaught),
    Parser("npm", rb"(?m:^)npm (?:error|ERR!) ", _npm),
)
