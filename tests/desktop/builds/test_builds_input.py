"""Each mistake in the form gets its sentence, none of them pydantic's own."""

from typing import Any

import pytest

from core.projects.schemas import Checkout, ProjectType
from desktop.builds.projects.form_input import Source, read, values_of
from tests.desktop.builds.samples import a_project

_GOOD: dict[str, Any] = {
    "name": "api",
    "description": "",
    "type": ProjectType.MAKE,
    "path": "/src",
    "command": "make",
    "environment": {},
    "secrets": {},
    "timeout_s": 3600,
    "silence_timeout_s": None,
    "grace_s": 10,
    "terminal": False,
    "active": True,
}


def test_good_values_are_taken() -> None:
    data, problems = read(_GOOD, None)
    assert problems == {}
    assert data is not None
    assert data.model_dump(include=set(_GOOD)) == _GOOD


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "  ", "Give the project a name."),
        ("name", "x" * 101, "This is too long: at most 100 characters are possible."),
        ("name", "a\x07b", "Control characters are not allowed here."),
        ("command", " \n", "This is needed."),
        ("path", "", "This is needed."),
        ("timeout_s", 0, "A limit is at least 1 second. Tick “No limit” to have none."),
        ("silence_timeout_s", 0, "A limit is at least 1 second. Tick “No limit” to have none."),
        ("timeout_s", 604_801, "At most 604,800 seconds are possible."),
        ("grace_s", 601, "At most 600 seconds are possible."),
        (
            "environment",
            {"1BAD": "x"},
            "“1BAD” cannot name a variable: letters, digits and _ only, and no digit first.",
        ),
        (
            "secrets",
            {"KEY": "short"},
            (
                "The secret KEY is shorter than 6 characters,"
                " so it could not be hidden in the log."
            ),
        ),
        (
            "secrets",
            {"KEY": None},
            "A stored secret cannot be renamed. Type the value of KEY again.",
        ),
    ],
)
def test_a_wrong_value_is_told_at_its_field(field: str, value: Any, message: str) -> None:
    data, problems = read({**_GOOD, field: value}, None)
    assert data is None
    assert problems == {field: message}


_LONG = "x" * 10_001


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("description", "x" * 2_001, "at most 2,000 characters"),
        ("tags", ("x" * 500,), "This has 500 characters; shorten it to 50."),
        ("repository_url", "https://" + "x" * 2_000, "at most 2,000 characters"),
        ("repository_url", "-x", "An address does not begin with “-”."),
        ("branch", "x" * 256, "at most 255 characters"),
        ("branch", "a..b", "cannot be the name of a branch"),
        ("path", "/" + "x" * 4_096, "at most 4,096 characters"),
        ("command", _LONG, "at most 10,000 characters"),
        ("build_types", ({"name": "x" * 51},), "Entry 1: This is too long: at most 50"),
        ("build_types", ({"name": "a", "command": _LONG},), "Entry 1: This is too long"),
        ("build_types", [{"name": str(one)} for one in range(21)], "at most 20 are possible"),
        ("before_steps", ("ok", _LONG), "Entry 2: This is too long: at most 10,000"),
        ("after_steps", ["x"] * 21, "These are too many: at most 20 are possible."),
        ("artifact_patterns", [f"{one}" for one in range(51)], "at most 50 are possible"),
        ("artifact_patterns", ("../x",), "“../x” does not stay within the folder."),
        ("environment", {"A": "\0"}, "The value of A holds a NUL character."),
        ("silence_timeout_s", 604_801, "At most 604,800 seconds are possible."),
        ("grace_s", -1, "At least 0 seconds are needed."),
        ("parallel", 0, "At least 1 is needed."),
        ("parallel", 17, "At most 16 is possible."),
        ("nice", 20, "At most 19 is possible."),
        ("retry_limit", 11, "At most 10 is possible."),
        ("retry_exit_codes", (0,), "Entry 1: An exit code is a number from 1 to 255."),
        ("retry_exit_codes", (1, 256), "Entry 2: An exit code is a number from 1 to 255."),
        ("retry_exit_codes", [1] * 21, "These are too many"),
        ("priority", 3, "This cannot be taken."),
        ("parallel", "x", "A whole number is needed."),
    ],
)
def test_every_limit_has_words_of_its_own(field: str, value: Any, message: str) -> None:
    data, problems = read({**_GOOD, field: value}, None)
    assert data is None
    assert list(problems) == [field]
    assert message in problems[field]
    assert "should" not in problems[field]
    assert "Input" not in problems[field]


@pytest.mark.parametrize("source", list(Source))
def test_a_source_decides_what_is_built(source: Source) -> None:
    """Mutant: an address that was only suggested made builds of the folder fetch."""
    values = {**_GOOD, "source": source, "repository_url": "https://x.org/a", "branch": "b"}
    data, problems = read(values, None)
    assert problems == {}
    assert data is not None
    stands = source is Source.AS_IT_STANDS
    assert (data.repository_url, data.branch) == (
        ("", "") if stands else ("https://x.org/a", "b")
    )
    assert (data.checkout is Checkout.OWN_TREE) is (source is Source.OWN_TREE)
    empty = read({**values, "repository_url": " "}, None)[1]
    assert list(empty) == ([] if stands else ["repository_url"])


def test_all_mistakes_are_told_at_once() -> None:
    _data, problems = read({**_GOOD, "name": "", "timeout_s": 0, "command": ""}, None)
    assert problems.keys() == {"name", "timeout_s", "command"}


def test_a_stored_project_comes_back_as_it_was_with_its_secrets_kept() -> None:
    project = a_project(secret_names=("TOKEN",), environment={"A": "b"})
    data, problems = read(values_of(project), project)
    assert problems == {}
    assert data is not None
    assert data.secrets == {"TOKEN": None}
    assert (data.name, data.environment, data.command) == ("api", {"A": "b"}, "make")
