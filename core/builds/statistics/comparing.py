"""How two builds differ, field by field."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from core.builds.schemas import BuildRow, Problem, Severity
from core.builds.statistics.schemas import (
    ArtifactDifference,
    Difference,
    FieldDifference,
    VariableDifference,
)
from core.database.fields.choices import choice
from core.translation import _

_FIELDS: Mapping[str, Callable[[], str]] = {
    "project": lambda: _("Project"),
    "state": lambda: _("State"),
    "reason": lambda: _("Reason"),
    "exit_code": lambda: _("Exit code"),
    "signal": lambda: _("Signal"),
    "duration_ms": lambda: _("Duration"),
    "errors": lambda: _("Errors"),
    "warnings": lambda: _("Warnings"),
    "problems": lambda: _("Problems"),
    "command": lambda: _("Command"),
    "build_type": lambda: _("Build type"),
    "before_steps": lambda: _("Steps before"),
    "after_steps": lambda: _("Steps after"),
    "repository_url": lambda: _("Repository"),
    "branch": lambda: _("Branch"),
    "commit_hash": lambda: _("Commit"),
    "commit_subject": lambda: _("Subject of the commit"),
    "dirty": lambda: _("Changes that are not committed"),
    "directory": lambda: _("Folder"),
    "log_lines": lambda: _("Lines of the log"),
    "log_bytes": lambda: _("Size of the log"),
    "artifact_count": lambda: _("Artifacts"),
    "artifact_bytes": lambda: _("Size of the artifacts"),
    "cpu_ms": lambda: _("Processor time"),
    "cpu_peak": lambda: _("Most of the processor"),
    "memory_peak": lambda: _("Most memory"),
    "nice": lambda: _("Niceness"),
    "priority": lambda: _("Priority"),
    "attempt": lambda: _("Attempt"),
    "trigger": lambda: _("Triggered by"),
    "requested_by": lambda: _("Requested by"),
}

Key = tuple[str, str, str, str]


def fields(first: BuildRow, second: BuildRow) -> tuple[FieldDifference, ...]:
    """Return the fields of two builds beside each other, the telling ones first."""
    return tuple(
        FieldDifference(name, words(), getattr(first, name), getattr(second, name))
        for name, words in _FIELDS.items()
    )


def variables(first: BuildRow, second: BuildRow) -> tuple[VariableDifference, ...]:
    """Return the variables of two builds by name; of secret ones that they were there."""
    plain = [
        VariableDifference(name, _difference(one, other), one, other)
        for name, one, other in _pairs(first.environment, second.environment)
    ]
    secret = [
        VariableDifference(name, _difference(one, other), None, None, secret=True)
        for name, one, other in _pairs(
            dict.fromkeys(first.secret_names, ""), dict.fromkeys(second.secret_names, "")
        )
    ]
    return tuple(sorted([*plain, *secret], key=lambda one: (one.name, one.secret)))


def artifacts(
    first: Sequence[Row[Any]], second: Sequence[Row[Any]]
) -> tuple[ArtifactDifference, ...]:
    """Return the artifacts of two builds by path."""
    one_by_path = {row.path: (row.size, row.sha256) for row in first}
    other_by_path = {row.path: (row.size, row.sha256) for row in second}
    return tuple(
        ArtifactDifference(
            path, _difference(one, other), one[0] if one else None, other[0] if other else None
        )
        for path, one, other in _pairs(one_by_path, other_by_path)
    )


def problems(
    first: Sequence[Row[Any]],
    second: Sequence[Row[Any]],
    folders: tuple[str, str] = ("", ""),
) -> tuple[list[Problem], list[Problem], int]:
    """Return the new problems, those that are gone, and how many are in both.

    One that is there twice before and once after is gone once. The same one in another work
    tree is no other: ``folders`` are those in which the first and the second were built.
    """
    before = [_key(row, folders[0]) for row in first]
    after = [_key(row, folders[1]) for row in second]
    new = _without(second, after, Counter(before))
    gone = _without(first, before, Counter(after))
    return new, gone, len(second) - len(new)


def _without(
    rows: Sequence[Row[Any]], keys: Sequence[Key], known: "Counter[Key]"
) -> list[Problem]:
    left = []
    for row, key in zip(rows, keys, strict=True):
        if known[key] > 0:
            known[key] -= 1
        else:
            left.append(_problem(row))
    return left


def _key(row: Row[Any], folder: str) -> Key:
    return (row.severity, row.tool, _within(row.file, folder), _within(row.message, folder))


def _within(text: str, folder: str) -> str:
    """Return what a tool printed without the folder that it ran in."""
    return text.replace(folder, "") if len(folder) > 1 else text


def _problem(row: Row[Any]) -> Problem:
    return Problem(
        line=row.line,
        severity=choice(Severity, row.severity, Severity.ERROR),
        tool=row.tool,
        file=row.file,
        row=row.row,
        column=row.column,
        message=row.message,
    )


def _pairs(
    first: Mapping[str, Any], second: Mapping[str, Any]
) -> list[tuple[str, Any | None, Any | None]]:
    names = sorted({*first, *second})
    return [(name, first.get(name), second.get(name)) for name in names]


def _difference(first: object, second: object) -> Difference:
    if first == second:
        return Difference.SAME
    if first is None:
        return Difference.ADDED
    return Difference.REMOVED if second is None else Difference.CHANGED
