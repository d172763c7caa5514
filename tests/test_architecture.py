"""The rules of the house that no linter knows, and the borders that import-linter holds."""

import ast
import itertools
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from core.version import VERSION

_ROOT = Path(__file__).parent.parent
_LONGEST_FILE = 375
_LONGEST_TESTS = 500
_STAND_ALONE = [
    _ROOT / "core" / "builds" / "running" / name for name in ("supervisor.py", "checkout.py")
]


def _sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (_ROOT / folder).rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(_ROOT).as_posix()


def _trees(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for path in _sources(*folders):
        yield _name(path), ast.parse(path.read_text("utf-8"))


def _public_without_docstring(body: list[ast.stmt], where: str) -> Iterator[str]:
    for node in body:
        if not isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if node.name.startswith("_") or _repeats_another(node):
            continue
        if ast.get_docstring(node) is None:
            yield f"{where}:{node.lineno} {node.name}"
        if isinstance(node, ast.ClassDef):
            yield from _public_without_docstring(node.body, where)


def _repeats_another(node: ast.stmt) -> bool:
    """Whether it is described elsewhere: an overload, a setter, a method of Qt's own."""
    if isinstance(node, ast.ClassDef):
        return False
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    decorators = {ast.unparse(d).rpartition(".")[2] for d in node.decorator_list}
    return bool(decorators & {"overload", "override", "setter"}) or _is_name_of_qt(node.name)


def _is_name_of_qt(name: str) -> bool:
    return re.fullmatch(r"[a-z]+([A-Z][A-Za-z]*)+", name) is not None


def test_the_borders_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_window_never_runs_a_second_loop() -> None:
    forbidden = {"exec", "exec_", "processEvents", "waitSignal"}
    found = [
        f"{name}:{node.lineno} {node.func.attr}"
        for name, tree in _trees("desktop")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in forbidden
    ]
    assert found == []


def test_no_coroutine_waits_with_waitsignal() -> None:
    found = [
        f"{name}:{inner.lineno}"
        for name, tree in _trees("desktop", "tests", "benchmarks")
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute) and inner.attr.startswith("waitSignal")
    ]
    assert found == []


def test_colours_stand_in_the_theme_alone() -> None:
    colour = re.compile(r"""["'\s:]#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b""")
    found = [
        f"{name}:{node.lineno} {node.value.strip()}"
        for name, tree in _trees("desktop", "core")
        if name != "desktop/theme.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and colour.search(f" {node.value}")
    ]
    assert found == []


def test_tool_tips_take_data_for_what_it_is() -> None:
    """A tool tip is a sentence of ours, or went through ``desktop/widgets/tips.py``."""
    sources = {"_", "plain_tip", "toolTip"}
    found = [
        f"{name}:{node.lineno}"
        for name, tree in _trees("desktop")
        if name != "desktop/widgets/tips.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(".setToolTip")
        and not isinstance(node.args[0], ast.Constant)
        and not (
            isinstance(node.args[0], ast.Call)
            and ast.unparse(node.args[0].func).rpartition(".")[2] in sources
        )
    ]
    assert found == []


def test_the_window_writes_figures_as_the_locale_does() -> None:
    """``desktop/figures.py`` knows how; a format such as ``:,`` knows one country only."""
    found = [
        f"{name}:{node.lineno}"
        for name, tree in _trees("desktop")
        for node in ast.walk(tree)
        if isinstance(node, ast.FormattedValue)
        and node.format_spec is not None
        and set(ast.unparse(node.format_spec)) & {",", "%"}
    ]
    assert found == []


def test_files_hold_one_thought() -> None:
    """The supervisor and the checkout are one file each: bare scripts have no package."""
    long = {
        _name(path): lines
        for path in _sources("core", "desktop", "migrations", "tests", "benchmarks")
        if path not in _STAND_ALONE
        and (lines := len(path.read_text("utf-8").splitlines()))
        > (_LONGEST_TESTS if _name(path).startswith("tests/") else _LONGEST_FILE)
    }
    assert long == {}


def test_everything_public_says_what_it_is() -> None:
    missing = [
        gap
        for name, tree in _trees("core", "desktop")
        for gap in (
            *([] if ast.get_docstring(tree) else [f"{name} (module)"]),
            *_public_without_docstring(tree.body, name),
        )
    ]
    assert missing == []


def test_only_the_core_replaces_modules() -> None:
    found = {
        name
        for name, tree in _trees("core", "desktop", "migrations")
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Store)
        and ast.unparse(node.value) == "sys.modules"
    }
    assert found == {"core/__init__.py"}


def test_bare_scripts_need_nothing_but_python() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in _STAND_ALONE]
    imported = {
        name.partition(".")[0]
        for tree in trees
        for node in ast.walk(tree)
        for name in _imported_by(node)
    }
    assert imported <= set(sys.stdlib_module_names)


def _imported_by(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "."] if node.level == 0 else ["."]
    return []


def test_qt_is_pinned_and_locked() -> None:
    """6.12.0 drops a reference of True at each emit and crashes CPython 3.11."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    qt = [line for line in project["dependencies"] if line.startswith("PySide6")]
    assert qt == ["PySide6-Essentials==6.11.3"]
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert "\npyside6-essentials==6.11.3 \\" in (_ROOT / lock).read_text("utf-8")


def test_lock_files_name_no_server_and_hash_everything() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        lines = (_ROOT / lock).read_text("utf-8").splitlines()
        assert not [line for line in lines if "://" in line or line.startswith("-")]
        for line, following in itertools.pairwise(lines):
            if "==" in line and not line.startswith(" "):
                assert following.strip().startswith("--hash=sha256:"), line


def test_there_is_one_version() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION
