"""The models keep places, selections and what was scrolled to."""

from collections.abc import Sequence
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester

from core.builds.schemas import BuildPage, BuildRow, BuildState
from core.projects.schemas import ProjectRow
from desktop.builds.history.model import BuildsModel, Column
from desktop.builds.projects.filter import ProjectFilter
from desktop.builds.projects.model import PROJECT_ROLE, ProjectsModel
from tests.desktop.builds.samples import a_build, a_project, running

_FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


@pytest.fixture
def builds(qapp: Any) -> BuildsModel:
    model = BuildsModel()
    QAbstractItemModelTester(model, _FATAL, model)
    return model


@pytest.fixture
def projects(qapp: Any) -> ProjectsModel:
    model = ProjectsModel()
    QAbstractItemModelTester(model, _FATAL, model)
    return model


def page(newest: int, oldest: int, *, more: bool = False, **values: Any) -> BuildPage:
    rows = tuple(a_build(number, **values) for number in range(newest, oldest - 1, -1))
    return BuildPage(rows, more=more)


def numbers(rows: Sequence[BuildRow]) -> list[int]:
    return [row.number for row in rows]


def test_new_builds_come_on_top_and_the_selection_stays(builds: BuildsModel) -> None:
    builds.show(page(5, 1))
    kept = QPersistentModelIndex(builds.index(2, 0))
    builds.refresh(page(7, 1))
    assert numbers(builds.rows) == [7, 6, 5, 4, 3, 2, 1]
    assert kept.row() == 4
    assert kept.data() == "#3"


def test_a_refresh_leaves_older_pages_alone(builds: BuildsModel) -> None:
    builds.show(page(400, 201, more=True))
    builds.append(page(200, 1))
    builds.refresh(page(401, 202, more=True))
    assert numbers(builds.rows) == list(range(401, 0, -1))


def test_a_refresh_takes_out_what_is_gone(builds: BuildsModel) -> None:
    builds.show(page(5, 1))
    builds.refresh(BuildPage((a_build(5), a_build(2)), more=False))
    assert numbers(builds.rows) == [5, 2]


def test_a_page_that_does_not_join_on_starts_anew(builds: BuildsModel) -> None:
    asked: list[int] = []
    builds.more_wanted.connect(asked.append)
    builds.show(page(3, 1))
    builds.refresh(page(303, 104, more=True))
    assert numbers(builds.rows) == list(range(303, 103, -1))
    builds.fetchMore(QModelIndex())
    assert asked == [104]


def test_an_older_page_is_refreshed_by_itself(builds: BuildsModel) -> None:
    builds.show(page(400, 201, more=True))
    builds.append(page(200, 1))
    builds.refresh(page(150, 100, more=True, log_lines=99), before=151)
    changed = [row.number for row in builds.rows if row.log_lines == 99]
    assert changed == list(range(150, 99, -1))
    assert len(builds.rows) == 400


def test_more_is_asked_for_once_until_it_came(builds: BuildsModel) -> None:
    asked: list[int] = []
    builds.more_wanted.connect(asked.append)
    builds.show(page(400, 201, more=True))
    builds.fetchMore(QModelIndex())
    builds.fetchMore(QModelIndex())
    assert asked == [201]
    builds.append(page(200, 1))
    assert not builds.canFetchMore(QModelIndex())
    assert builds.rowCount() == 400


def test_a_page_that_failed_can_be_asked_for_again(builds: BuildsModel) -> None:
    builds.show(page(400, 201, more=True))
    builds.fetchMore(QModelIndex())
    builds.give_up()
    assert builds.canFetchMore(QModelIndex())


def test_lines_that_were_told_do_not_go_back_while_a_build_runs(builds: BuildsModel) -> None:
    builds.show(BuildPage((running(1, log_lines=0),), more=False))
    builds.grow(1001, 500)
    builds.refresh(BuildPage((running(1, log_lines=300),), more=False))
    assert builds.index(0, Column.LINES).data() == "500"
    builds.take(a_build(1, log_lines=501))
    assert builds.index(0, Column.LINES).data() == "501"


def test_a_page_that_was_on_its_way_takes_no_build_back(builds: BuildsModel) -> None:
    """Seen failing: a build that had ended stood as running until the next change."""
    builds.show(BuildPage((running(version=2),), more=False))
    builds.take(a_build(version=3))
    builds.refresh(BuildPage((running(version=2),), more=False))
    assert builds.rows[0].state.finished


def test_a_page_that_was_on_its_way_removes_no_build_that_came(builds: BuildsModel) -> None:
    """Seen failing: what was started just then was gone, and with it the choice of it."""
    builds.show(page(2, 1))
    builds.take(a_build(3))
    builds.refresh(BuildPage((a_build(2),), more=False), newest=2)
    assert numbers(builds.rows) == [3, 2]


def test_time_goes_on_only_where_a_build_is_unfinished(builds: BuildsModel) -> None:
    builds.show(BuildPage((running(3), a_build(2), a_build(1)), more=False))
    told: list[int] = []
    builds.dataChanged.connect(lambda top, _bottom: told.append(top.row()))
    builds.tick()
    assert told == [0]


def shown(model: ProjectsModel) -> list[str]:
    return [model.index(row).data() for row in range(model.rowCount())]


def test_projects_come_go_and_move_without_losing_the_selection(
    projects: ProjectsModel,
) -> None:
    first: tuple[ProjectRow, ...] = (a_project(1, "a"), a_project(2, "b"), a_project(3, "c"))
    projects.show(first, {})
    kept = QPersistentModelIndex(projects.index(1))
    renamed = (a_project(1, "a"), a_project(4, "b2"), a_project(3, "c"), a_project(2, "z"))
    projects.show(renamed, {})
    assert shown(projects) == ["a", "b2", "c", "z"]
    assert kept.data() == "z"
    projects.show(renamed[1:], {})
    assert shown(projects) == ["b2", "c", "z"]
    assert kept.data() == "z"


def test_a_running_build_is_seen_at_once_and_ticks(projects: ProjectsModel) -> None:
    projects.show((a_project(7),), {})
    build = running()
    projects.take_build(build)
    assert projects.index(0).data(PROJECT_ROLE).running == build
    told: list[int] = []
    projects.dataChanged.connect(lambda top, _bottom: told.append(top.row()))
    projects.tick()
    assert told == [0]
    projects.take_build(a_build(state=BuildState.SUCCESS))
    assert projects.index(0).data(PROJECT_ROLE).running is None


def test_the_filter_finds_names_types_and_folders(projects: ProjectsModel) -> None:
    filtered = ProjectFilter(projects)
    QAbstractItemModelTester(filtered, _FATAL, filtered)
    projects.show((a_project(1, "Api", path="/src/one"), a_project(2, "web", path="/srv")), {})
    for text, names in (("API", ["Api"]), ("/srv", ["web"]), ("make", ["Api", "web"])):
        filtered.setFilterFixedString(text)
        rows = range(filtered.rowCount())
        assert [filtered.index(row, 0).data() for row in rows] == names
