"""Problems of compilers and linkers of languages that are compiled to machine code."""

from core.builds.logs.problems.spot import (
    Complaint,
    Expression,
    Groups,
    Parser,
    Spot,
    by_expression,
    complaint,
    first_text,
    severity_of,
    text_of,
)
from core.builds.schemas import Severity

_LOOKED_BACK = 40

_FILE = rb"(?P<file>(?:[A-Za-z]:[\\/])?[^:\s][^:]*)"
_COLON = Expression(
    rb"^(?:ERROR: |WARNING: )?" + _FILE + rb":(?P<row>\d+):(?:(?P<column>\d+):)? ?"
    rb"(?:fatal |internal compiler )?(?P<severity>error|warning|ERROR|WARNING): (?P<message>.+)"
)
_TOOLS = (
    ((".py", ".pyi"), "mypy"),
    ((".java",), "javac"),
    ((".swift",), "swift"),
    ((".scala",), "scala"),
    (("meson.build", "meson_options.txt", "meson.options"), "meson"),
)
_RUST = Expression(rb"^(?P<severity>error|warning)(?P<code>\[\w+\])?: (?P<message>.+)")
# What is told once more at the end of a build.
_SUMMARY = (
    "could not compile ", "aborting due to ", "build failed", "test failed", "doctest failed",
)  # fmt: skip
_FAILED_TARGETS = Expression(rb"^error: \d+ targets? failed")
_OF_CARGO = Expression(
    rb"^ +(?:Adding|Blocking|Checking|Compiling|Doc-tests|Documenting|Download(?:ed|ing)"
    rb"|Finished|Locking|Running|Updating) |^Caused by:|Cargo\.(?:toml|lock)"
    rb"|\b(?:cargo|crates?)\b"
)
_CAUSE = b"Caused by:"
_ARROW = Expression(rb"^\s*--> (?P<file>.+):(?P<row>\d+):(?P<column>\d+)$")
_PANIC = Expression(
    rb"^thread '[^']*'(?: \(\d+\))? panicked at (?:'(?P<message>.*)', )?"
    rb"(?P<file>[^:' ]+):(?P<row>\d+):(?P<column>\d+)"
)
_GO_TEST = Expression(rb"^\s+(?P<file>[^\s:]+_test\.go):(?P<row>\d+): (?P<message>.+)")
_GO_PANIC = Expression(rb"^(?P<message>panic: .+)")
_GO_FRAME = Expression(rb"^\t(?P<file>[^\s:]+\.go):(?P<row>\d+) \+0x")
_LLD = Expression(rb"^(?:\S*ld\.lld|ld64\.lld|\S*ld|lld-link|\S*mold): error: (?P<message>.+)")
_LLD_PLACE = Expression(
    rb"^>>> (?:referenced by|defined (?:at|in)) (?P<file>[^:\s]+):(?P<row>\d+)"
)
_DRIVERS = rb"(?:cc1|cc1plus|gcc|g\+\+|cc|c\+\+|clang|clang\+\+|clang-\d+|\S+-gcc|\S+-g\+\+)"


def _with_severity(spot: Spot) -> Complaint | None:
    groups = _COLON.search(spot.line)
    if groups is None or groups["file"].startswith(("http", ">")):
        return None
    tools = (tool for ends, tool in _TOOLS if groups["file"].endswith(ends))
    return complaint(next(tools, "gcc/clang"), groups)


def _rust(spot: Spot) -> Complaint | None:
    groups = _RUST.search(spot.line)
    if groups is None:
        return None
    for line in spot.after[:4]:
        if place := _ARROW.search(line):
            return complaint("rustc", {**groups, **place})
        if not line.strip() or _RUST.search(line):
            break
    if severity_of(groups["severity"]) is Severity.WARNING or _is_summary(spot, groups):
        return None
    if groups.get("code"):
        return complaint("rustc", groups)
    near = (spot.line, *spot.after[:3], *spot.before[:_LOOKED_BACK])
    of_cargo = any(_OF_CARGO.search(line) is not None for line in near)
    return _cargo(spot, groups) if of_cargo else None


def _is_summary(spot: Spot, groups: Groups) -> bool:
    failed_targets = _FAILED_TARGETS.search(spot.line) is not None
    return failed_targets or groups["message"].startswith(_SUMMARY)


