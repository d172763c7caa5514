"""Each mistake in the form gets its sentence, none of them pydantic's own."""

from typing import Any

import pytest

from core.projects.schemas import ProjectType
from desktop.builds.projects.form_input import read, values_of
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
