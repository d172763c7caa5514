"""Lines of real compilers and test runners, and innocent ones that look like them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.builds.logs.marks import MarkKind, find_marks, level_of
from core.builds.schemas import LogLevel

ERRORS = [
    "main.c:3:5: error: expected ';' before 'return'",  # gcc
    "main.c:1:10: fatal error: nothing.h: No such file or directory",
    "::error file=app.js,line=1,col=5::Missing semicolon",  # GitHub
    "##[error]Process completed with exit code 1.",
    "\x1b[01m\x1b[Kmain.c:3:5:\x1b[m\x1b[K \x1b[01;31m\x1b[Kerror: \x1b[m\x1b[Kexpected ';'",
    "cc1: fatal error: x.c: No such file or directory",
    "collect2: error: ld returned 1 exit status",
    "x.cpp:9:1: internal compiler error: Segmentation fault",
    "foo.c:2:3: error: use of undeclared identifier 'y'",  # clang
    "clang: error: linker command failed with exit code 1 (use -v to see invocation)",
    "ld.lld: error: undefined symbol: main",
    "error[E0382]: borrow of moved value: `x`",  # rustc
    "error: aborting due to 1 previous error",
    'error: could not compile `app` (bin "app") due to 1 previous error',
    "Main.java:3: error: ';' expected",  # javac
    'Exception in thread "main" java.lang.NullPointerException: x is null',
    "java.lang.IllegalStateException: not ready",
    "FAILURE: Build failed with an exception.",  # gradle
    "> Task :app:compileJava FAILED",
    "BUILD FAILED in 3s",
    "e: file:///src/Main.kt:3:5 Unresolved reference: foo",
    "[ERROR] Failed to execute goal org.apache.maven.plugins:maven-compiler-plugin",  # maven
    "[ERROR] COMPILATION ERROR : ",
    "FAILED tests/test_x.py::test_y - AssertionError: assert 1 == 2",  # pytest
    "ERROR tests/test_x.py - ImportError: cannot import name 'x'",
    "E       AssertionError: assert 1 == 2",
    "E   ModuleNotFoundError: No module named 'x'",
    "FAIL: test_add (test_calc.TestCalc.test_add)",  # unittest
    "ERROR: test_div (test_calc.TestCalc.test_div)",
    "AssertionError: 3 != 4",
    "FAILED (failures=1)",
    "npm ERR! code ELIFECYCLE",  # npm
    "npm error code ENOENT",
    "src/x.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'.",  # tsc
    "src/x.ts:3:5 - error TS2322: Type 'string' is not assignable to type 'number'.",
    "--- FAIL: TestAdd (0.00s)",  # go
    "FAIL\texample.com/pkg\t0.003s",
    "panic: runtime error: index out of range [3] with length 3",
    "make: *** [Makefile:3: all] Error 1",  # make
    "make[2]: *** [CMakeFiles/x.dir/build.make:76: x.o] Error 1",
    "make: *** No rule to make target 'x'.  Stop.",
    "CMake Error at CMakeLists.txt:3 (find_package):",  # cmake
    "MSBUILD : error MSB1009: Project file does not exist.",
]
WARNINGS = [
    "::warning file=app.js::Old",
    "##[warning]Node 12 is old",
    "main.c:3:5: warning: unused variable 'x' [-Wunused-variable]",
    "main.c:3:5: warning: implicit declaration of function 'error' [-Wimplicit]",
    "warning: unused variable: `x`",
    "warning[E0133]: call to unsafe function",
    "Main.java:3: warning: [deprecation] x() in X has been deprecated",
    "[WARNING] Using platform encoding (UTF-8 actually) to copy filtered resources",
    "npm warn deprecated x@1.0.0: use y",
    "npm WARN deprecated x@1.0.0: use y",
    "CMake Warning at CMakeLists.txt:3 (message):",
    "CMake Warning (dev) at CMakeLists.txt:3:",
    "x.py:3: DeprecationWarning: x is deprecated",
    "WARNING: Retrying (Retry(total=4))",
    "w: file:///src/Main.kt:3:5 Variable 'x' is never used",
    "make: warning:  Clock skew detected.  Your build may be incomplete.",
    "Program.cs(3,5): warning CS0168: The variable 'x' is declared but never used",
    "/usr/bin/ld: warning: x.o: missing .note.GNU-stack section",
]
PLAIN = [
    "make: *** Waiting for unfinished jobs....",
    "0 errors, 0 warnings",
    "    0 Error(s)",
    "    0 Warning(s)",
    "Compiling error-chain v0.12.4",
    "gcc -Wall -Werror -Wno-error=unused -c error.c -o error.o",
    "cc -c src/failure.c -o build/failure.o",
    "[ 50%] Building C object CMakeFiles/x.dir/errors.c.o",
    "test result: ok. 3 passed; 0 failed; 0 ignored",
    "test tests::returns_error ... ok",
    "tests/test_errors.py ........ [100%]",
    "test_error_message (test_x.TestX.test_error_message) ... ok",
    "Tests run: 12, Failures: 0, Errors: 0, Skipped: 0",
    "12 passed, 3 warnings in 0.05s",
    "ok  \texample.com/errors\t0.003s",
    "--- PASS: TestError (0.00s)",
    "-- Looking for strerror - found",
    "checking for error_at_line... yes",
    "Installing exceptions-1.0",
    "  adding: errors/warn.txt (deflated 5%)",
    "BUILD SUCCESSFUL in 3s",
    "> Task :app:compileJava",
    "Downloading thiserror v1.0.50",
    "",
]
KNOWN_MISSES = {
    # Kotlin's letters alone say too little.
    "e: file:///src/Main.kt:3:5 Unresolved reference: foo",
    "w: file:///src/Main.kt:3:5 Variable 'x' is never used",
}


@pytest.mark.parametrize("line", [line for line in ERRORS if line not in KNOWN_MISSES])
def test_errors(line: str) -> None:
    assert level_of(line.encode()) is LogLevel.ERROR


@pytest.mark.parametrize("line", [line for line in WARNINGS if line not in KNOWN_MISSES])
def test_warnings(line: str) -> None:
    assert level_of(line.encode()) is LogLevel.WARNING


@pytest.mark.parametrize("line", PLAIN)
def test_innocent_lines(line: str) -> None:
    assert level_of(line.encode()) is LogLevel.PLAIN


_LINES = st.lists(
    st.sampled_from([line.encode() for line in (*ERRORS, *WARNINGS, *PLAIN)]), max_size=12
)


@given(_LINES, st.integers(0, 50), st.booleans(), st.booleans())
def test_marks_are_what_each_line_is(
    lines: list[bytes], first: int, continued: bool, ends: bool
) -> None:
    raw = b"\n".join(lines) + (b"\n" if ends and lines else b"")
    begin = first - (1 if continued else 0)
    expected = [
        (begin + index, MarkKind(level_of(line).value))
        for index, line in enumerate(lines)
        if level_of(line) is not LogLevel.PLAIN and begin + index >= first
    ]
    room = {MarkKind.ERROR: 99, MarkKind.WARNING: 99}
    found = list(find_marks(raw, first_line=first, continued=continued, room=room))
    assert found == expected
    for kind in room:
        few = {**dict.fromkeys(room, 99), kind: 2}
        limited = list(find_marks(raw, first_line=first, continued=continued, room=few))
        of_kind = [mark for mark in expected if mark[1] is kind]
        assert [mark for mark in limited if mark[1] is kind] == of_kind[:2]
        assert [mark for mark in limited if mark[1] is not kind] == [
            mark for mark in expected if mark[1] is not kind
        ]
