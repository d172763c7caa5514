"""Groups of lines: markers, what only looks like them, and the groups that they make."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.builds.logs.groups import Heading, Role, groups_of, heading_of
from core.builds.logs.marks import MOST_MARKS, MarkKind, find_marks, heading_at
from core.builds.schemas import LogGroup, LogLevel
from tests.core.running import Bench

HEADINGS = [
    ("::group::Run make", Role.COMMAND, "Run make"),
    ("##[group]Run actions/checkout@v4", Role.COMMAND, "Run actions/checkout@v4"),
    ("\x1b[36;1m::group::Install\x1b[0m\r", Role.COMMAND, "Install"),
    ("::endgroup::", Role.END, ""),
    ("##[endgroup]", Role.END, ""),
    ("--- :npm: Install", Role.RULED, ":npm: Install"),
    ("+++ Tests", Role.RULED, "Tests"),
    ("~~~ Preparing plugins", Role.RULED, "Preparing plugins"),
    ("\x1b[0K--- \x1b[33mBuild\x1b[0m", Role.RULED, "Build"),
    ("\x1b_bk;t=1700000000000\x07--- Build", Role.RULED, "Build"),
]
# Lines before and after, and one in between that begins no group.
INNOCENT = [
    "--- FAIL: TestAdd (0.00s)",
    "--- PASS: TestAdd (0.00s)",
    "---",
    "--- ",
    "--- ---",
    "----------",
    "--- | --- | ---",
    "--- !Map",
    "--- Logging error ---",
    "---- tests::adds stdout ----",
    " --- indented",
    "text ::group::x",
    "--- a/main.c",
    "+++ b/main.c",
    "--- /dev/null",
    "--- main.c\t2024-01-01 10:00:00.000000000 +0100",
    "--- 1,5 ----",
    "~~~~^~~~",
]
DIFFS = [
    "--- main.c\n+++ main.c\n@@ -1,3 +1,3 @@\n-int x;\n+int y;",
    "--- src/a.c\n+++ src/b.c\n",
    "--- expected\n+++ actual\n@@ -1 +1 @@\n-1\n+2",
    "@@ -1,3 +1,3 @@\n--- an SQL comment that is gone\n-x",
    "*** old.c\n--- new.c\n***************",
    "\x1b[1m--- a.txt\x1b[m\n\x1b[1m+++ b.txt\x1b[m\n\x1b[36m@@ -1 +1 @@\x1b[m",
]
TRACES = ["++ dirname x\n+++ pwd\n++ cd /", "+ make\n+++ date\n++ echo"]


@pytest.mark.parametrize(("line", "role", "title"), HEADINGS)
def test_headings(line: str, role: Role, title: str) -> None:
    assert heading_of(line.encode()) == Heading(role, title)


@pytest.mark.parametrize("line", INNOCENT)
def test_lines_that_look_like_headings(line: str) -> None:
    assert heading_of(line.encode()).role is Role.NONE


@pytest.mark.parametrize("text", [*DIFFS, *TRACES])
def test_diffs_and_traces_of_shells(text: str) -> None:
    """Seen to fail when a line was judged without those around it."""
    raw = f"before\n{text}\nafter\n".encode()
    marks = list(find_marks(raw, first_line=0, continued=False, room=dict(MOST_MARKS)))
    assert [kind for _line, kind in marks] == []


def test_empty_groups_and_traced_commands_are_no_diffs() -> None:
    raw = b"--- Setup\n+++ Run\n+ make -j2\n--- Upload\n+ cp a b\n+ echo\n+++ Last\n"
    marks = list(find_marks(raw, first_line=5, continued=False, room=dict(MOST_MARKS)))
    assert marks == [
        (5, MarkKind.GROUP),
        (6, MarkKind.GROUP),
        (8, MarkKind.GROUP),
        (11, MarkKind.GROUP),
    ]


_MARKERS = ["::group::g", "##[group]h", "::endgroup::", "##[endgroup]", "--- b", "+++ c", "x"]


@given(st.lists(st.sampled_from(_MARKERS), max_size=20))
def test_groups_are_what_a_reader_of_each_line_sees(lines: list[str]) -> None:
    """Seen to fail when a rule ended a group of GitHub, and when an end was not its last."""
    expected: list[list[object]] = []
    kind = ""
    for number, line in enumerate(lines):
        command = line.startswith(("::group::", "##[group]"))
        rule = line.startswith(("---", "+++")) and kind != "command"
        if (command or rule) and kind:
            expected[-1][1] = number - 1
        if command or rule:
            expected.append([number, None, line[9:] if command else line[4:]])
            kind = "command" if command else "rule"
        elif "endgroup" in line and kind == "command":
            expected[-1][1], kind = number, ""
    raw = "\n".join(lines).encode()
    found = []
    start = 0
    for number, line in enumerate(lines):
        found.append((number, heading_at(raw, start, start + len(line))))
        start += len(line) + 1
    assert [[group.first, group.last, group.title] for group in groups_of(found)] == expected


async def test_groups_and_loud_lines_of_a_build(bench: Bench) -> None:
    script = (
        "echo '::group::Compile'; echo 'main.c:1:2: error: no'; echo '::endgroup::';"
        " echo '--- Test'; echo 'x: warning: odd'; echo '--- FAIL: TestX (0.0s)'"
    )
    build = await bench.run(script)
    logs = bench.workspace.logs
    assert await logs.groups(bench.actor, build_id=build.id) == (
        LogGroup(0, 2, "Compile"),
        LogGroup(3, None, "Test"),
    )
    for levels, lines in (
        (frozenset({LogLevel.ERROR}), (1, 5)),
        (frozenset({LogLevel.WARNING}), (4,)),
        (frozenset(LogLevel), (1, 4, 5)),
        (frozenset({LogLevel.PLAIN}), ()),
    ):
        assert await logs.lines_of(bench.actor, build_id=build.id, levels=levels) == lines
    assert (build.errors, build.warnings) == (2, 1)


async def test_groups_of_a_build_that_runs(bench: Bench) -> None:
    """Seen to fail when only what is stored was looked at."""
    build = await bench.queue("echo '--- One'; echo two; echo 'x error: y'; sleep 60")
    await bench.printed(build.id, "x error: y")
    logs = bench.workspace.logs
    assert await logs.groups(bench.actor, build_id=build.id) == (LogGroup(0, None, "One"),)
    errors = await logs.lines_of(
        bench.actor, build_id=build.id, levels=frozenset({LogLevel.ERROR})
    )
    assert errors == (2,)
    await bench.workspace.builds.cancel(bench.actor, build_id=build.id)
    await bench.end(build.id)
