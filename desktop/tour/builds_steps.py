"""The steps of the tour about repositories, the queue, the statistics, and why builds fail."""

import asyncio
import os
import shutil
from pathlib import Path

from core.builds.schemas import BuildRow, BuildState
from core.projects.schemas import BuildType, Checkout, ProjectCreate, ProjectType
from core.triggers.schemas import TriggerCreate, TriggerType
from desktop.builds.areas import Area
from desktop.builds.panes.artifacts import ArtifactsPane
from desktop.builds.panes.compare import ComparePane
from desktop.builds.panes.metrics import MetricsPane
from desktop.builds.panes.pane import Pane
from desktop.builds.panes.problems import ProblemsPane
from desktop.tour.guide import LARGE, SIZE, Guide, Step, TourError

_NAME = "ledger"
_SLOW = (_NAME, "nightly")  # of the tour itself; those of the demo are built at once
_MAKEFILE = """\
all:
\t@echo "::group::Tools"
\t@cc --version || true
\t@echo "::endgroup::"
\t@echo "::group::Compile"
\tcc -Wall -Wextra -O2 -c ledger.c -o ledger.o
\tcc ledger.o -o ledger
\t@echo "::endgroup::"
\t./ledger
"""
_GOOD = """\
#include <stdio.h>
int main(void) {
    int unused;
    unsigned long sum = 0;
    for (unsigned long i = 0; i < 400000000UL; i++) sum += i ^ (sum >> 3);
    printf("balance %lu\\n", sum);
    return 0;
}
"""
_BAD = _GOOD.replace("return 0;", "return balance;")


async def repository(guide: Guide) -> str:
    """Build commits of a repository, a good one and one that does not compile."""
    if shutil.which("git") is None or shutil.which("cc") is None:
        return "left out: git and a C compiler are needed"
    origin = guide.scratch / "ledger"
    await asyncio.to_thread(origin.mkdir)
    await asyncio.to_thread((origin / "Makefile").write_text, _MAKEFILE)
    await _git(origin, "init", "-q", "-b", "main")
    await _commit(origin, _GOOD, "Sum the ledger")
    tab = guide.builds
    guide.trigger("project.new")
    if tab.form is None:
        raise TourError("The form did not open.")
    tab.form.done(0)
    project = await tab.presenter.create(
        ProjectCreate(
            name=_NAME,
            description="Built from commits, in a clean work tree of its own.",
            type=ProjectType.MAKE,
            tags=("ledger", "nightly"),
            repository_url=origin.as_uri(),
            branch="main",
            checkout=Checkout.OWN_TREE,
            command="make",
            build_types=(BuildType(name="debug", environment={"CFLAGS": "-g"}),),
            before_steps=("date",),
            after_steps=("du -sh .",),
            artifact_patterns=("ledger", "*.o"),
        )
    )
    first = await _built(guide, project.id)
    await _commit(origin, _BAD, "Return the balance")
    second = await _built(guide, project.id)
    await _commit(origin, _GOOD.replace("int unused;", ""), "Remove what is not used")
    third = await _built(guide, project.id)
    await _look(guide, ComparePane, "builds-compare")
    await _look(guide, ArtifactsPane, "builds-artifacts")
    await _look(guide, MetricsPane, "builds-metrics")
    tab.presenter.choose_build(second.id)
    await guide.until(lambda: tab.presenter.build_id == second.id, "the failed build")
    await _look(guide, ProblemsPane, "builds-problems")
    tab.view.details.bring(tab.view.log_pane)
    await asyncio.sleep(0.5)
    await guide.picture("builds-repository")
    tab.view.log_pane.field.edit.setText("ledger")
    await asyncio.sleep(0.5)
    await guide.picture("builds-search")
    tab.view.log_pane.field.edit.clear()
    guide.window.resize(*LARGE)
    await guide.picture("builds-repository-large")
    guide.window.resize(*SIZE)
    states = [build.state.value for build in (first, second, third)]
    if states != ["success", "failed", "success"] or not second.problems:
        raise TourError(f"The builds ended as {states}, with {second.problems} problems.")
    return f"commits {first.commit_hash[:7]} to {third.commit_hash[:7]}: {', '.join(states)}"


async def forms(guide: Guide) -> str:
    """Look at what can be chosen for one build, and what starts builds by itself."""
    tab = guide.builds
    project = tab.presenter.project
    if project is None:
        raise TourError("No project is chosen.")
    guide.trigger("build.run_with")
    form = tab.deeds.run_form.shown
    if form is None:
        raise TourError("The form did not open.")
    await guide.picture("builds-run-with", form)
    form.done(0)
    guide.trigger("project.edit")
    if tab.form is None:
        raise TourError("The form did not open.")
    await guide.picture("project-form-edit", tab.form)
    tab.form.done(0)
    return f"run with…, the form of {project.name}"


