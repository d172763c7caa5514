"""Problems of Maven, Gradle and Kotlin; javac prints as C compilers do."""

from core.builds.logs.problems.spot import (
    Complaint,
    Expression,
    Parser,
    Spot,
    by_expression,
    complaint,
    text_of,
)

_SUREFIRE = Expression(
    rb"^\[ERROR\]\s+(?P<file>(?:\w+\.)*[A-Z]\w*)\.\w+:(?P<row>\d+)(?:->\S+)? (?P<message>.+)"
)


def _surefire(spot: Spot) -> Complaint | None:
    groups = _SUREFIRE.search(spot.line)
    if groups is None:
        return None
    name = groups["file"].rpartition(".")[2]
    return complaint("maven", {**groups, "file": f"{name}.java"})


def _gradle(spot: Spot) -> Complaint | None:
    if not spot.line.startswith(b"* What went wrong:"):
        return None
    said = []
    for line in spot.after[:4]:
        if not line.strip() or line.startswith(b"*"):
            break
        said.append(text_of(line).removeprefix("> "))
    return complaint("gradle", {}, message=" ".join(said)) if said else None


PARSERS = (
    by_expression(
        "maven",
        rb"^\[(?P<severity>ERROR|WARNING)\] (?P<file>[^\[]+):"
        rb"\[(?P<row>\d+)(?:,(?P<column>\d+))?\] (?P<message>.+)",
        rb"(?m:^)\[(?:ERROR|WARNING)\] [^\[\n]+:\[\d",
    ),
    Parser("maven", rb"(?m:^)\[ERROR\]\s+\w[\w.]*:\d+", _surefire),
    by_expression(
        "maven",
        rb"^\[ERROR\] (?P<message>Failed to execute goal .+)",
        rb"(?m:^)\[ERROR\] Failed to execute goal ",
    ),
    by_expression(
        "kotlin",
        rb"^(?P<severity>[ew]): (?:file://)?(?P<file>(?:[A-Za-z]:)?[^:]+):(?P<row>\d+):"
        rb"(?P<column>\d+):? (?P<message>.+)",
        rb"(?m:^)[ew]: ",
    ),
    by_expression(
        "kotlin",
        rb"^(?P<severity>[ew]): (?P<file>(?:[A-Za-z]:)?[^:]+): "
        rb"\((?P<row>\d+), (?P<column>\d+)\): (?P<message>.+)",
        rb"(?m:^)[ew]: ",
    ),
    Parser("gradle", rb"(?m:^)\* What went wrong:", _gradle),
)
