"""What is to be found in the output of compilers, linters and test runners."""

Told = tuple[int, str, str, str, int | None, int | None, str]

FAILED_SCRIPT = (
    "failed to run custom build command for `c v0.1.0 (/home/me/app/c)`:"
    " process didn't exit successfully: `/home"
)

# Line in the log, severity, tool, file, row, column, the beginning of the message.
_IN_MAIN_C: list[Told] = [
    (1, "error", "gcc/clang", "main.c", 2, 31, "expected ‘;’ before ‘}’ token"),
    (5, "warning", "gcc/clang", "main.c", 2, 20, "unused variable ‘y’ [-Wunused-variable]"),
    (
        9,
        "warning",
        "gcc/clang",
        "main.c",
        3,
        17,
        "implicit declaration of function ‘unknown’ [-Wimplicit-funct",
    ),
    (
        12,
        "warning",
        "gcc/clang",
        "main.c",
        3,
        38,
        "initialization of ‘char *’ from ‘int’ makes pointer from int",
    ),
    (
        15,
        "warning",
        "gcc/clang",
        "main.c",
        3,
        34,
        "unused variable ‘p’ [-Wunused-variable]",
    ),
]

EXPECTED: dict[str, list[Told]] = {
    "cargo": [
        (0, "error", "cargo", "", None, None, "no matching package named `nothing-there-x`"),
        (4, "error", "rustc", "Cargo.toml", 6, 1, "unquoted keys cannot be empty, expected"),
        (10, "error", "cargo", "", None, None, FAILED_SCRIPT),
        (16, "error", "rustc", "src/main.rs", 1, 25, "mismatched types"),
    ],
    "cargo_test": [
        (1, "warning", "rustc", "src/lib.rs", 1, 34, "unused variable: `u`"),
        (21, "error", "rust", "src/lib.rs", 5, 13, "assertion `left == right` failed: sum"),
    ],
    "cmake": [
        (6, "warning", "cmake", "CMakeLists.txt", 3, None, "careful now"),
        (10, "error", "cmake", "CMakeLists.txt", 5, None, "one"),
        (16, "error", "cmake", "CMakeLists.txt", 7, None, 'Unknown CMake command "foo".'),
    ],
    "cmake_make": [
        (2, "error", "gcc/clang", "/home/me/app/m.c", 1, 23, "‘oops’ undeclared"),
        (11, "error", "gcc/clang", "/home/me/app/n.c", 1, 23, "‘oops2’ undeclared"),
    ],
    "cmake_package": [
        (
            6,
            "error",
            "cmake",
            "CMakeLists.txt",
            3,
            None,
            'By not providing "FindNothing.cmake" in CMAKE_MODULE_PATH th',
        ),
    ],
    "eslint": [
        (
            2,
            "warning",
            "eslint",
            "/home/me/app/js/src/l.js",
            1,
            5,
            "'a' is assigned a value but never used no-unused-vars",
        ),
        (
            3,
            "warning",
            "eslint",
            "/home/me/app/js/src/l.js",
            2,
            10,
            "'f' is defined but never used no-unused-vars",
        ),
        (
            4,
            "error",
            "eslint",
            "/home/me/app/js/src/l.js",
            2,
            23,
            "'b' is not defined no-undef",
        ),
        (
            5,
            "warning",
            "eslint",
            "/home/me/app/js/src/l.js",
            3,
            5,
            "'c' is assigned a value but never used no-unused-vars",
        ),
        (
            6,
            "error",
            "eslint",
            "/home/me/app/js/src/l.js",
            3,
            12,
            "Unexpected 'debugger' statement no-debugger",
        ),
    ],
    "gcc": [
        *_IN_MAIN_C,
        (
            20,
            "warning",
            "gcc/clang",
            "c.h",
            1,
            22,
            "returning ‘char *’ from a function with return type ‘int’ ma",
        ),
        (
            24,
            "warning",
            "gcc/clang",
            "h.c",
            2,
            9,
            "initialization of ‘int’ from ‘char *’ makes integer from poi",
        ),
        (
            27,
            "error",
            "gcc/clang",
            "h.c",
            2,
            9,
            "initializer element is not computable at load time",
        ),
    ],
    "gcc_drivers": [
        (0, "error", "gcc/clang", "", None, None, "nothing.c: No such file or directory"),
        (2, "error", "gcc/clang", "n.c", 1, 10, "nope.h: No such file or directory"),
    ],
    "gcc_in_colour": _IN_MAIN_C,
    "javac": [
        (
            0,
            "error",
            "javac",
            "jv/Main.java",
            3,
            None,
            "incompatible types: String cannot be converted to int",
        ),
        (3, "error", "javac", "jv/Main.java", 4, None, "cannot find symbol"),
    ],
    "jest": [
        (
            5,
            "error",
            "jest",
            "t/a.test.js",
            2,
            59,
            "calc › adds: expect(received).toBe(expected) // Object.is eq",
        ),
        (19, "error", "jest", "t/a.test.js", 2, 98, "calc › throws: oops"),
    ],
    "make": [
        (3, "error", "ld", "/home/me/app/ld/m.c", 2, None, "undefined reference to `foo'"),
    ],
    "make_and_ld": [
        (0, "error", "make", "bad.mk", 2, None, "missing separator. Stop."),
        (1, "error", "make", "", None, None, "No rule to make target 'nothing'. Stop."),
        (
            2,
            "error",
            "ld",
            "",
            None,
            None,
            "cannot find -lnothing_there: No such file or directory",
        ),
        (5, "error", "ld", "m.c", None, None, "undefined reference to `foo'"),
    ],
    "mocha": [
        (
            10,
            "error",
            "mocha",
            "test/m.js",
            2,
            59,
            "calc adds: AssertionError [ERR_ASSERTION]: Expected values t",
        ),
        (
            25,
            "error",
            "mocha",
            "test/m.js",
            2,
            106,
            "calc throws: TypeError: Cannot read properties of null (read",
        ),
    ],
    "mypy": [
        (
            0,
            "error",
            "mypy",
            "ty.py",
            3,
            None,
            'Incompatible return value type (got "int", expected "str") [',
        ),
        (
            1,
            "error",
            "mypy",
            "ty.py",
            5,
            None,
            'Argument 1 to "f" has incompatible type "str"; expected "int',
        ),
    ],
    "mypy_pretty": [
        (
            0,
            "error",
            "mypy",
            "ty.py",
            3,
            12,
            'Incompatible return value type (got "int", expected "str")',
        ),
        (
            4,
            "error",
            "mypy",
            "ty.py",
            5,
            3,
            'Argument 1 to "f" has incompatible type "str"; expected "int',
        ),
    ],
    "node": [
        (4, "error", "node", "/home/me/app/js/a.js", 2, 9, "TypeError: boom"),
    ],
    "node_syntax": [
        (
            4,
            "error",
            "node",
            "/home/me/app/js/b.js",
            1,
            None,
            "SyntaxError: Unexpected token ';'",
        ),
    ],
    "npm": [
        (1, "error", "npm", "", None, None, "code ENOENT: syscall open"),
    ],
    "pytest": [
        (
            46,
            "error",
            "pytest",
            "y.py",
            3,
            None,
            "json.decoder.JSONDecodeError: Expecting property name enclos",
        ),
        (56, "error", "pytest", "test_x.py", 5, None, "AssertionError: sums"),
        (63, "error", "pytest", "test_x.py", 9, None, "assert 1 == 2"),
    ],
    "python_syntax": [
        (
            0,
            "error",
            "python",
            "/home/me/app/py/syn.py",
            1,
            None,
            "SyntaxError: invalid syntax",
        ),
    ],
    "ruff": [
        (
            0,
            "error",
            "ruff",
            "ty.py",
            1,
            1,
            "I001 [*] Import block is un-sorted or un-formatted",
        ),
        (16, "error", "ruff", "ty.py", 1, 8, "F401 [*] `os` imported but unused"),
    ],
    "ruff_concise": [
        (
            0,
            "error",
            "ruff/flake8",
            "ty.py",
            1,
            1,
            "I001 [*] Import block is un-sorted or un-formatted",
        ),
        (1, "error", "ruff/flake8", "ty.py", 1, 8, "F401 [*] `os` imported but unused"),
    ],
    "ruff_for_github": [
        (
            0,
            "error",
            "workflow",
            "/home/me/app/py/ty.py",
            1,
            1,
            "ruff (I001): ty.py:1:1: I001 Import block is un-sorted or un",
        ),
        (
            1,
            "error",
            "workflow",
            "/home/me/app/py/ty.py",
            1,
            8,
            "ruff (F401): ty.py:1:8: F401 `os` imported but unused help: ",
        ),
    ],
    "rustc": [
        (0, "error", "rustc", "rs/m.rs", 1, 26, "mismatched types"),
    ],
    "shells": [
        (0, "error", "shell", "./s.sh", 1, None, "x: command not found"),
        (1, "error", "shell", "./s.sh", 2, None, "foo_not: command not found"),
        (2, "error", "shell", "./s.sh", 1, None, "x: not found"),
        (3, "error", "shell", "./s.sh", 2, None, "foo_not: not found"),
    ],
    "traceback": [
        (
            0,
            "error",
            "python",
            "/home/me/app/py/y.py",
            3,
            None,
            "json.decoder.JSONDecodeError: Expecting property name enclos",
        ),
    ],
    "tsc": [
        (
            0,
            "error",
            "tsc",
            "src/t.ts",
            1,
            7,
            "TS2322: Type 'string' is not assignable to type 'number'.",
        ),
        (1, "error", "tsc", "src/t.ts", 2, 1, "TS2304: Cannot find name 'foo'."),
    ],
    "tsc_pretty": [
        (
            0,
            "error",
            "tsc",
            "src/t.ts",
            1,
            7,
            "TS2322: Type 'string' is not assignable to type 'number'.",
        ),
        (5, "error", "tsc", "src/t.ts", 2, 1, "TS2304: Cannot find name 'foo'."),
    ],
    "unittest": [
        (4, "error", "python", "/home/me/app/py/u.py", 4, None, "AssertionError: 1 != 2"),
    ],
    "vitest": [
        (
            8,
            "error",
            "vitest",
            "t/v.spec.mjs",
            3,
            17,
            "t/v.spec.mjs > adds: AssertionError: expected 2 to be 3 // O",
        ),
    ],
}
# Of tools that are not at hand everywhere: what their manuals and reports of people show.
WRITTEN: dict[str, list[Told]] = {
    "# example.com/x\n./main.go:5:2: undefined: x\nvet: ./a.go:3:1: unreachable code": [
        (1, "error", "go", "./main.go", 5, 2, "undefined: x"),
        (2, "error", "go", "./a.go", 3, 1, "unreachable code"),
    ],
    "--- FAIL: TestAdd (0.00s)\n    add_test.go:8: got 3, want 4\nFAIL": [
        (1, "error", "go test", "add_test.go", 8, None, "got 3, want 4"),
    ],
    "=== RUN   TestLog\n    log_test.go:8: only a word\n--- PASS: TestLog (0.00s)": [],
    "panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\n"
    "main.main()\n\t/src/app/main.go:9 +0x1d\nexit status 2": [
        (
            0,
            "error",
            "go",
            "/src/app/main.go",
            9,
            None,
            "panic: runtime error: index out of ra",
        ),
    ],
    "1>C:\\src\\x.cpp(12,5): error C2065: 'y': undeclared identifier [C:\\src\\x.vcxproj]\r\n"
    "x.cs(3,1): warning CS0168: unused\r\nmain.obj : error LNK2019: unresolved external": [
        (0, "error", "MSVC", "C:\\src\\x.cpp", 12, 5, "C2065: 'y': undeclared identifier"),
        (1, "warning", "MSVC", "x.cs", 3, 1, "CS0168: unused"),
        (2, "error", "MSVC", "main.obj", None, None, "LNK2019: unresolved external"),
    ],
    "INTERNALERROR> Traceback (most recent call last):\n"
    'INTERNALERROR>   File "/v/site-packages/plugin.py", line 3, in pytest_configure\n'
    "INTERNALERROR>     warnings.warn(text)\nINTERNALERROR> x.Warning: not set": [
        (0, "error", "python", "/v/site-packages/plugin.py", 3, None, "x.Warning: not set"),
    ],
    "make: *** [<builtin>: a.o] Error 1\nmake: *** Waiting for unfinished jobs....": [
        (0, "error", "make", "", None, None, "a.o: Error 1"),
    ],
    "ld.lld: error: undefined symbol: foo()\n>>> referenced by main.cpp:3\n>>>     main.o": [
        (0, "error", "ld", "main.cpp", 3, None, "undefined symbol: foo()"),
    ],
    "e: file:///src/Main.kt:3:5 Unresolved reference: foo\n"
    "w: /src/Old.kt: (3, 7): Variable 'x' is never used": [
        (0, "error", "kotlin", "/src/Main.kt", 3, 5, "Unresolved reference: foo"),
        (1, "warning", "kotlin", "/src/Old.kt", 3, 7, "Variable 'x' is never used"),
    ],
    "* What went wrong:\nExecution failed for task ':app:compileJava'.\n"
    "> Compilation failed; see the compiler error output for details.\n\n* Try:": [
        (0, "error", "gradle", "", None, None, "Execution failed for task ':app:compileJava'."),
    ],
    "[ERROR] /src/Main.java:[3,5] ';' expected\n[WARNING] /src/Old.java:[9] old\n"
    "[ERROR]   CalcTest.adds:12 expected: <3> but was: <4>\n"
    "[ERROR] Failed to execute goal org.apache.maven.plugins:maven-surefire-plugin:3.2.5": [
        (0, "error", "maven", "/src/Main.java", 3, 5, "';' expected"),
        (1, "warning", "maven", "/src/Old.java", 9, None, "old"),
        (2, "error", "maven", "CalcTest.java", 12, None, "expected: <3> but was: <4>"),
        (3, "error", "maven", "", None, None, "Failed to execute goal org.apache.maven"),
    ],
    "::error file=app.js,line=1,col=5,endColumn=7,title=Lint::Missing%3A 100%25\n"
    "::warning::Careful\n##[error]Process completed with exit code 1.": [
        (0, "error", "workflow", "app.js", 1, 5, "Lint: Missing: 100%"),
        (1, "warning", "workflow", "", None, None, "Careful"),
        (2, "error", "workflow", "", None, None, "Process completed with exit code 1."),
    ],
    'meson.build:3:0: ERROR: Dependency "x" not found': [
        (0, "error", "meson", "meson.build", 3, None, 'Dependency "x" not found'),
    ],
    "FAILED tests/test_x.py::test_y[a b] - AssertionError: no\n"
    "ERROR tests/test_z.py - ImportError: cannot import name 'x'": [
        (
            0,
            "error",
            "pytest",
            "tests/test_x.py",
            None,
            None,
            "test_y[a b]: AssertionError: no",
        ),
        (1, "error", "pytest", "tests/test_z.py", None, None, "ImportError: cannot import na"),
    ],
    "error: could not compile `app`\nerror[E0382]: borrow of moved value: `x`\n"
    "  --> src/main.rs:4:20\n": [
        (1, "error", "rustc", "src/main.rs", 4, 20, "borrow of moved value: `x`"),
    ],
    "thread 'main' panicked at 'no: \"x\"', src/main.rs:2:5": [
        (0, "error", "rust", "src/main.rs", 2, 5, 'no: "x"'),
    ],
}
