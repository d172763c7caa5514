"""Rows of which tests of words and models are made."""

from datetime import UTC, datetime, timedelta
from typing import Any

from core.builds.schemas import BuildRow, BuildState, FailureReason
from core.projects.schemas import ProjectRow, ProjectType, RecentBuild

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def a_build(number: int = 1, **values: Any) -> BuildRow:
    """Return a build, successful after 68 s unless told otherwise."""
    defaults: dict[str, Any] = {
        "id": 1000 + number,
        "uid": f"uid-{number}",
        "version": 1,
        "project_id": 7,
        "project": "api",
        "number": number,
        "state": BuildState.SUCCESS,
        "reason": None,
        "exit_code": 0,
        "signal": None,
        "message": "",
        "command": "make",
        "directory": "/src",
        "environment": {},
        "secret_names": (),
        "requested_by": "ada",
        "origin": "desktop",
        "queued_at": NOW,
        "started_at": NOW,
        "finished_at": NOW + timedelta(seconds=68),
        "duration_ms": 68_000,
        "log_lines": 12,
        "log_bytes": 340,
        "errors": 0,
        "warnings": 0,
        "estimate_ms": 70_000,
        "late_after_ms": 90_000,
    }
    return BuildRow(**{**defaults, **values})


def running(number: int = 1, **values: Any) -> BuildRow:
    """Return a build that started at ``NOW`` and runs."""
    unfinished: dict[str, Any] = {
        "state": BuildState.RUNNING,
        "exit_code": None,
        "finished_at": None,
        "duration_ms": None,
    }
    return a_build(number, **{**unfinished, **values})


def failed(reason: FailureReason, **values: Any) -> BuildRow:
    """Return a build that failed."""
    return a_build(state=BuildState.FAILED, reason=reason, **values)


def a_project(project_id: int = 7, name: str = "api", **values: Any) -> ProjectRow:
    """Return a project with three builds."""
    defaults: dict[str, Any] = {
        "id": project_id,
        "uid": f"uid-{project_id}",
        "version": 1,
        "name": name,
        "description": "",
        "type": ProjectType.MAKE,
        "path": "/src",
        "command": "make",
        "environment": {},
        "secret_names": (),
        "timeout_s": 3600,
        "silence_timeout_s": None,
        "grace_s": 10,
        "terminal": False,
        "active": True,
        "created_at": NOW,
        "updated_at": NOW,
        "builds": 3,
        "success_rate": 0.875,
        "recent": (RecentBuild(3, "success", 68_000),),
    }
    return ProjectRow(**{**defaults, **values})
