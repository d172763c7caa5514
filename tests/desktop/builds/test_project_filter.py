"""Which projects are listed, and in which order."""

from datetime import timedelta
from typing import Any

import pytest

from core.projects.schemas import RecentBuild
from desktop.builds.projects.filter import Activity, Arrangement, Order, ProjectFilter, Shown
from desktop.builds.projects.model import ProjectsModel
from tests.desktop.builds.conftest import Bench
from tests.desktop.builds.samples import NOW, a_project, running

_ROWS = (
    a_project(1, "api", success_rate=0.5, last_queued_at=NOW, tags=("backend",)),
    a_project(
        2,
        "docs",
        success_rate=0.1,
        last_queued_at=NOW + timedelta(hours=1),
        recent=(RecentBuild(1, "failed", 5), RecentBuild(2, "cancelled", 5)),
    ),
    a_project(3, "new", builds=0, success_rate=None, recent=()),
    a_project(4, "old", active=False, success_rate=0.9, last_queued_at=NOW - timedelta(days=9)),
)


@pytest.fixture
def filtered(qapp: Any) -> ProjectFilter:
    model = ProjectsModel()
    model.show(_ROWS, {1: running(project_id=1)})
    made = ProjectFilter(model)
    model.setParent(made)
    return made


def names(filtered: ProjectFilter) -> list[str]:
    return [filtered.index(row, 0).data() for row in range(filtered.rowCount())]


@pytest.mark.parametrize(
    ("arrangement", "expected"),
    [
        (Arrangement(), ["api", "docs", "new", "old"]),
        (Arrangement(shown=Shown.BUSY), ["api"]),
        (Arrangement(shown=Shown.FAILED), ["docs"]),
        (Arrangement(shown=Shown.SUCCESS), ["api", "old"]),
        (Arrangement(shown=Shown.NEVER), ["new"]),
        (Arrangement(activity=Activity.INACTIVE), ["old"]),
        (Arrangement(Shown.SUCCESS, Activity.ACTIVE), ["api"]),
        (Arrangement(order=Order.LATEST), ["docs", "api", "old", "new"]),
        (Arrangement(order=Order.FAILURES), ["docs", "api", "new", "old"]),
        (Arrangement(order=Order.RATE), ["docs", "api", "old", "new"]),
    ],
)
def test_an_arrangement_shows_its_projects_in_its_order(
    filtered: ProjectFilter, arrangement: Arrangement, expected: list[str]
) -> None:
    filtered.arrange(arrangement)
    assert names(filtered) == expected
    assert Arrangement.from_text(arrangement.as_text()) == arrangement


def test_what_was_kept_wrongly_is_the_usual() -> None:
    for text in ("", "all", "a/b/c", "all/all/name/more"):
        assert Arrangement.from_text(text) == Arrangement()


def test_tags_are_found(filtered: ProjectFilter) -> None:
    filtered.setFilterFixedString("BACKEND")
    assert names(filtered) == ["api"]


async def test_the_list_keeps_the_choice_and_shows_what_it_would_hide(bench: Bench) -> None:
    first = await bench.add("a", "true")
    await bench.add("b", "true", active=False)
    panel = bench.view.projects
    panel.arrange_button.choices["Activity", "inactive"].trigger()
    assert panel.proxy.rowCount() == 1
    assert "Inactive" in panel.arrange_button.toolTip()
    panel.choose(first.id)
    assert panel.proxy.rowCount() == 2
    panel.arrange_button.choices["Shown", "failed"].trigger()
    assert panel._stack.currentIndex() == 1
    panel.show_all()
    assert panel._stack.currentIndex() == 0
    panel.arrange_button.choices["Order", "latest"].trigger()
    bench.tab.save_state()
    kept = bench.context.settings.value("projects")
    assert Arrangement.from_text(str(kept)).order is Order.LATEST
