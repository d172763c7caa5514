"""Which paths the patterns of artifacts mean."""

import string
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.builds.artifacts.patterns import Patterns, matches

_NAMES = st.text(alphabet="ab.", min_size=1, max_size=3).filter(lambda n: n not in (".", ".."))
_PATHS = st.lists(_NAMES, min_size=1, max_size=4).map("/".join)
_PART = st.one_of(_NAMES, st.sampled_from(["*", "**", "?", "a*", "*.b", "[ab]", "[!a]*"]))
_PATTERNS = st.lists(_PART, min_size=1, max_size=4).map("/".join)


@pytest.mark.parametrize(
    ("pattern", "path", "meant"),
    [
        ("dist/*.whl", "dist/a.whl", True),
        ("dist/*.whl", "dist/sub/a.whl", False),
        ("dist/*.whl", "a.whl", False),
        ("*.tgz", "a.tgz", True),
        ("*.tgz", "sub/a.tgz", False),
        ("**/*.jar", "a.jar", True),
        ("**/*.jar", "a/b/c.jar", True),
        ("dist/**", "dist/a", True),
        ("dist/**", "dist/a/b/c", True),
        ("dist/**", "dist", False),
        ("dist/", "dist/a/b", True),
        ("dist", "dist/a/b", True),
        ("dist", "dist", True),
        ("dist", "other/dist", False),
        ("**/build/libs/*.jar", "app/build/libs/x.jar", True),
        ("**/build/outputs/**/*.apk", "app/build/outputs/apk/debug/x.apk", True),
        ("**/build/outputs/**/*.apk", "app/build/outputs/x.apk", True),
        ("./out//x", "out/x", True),
        ("*", ".hidden", True),
        ("a?c", "abc", True),
        ("[!a]*", "bc", True),
        ("**", "anything/at/all", True),
        ("**.jar", "x.jar", True),
        ("../x", "x", False),
        ("", "x", False),
        ("a\nb", "a\nb", True),
        ("*", "a\nb", True),
    ],
)
def test_what_patterns_mean(pattern: str, path: str, meant: bool) -> None:
    """Fails when ``**`` needs a folder, or ``*`` stops at a newline or a dot."""
    assert matches([pattern], path) is meant


def _slowly(parts: list[str], names: list[str]) -> bool:
    """Tell whether names match, as the definition says: ``**`` is any number of names."""
    if not parts:
        return not names
    if parts[0] == "**":
        return any(_slowly(parts[1:], names[count:]) for count in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], parts[0]) and _slowly(parts[1:], names[1:])


@given(pattern=_PATTERNS, path=_PATHS)
def test_patterns_mean_what_their_definition_says(pattern: str, path: str) -> None:
    """Fails when ``**`` cannot stand for no folder (mutant: ``start`` without ``_closed``)."""
    parts, names = pattern.split("/"), path.split("/")
    if parts[-1] == "**":
        parts.append("*")
    expected = _slowly(parts, names)
    if not set("*?[") & set(parts[-1]):
        expected = expected or _slowly([*parts, "**", "*"], names)
    assert matches([pattern], path) is expected


def test_only_what_may_match_is_looked_into() -> None:
    """Fails when folders that no pattern can mean are walked nevertheless."""
    patterns = Patterns(["dist/*.whl", "docs/**"])
    assert patterns.below(patterns.start, "dist")
    assert patterns.below(patterns.start, "docs")
    assert not patterns.below(patterns.start, "node_modules")


def test_hostile_patterns_end() -> None:
    """Fails (for ever) when stars that follow each other are tried in all ways."""
    pattern = "/".join(["**"] * 40 + ["*" + "a*" * 60 + "b"])
    path = "/".join(["a" * 200] * 40)
    assert not matches([pattern], path)
    assert matches([string.ascii_letters + "*"], string.ascii_letters)
