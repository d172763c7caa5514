"""Why something cannot be done is told before it is tried."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.builds.schemas import BuildState
from core.projects.schemas import RecentBuild
from core.security.actors import Actor, Origin, Role
from core.workspaces.schemas import WorkspaceInfo, WorkspaceKind
from desktop.builds.permits import permits
from tests.desktop.builds.samples import a_build, a_project, running

_ADA = Actor(user="ada", role=Role.ADMINISTRATOR, origin=Origin.DESKTOP)
_INFO = WorkspaceInfo(
    path=Path("/x.db"),
    name="x.db",
    kind=WorkspaceKind.MANAGED,
    uid="u",
    read_only="",
    trusted=True,
    sqlite_version="3.53",
)


def test_everything_is_possible_with_a_project_and_a_running_build() -> None:
    found = permits(_ADA, _INFO, a_project(), running())
    assert (found.create, found.edit, found.delete, found.run, found.cancel, found.save) == (
        ("",) * 6
    )


def test_nothing_runs_in_a_workspace_that_is_not_trusted() -> None:
    found = permits(_ADA, replace(_INFO, trusted=False), a_project(), running())
    assert "Trust it" in found.run
    assert found.cancel == found.run
    assert found.edit == ""


def test_a_workspace_open_for_reading_says_why() -> None:
    found = permits(_ADA, replace(_INFO, read_only="The file is linked."), a_project(), None)
    assert {found.create, found.edit, found.delete, found.run} == {"The file is linked."}


def test_a_project_with_a_running_build_is_not_deleted() -> None:
    busy = a_project(recent=(RecentBuild(1, BuildState.RUNNING, None),))
    assert "Cancel the build first" in permits(_ADA, _INFO, busy, None).delete


@pytest.mark.parametrize(
    ("state", "words"),
    [(BuildState.CANCELLING, "already"), (BuildState.SUCCESS, "has ended")],
)
def test_what_cannot_be_cancelled_says_why(state: BuildState, words: str) -> None:
    assert words in permits(_ADA, _INFO, a_project(), a_build(state=state)).cancel


def test_without_a_choice_a_choice_is_asked_for() -> None:
    found = permits(_ADA, _INFO, None, None)
    assert {found.edit, found.delete, found.run} == {"Choose a project first."}
    assert {found.cancel, found.save} == {"Choose a build first."}