def _cargo(spot: Spot, groups: Groups) -> Complaint:
    """Read an error of a whole package, with what caused it where that is told."""
    told = [groups["message"]]
    for index, line in enumerate(spot.after[:4]):
        if line.startswith(_CAUSE):
            told.append(first_text(spot.after[index + 1 : index + 2]))
    return complaint("cargo", groups, message=": ".join(filter(None, told)))


def _rust_panic(spot: Spot) -> Complaint | None:
    groups = _PANIC.search(spot.line)
    if groups is None:
        return None
    message = groups.get("message") or (text_of(spot.after[0]) if spot.after else "")
    return complaint("rust", groups, message=message)


def _go_test(spot: Spot) -> Complaint | None:
    groups = _GO_TEST.search(spot.line)
    around = spot.before[:30] + spot.after[:30]
    failed = any(line.lstrip().startswith(b"--- FAIL") for line in around)
    return complaint("go test", groups) if groups and failed else None


def _go_panic(spot: Spot) -> Complaint | None:
    groups = _GO_PANIC.search(spot.line)
    if groups is None:
        return None
    for line in spot.after[:40]:
        place = _GO_FRAME.search(line)
        if (
            place
            and "/src/runtime/" not in place["file"]
            and "/src/testing/" not in place["file"]
        ):
            return complaint("go", {**groups, **place})
    return None


def _lld(spot: Spot) -> Complaint | None:
    groups = _LLD.search(spot.line)
    if groups is None:
        return None
    places = (place for line in spot.after[:3] if (place := _LLD_PLACE.search(line)))
    return complaint("ld", {**groups, **next(places, {})})


PARSERS = (
    Parser("gcc/clang", rb"(?i:error|warning): ", _with_severity),
    by_expression(
        "gcc/clang",
        rb"^" + _DRIVERS + rb": (?:fatal )?(?P<severity>error|warning): (?P<message>.+)",
        rb"(?m:^)" + _DRIVERS + rb": ",
    ),
    by_expression(
        "ld",
        rb"^(?:\S*ld(?:\.\w+)?: )?(?:[^:\s]+\.(?:o|a|so)(?:\([^)]*\))?: ?)?(?P<file>[^:\s]+):"
        rb"(?:(?P<row>\d+)|\([^)]*\)): "
        rb"(?P<message>(?:undefined reference to|multiple definition of) .+)",
        rb": (?:undefined reference to|multiple definition of) ",
    ),
    by_expression(
        "ld",
        rb"^\S*ld(?:\.\w+)?: (?:(?P<severity>warning): )?"
        rb"(?P<message>(?:cannot find|cannot open|library not found|Undefined symbols) .+)",
        rb"ld(?:\.\w+)?: (?:cannot|library|Undefined)",
    ),
    Parser("ld", rb"(?:ld|lld-link|mold): error: ", _lld),
    by_expression(
        "MSVC",
        rb"^\s*(?:\d+>)?(?P<file>[^\s(:][^(:]*|[A-Za-z]:\\[^(:]*)\((?P<row>\d+)"
        rb"(?:,(?P<column>\d+))?(?:,\d+,\d+)?\) ?: (?:fatal )?(?P<severity>error|warning) "
        rb"(?P<message>(?:C|CS|VB|FS|D|RC|BC|MSB)\d+: .+)",
        rb"(?:error|warning) [A-Z]{1,3}\d+: ",
    ),
    by_expression(
        "MSVC",
        rb"^\s*(?:\d+>)?(?P<file>[^\s:(][^:(]*?) : (?:fatal )?(?P<severity>error|warning) "
        rb"(?P<message>(?:LNK|MSB)\d+: .+)",
        rb"(?:error|warning) (?:LNK|MSB)\d+: ",
    ),
    Parser("rustc", rb"(?m:^)(?:error|warning)(?:\[\w+\])?: ", _rust),
    Parser("rust", rb"(?m:^)thread '[^'\n]*'[^'\n]* panicked at ", _rust_panic),
    by_expression(
        "go",
        rb"^(?:vet: )?(?P<file>[^\s:]+\.go):(?P<row>\d+):(?P<column>\d+): (?P<message>.+)",
        rb"\.go:\d+:\d+: ",
    ),
    Parser("go test", rb"_test\.go:\d+: ", _go_test),
    Parser("go", rb"(?m:^)panic: ", _go_panic),
)