async def triggers(guide: Guide) -> str:
    """Let a schedule and the success of another project start builds."""
    tab = guide.builds
    project, *others = [tab.presenter.projects.at(place) for place in range(3)]
    tab.presenter.choose_project(project.id)
    session = guide.conduct.workspaces.session
    if session is None:
        raise TourError("No workspace is open.")
    actor = session.actor
    schedule = TriggerCreate(kind=TriggerType.SCHEDULE, expression="30 2 * * 1-5")
    after = TriggerCreate(kind=TriggerType.AFTER_PROJECT, source_project_id=others[0].id)
    await session.client.run(
        lambda w: w.triggers.create(actor, project_id=project.id, data=schedule)
    )
    await session.client.run(
        lambda w: w.triggers.create(actor, project_id=project.id, data=after)
    )
    guide.trigger("project.schedule")
    dialog = tab.project_deeds.triggers.shown
    if dialog is None:
        raise TourError("The triggers did not open.")
    await asyncio.sleep(0.5)
    await guide.picture("triggers", dialog)
    dialog.done(0)
    return f"{project.name} is built on weekdays at 2:30 and after {others[0].name}"


async def queue(guide: Guide) -> str:
    """Let builds wait in a paused queue, put one before the others, and let them run."""
    tab = guide.builds
    guide.trigger("builds.queue")
    await guide.picture("queue-empty")
    await tab.queue.pause()
    known = tab.presenter.projects
    projects = [known.at(place) for place in range(known.rowCount())]
    projects = [project for project in projects if project.name not in _SLOW][:3]
    for project in projects:
        await tab.presenter.run_build(project.id)
    tab.show_queue()
    await guide.until(lambda: len(tab.queue.model.waiting) == len(projects), "the queue")
    last = tab.queue.model.waiting[-1]
    tab.queue.page.choose(last.id)
    await tab.queue.move_first()
    if tab.queue.model.waiting[0].id != last.id:
        raise TourError("The build did not move to the front.")
    await guide.picture("queue")
    await tab.queue.pause()
    await guide.until(lambda: not tab.queue.model.rows, "the queue to be empty")
    return f"{len(projects)} builds waited, {last.project} went first"


async def statistics(guide: Guide) -> str:
    """Look at the figures of all projects, and of one."""
    tab = guide.builds
    guide.trigger("builds.statistics")
    page = tab.statistics.page
    total = page.cards["total"].figure
    await guide.until(lambda: total.text() not in ("…", "0"), "the figures")
    await guide.picture("statistics")
    guide.window.resize(*LARGE)
    await guide.picture("statistics-large")
    guide.window.resize(*SIZE)
    counted = total.text()
    page.scope.setCurrentIndex(1)
    page.asked.emit()
    await guide.until(page.trend.isVisible, "the figures of one project")
    await guide.picture("statistics-project")
    tab.view.show_area(Area.PROJECT)
    return f"{counted} builds in {page.days} days"


async def _look(guide: Guide, kind: type[Pane], name: str) -> None:
    """Bring a pane to the front and take its picture."""
    details = guide.builds.view.details
    pane = next(one for one in details.panes if isinstance(one, kind))
    details.bring(pane)
    await asyncio.sleep(0.5)
    await guide.picture(name)


async def _built(guide: Guide, project_id: int) -> BuildRow:
    """Run a build of a project and return it as it ended."""
    presenter = guide.builds.presenter
    queued = await presenter.run_build(project_id)

    def ended() -> bool:
        build = presenter.builds.find(queued.id)
        done = build is not None and build.state.finished
        return done and build is not None and build.problems is not None

    await guide.until(ended, "the build to end")
    found = presenter.builds.find(queued.id)
    if found is None or found.state is BuildState.PENDING:
        raise TourError("The build is gone.")
    return found


async def _commit(folder: Path, code: str, subject: str) -> None:
    await asyncio.to_thread((folder / "ledger.c").write_text, code)
    await _git(folder, "add", ".")
    await _git(folder, "-c", "user.name=Ada", "-c", "user.email=ada@example.org",
               "commit", "-q", "-m", subject)  # fmt: skip


async def _git(folder: Path, *words: str) -> None:
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    process = await asyncio.create_subprocess_exec(
        "git", "-C", str(folder), *words, env=environment
    )
    if await process.wait():
        raise TourError(f"git {words[0]} failed.")


BUILDS_STEPS = (
    Step("Build commits of a repository", repository),
    Step("Look at forms", forms),
    Step("Let builds start by themselves", triggers),
    Step("Arrange the queue", queue),
    Step("Look at statistics", statistics),
)
