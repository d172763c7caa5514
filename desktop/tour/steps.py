"""The steps of the tour, in their order; it grows with each part of the application."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from core.builds.schemas import BuildRow, BuildState
from core.translation import _
from desktop.performance.maintenance import MaintenancePage
from desktop.tour.builds_steps import BUILDS_STEPS
from desktop.tour.care_steps import CARE_STEPS
from desktop.tour.guide import LARGE, SIZE, Guide, Step, TourError
from desktop.tour.people_steps import PEOPLE_STEPS
from desktop.tour.performance_steps import PERFORMANCE_STEPS, show
from desktop.tour.sign_in_steps import SIGN_IN_STEPS

_TURNS = 6
_SLOW = (
    "i=0; while [ $i -lt 600 ]; do i=$((i+1));"
    ' printf "\\033[36m[%3d/600]\\033[0m linking part %d\\n" $i $i;'
    ' [ $((i % 40)) -eq 0 ] && echo "part_$i.c:7: warning: unused variable";'
    " sleep 0.02; done"
)


async def welcome(guide: Guide) -> str:
    """Look at the first page of a new user."""
    await guide.picture("welcome-first")
    return "nothing was opened before"


async def demo(guide: Guide) -> str:
    """Make the demo, whose projects are really built."""
    guide.trigger("file.demo")
    await guide.until(lambda: guide.conduct.workspaces.session is not None, "the demo to open")
    guide.show_tab("builds")
    tab = guide.builds
    projects = tab.presenter.projects
    await guide.until(lambda: projects.rowCount() > 0, "the projects of the demo")

    def all_built() -> bool:
        rows = [projects.at(place) for place in range(projects.rowCount())]
        return all(row.recent and BuildState(row.recent[-1].state).finished for row in rows)

    await guide.until(all_built, "the demo to be built")
    await guide.picture("notifications", toasts=True)
    rows = [projects.at(place) for place in range(projects.rowCount())]
    return ", ".join(f"{row.name} {row.recent[-1].state}" for row in rows)


async def again(guide: Guide) -> str:
    """Build everything a few times more, so that there is a history to look at."""
    presenter = guide.builds.presenter
    projects = [presenter.projects.at(place) for place in range(presenter.projects.rowCount())]
    for _turn in range(_TURNS):
        for project in projects:
            await presenter.run_build(project.id)

    def all_built() -> bool:
        rows = [presenter.projects.find(project.id) for project in projects]
        return all(
            row is not None
            and row.builds == _TURNS + 1
            and all(BuildState(build.state).finished for build in row.recent)
            for row in rows
        )

    await guide.until(all_built, "the queue to be worked off")
    return f"{_TURNS * len(projects)} more builds"


async def succeeded(guide: Guide) -> str:
    """Look at a build that went well."""
    build = await _choose(guide, BuildState.SUCCESS)
    await guide.picture("builds-success")
    guide.window.resize(*LARGE)
    await guide.picture("builds-success-large")
    guide.window.resize(*SIZE)
    return f"{build.project} #{build.number}, {build.log_lines} lines of log"


async def failed(guide: Guide) -> str:
    """Look at a build that failed, and at why."""
    build = await _choose(guide, BuildState.FAILED)
    await guide.picture("builds-failed")
    guide.builds.view.details.bring(guide.builds.view.facts)
    await guide.picture("builds-details")
    guide.builds.view.details.bring(guide.builds.view.log_pane)
    return f"{build.project} #{build.number}, {build.errors} errors in its log"


async def form_errors(guide: Guide) -> str:
    """Fill a form with what cannot be taken; each message stands at its place."""
    tab = guide.builds
    guide.trigger("project.new")
    await guide.until(lambda: tab.form is not None, "the form")
    form = tab.form
    if form is None:
        raise TourError("The form did not stay open.")
    form.form.set_values(
        {
            "name": "  ",
            "path": "/there/is/no/such/folder",
            "command": "make",
            "environment": {"NOT LEGAL": "1"},
        }
    )
    form.submit()
    await guide.until(lambda: bool(form.form.error("name")), "a message beside the name")
    if not form.form.error("environment"):
        raise TourError("An illegal variable name was not refused.")
    await guide.picture("project-form-errors", form)
    form.form.set_values({"name": "nightly", "environment": {}})
    form.submit()
    await guide.until(lambda: bool(form.form.error("path")), "a message beside the folder")
    folder = guide.scratch / "nightly"
    folder.mkdir()
    form.form.set_values({"path": str(folder), "command": _SLOW})
    await guide.picture("project-form", form)
    form.submit()
    await guide.until(lambda: tab.form is None, "the project to be stored")
    return "corrected in place and stored"


async def cancelled(guide: Guide) -> str:
    """Run a build, watch it, and cancel it."""
    tab = guide.builds
    await guide.until(
        lambda: tab.presenter.project is not None and tab.presenter.project.name == "nightly",
        "the new project to be chosen",
    )
    await guide.picture("project-without-builds")
    guide.trigger("build.run")
    await guide.until(lambda: tab.view.log_pane.log.lines > 60, "the log to grow")
    await guide.picture("builds-running")
    guide.trigger("build.cancel")
    await guide.until(
        lambda: _state(guide) is BuildState.CANCELLED, "the build to be cancelled"
    )
    await guide.picture("builds-cancelled")
    return f"cancelled after {tab.view.log_pane.log.lines} lines"


async def log_saved(guide: Guide) -> str:
    """Write a log into a file, as a job that is seen in the activity panel."""
    tab = guide.builds
    build = tab.presenter.build
    if build is None:
        raise TourError("No build is chosen.")
    target = guide.scratch / "saved.log"
    await tab.presenter.save_log(build, target)
    lines = len(target.read_bytes().splitlines())
    if lines != tab.view.log_pane.log.lines:
        raise TourError(f"{lines} lines were saved of {tab.view.log_pane.log.lines}.")
    guide.trigger("view.activity")
    await guide.picture("activity")
    guide.trigger("view.activity")
    return f"{lines} lines"


async def windows(guide: Guide) -> str:
    """Open settings, diagnostics and about."""
    seen = []
    for action, name in (
        ("file.settings", "settings"),
        ("help.diagnostics", "diagnostics"),
        ("help.about", "about"),
    ):
        guide.trigger(action)
        await guide.until(lambda: bool(guide.dialogs()), name)
        (dialog,) = guide.dialogs()
        await guide.picture(name, dialog)
        seen.append(dialog.windowTitle())
        dialog.close()
    return ", ".join(seen)


async def plain(guide: Guide) -> str:
    """Open a SQLite file of somebody else; it stays as it is."""
    path = guide.scratch / "shop.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT)")
        connection.executemany("INSERT INTO orders (item) VALUES (?)", [("tea",), ("milk",)])
        connection.commit()
    before = _digest(path)
    await guide.conduct.workspaces.open_path(path)
    await guide.picture("plain-database")
    await guide.conduct.workspaces.close()
    if _digest(path) != before:
        raise TourError("The file was changed.")
    return "not a byte of it changed"


async def refused(guide: Guide) -> str:
    """Try to open what is not a database; the welcome page says why it cannot be."""
    path = guide.scratch / "notes.db"
    path.write_text("These are notes, not a database. " * 40, "utf-8")
    await guide.conduct.workspaces.open_path(path)
    welcome = guide.conduct.workspaces.welcome
    await guide.until(welcome.error.isVisible, "the reason on the welcome page")
    await guide.picture("welcome-error")
    return _("the reason stands on the welcome page")


async def damaged(guide: Guide) -> str:
    """Try to open what is damaged, and look at the backup that can take its place."""
    path, workspaces = guide.scratch / "shop.sqlite", guide.conduct.workspaces
    await workspaces.open_path(path)
    page = show(guide, "maintenance", MaintenancePage)
    await guide.until(lambda: page.backups.holder.filled, "the backups")
    await page.backups.make(None)
    await workspaces.close()
    path.write_bytes(path.read_bytes()[:4_000])
    await workspaces.open_path(path)
    await guide.until(workspaces.welcome.error.isVisible, "the reason on the welcome page")
    workspaces.welcome.error.action_button.click()
    await guide.until(lambda: workspaces.restoring.shown.shown is not None, "its backups")
    window = workspaces.restoring.shown.shown
    if window is None or window.table.current is None:
        raise TourError("The backup of the damaged file was not found.")
    name = window.table.current.name
    await guide.picture("restore-backup", window)
    window.reject()
    return name


STEPS = (
    Step("The welcome page", welcome),
    Step("Try the demo", demo),
    Step("Build it again and again", again),
    Step("A build that succeeded", succeeded),
    Step("A build that failed", failed),
    Step("A new project, with mistakes", form_errors),
    Step("Run, follow and cancel a build", cancelled),
    Step("Save a log", log_saved),
    Step("Settings, diagnostics, about", windows),
    *BUILDS_STEPS,
    *PERFORMANCE_STEPS,
    *CARE_STEPS,
    *PEOPLE_STEPS,
    *SIGN_IN_STEPS,
    Step("Any other SQLite file", plain),
    Step("A file that is no database", refused),
    Step("A damaged file and its backup", damaged),
)


async def _choose(guide: Guide, state: BuildState) -> BuildRow:
    """Choose the first project whose last build ended so, and wait for its log."""
    presenter = guide.builds.presenter
    for place in range(presenter.projects.rowCount()):
        project = presenter.projects.at(place)
        if project.recent and project.recent[-1].state == state.value:
            presenter.choose_project(project.id)
            await guide.until(
                lambda: _state(guide) is state and guide.builds.view.log_pane.log.lines > 0,
                f"the log of {project.name}",
            )
            build = presenter.build
            if build is not None:
                return build
    raise TourError(f"No project of the demo ended as {state.value}; are its tools installed?")


def _state(guide: Guide) -> BuildState | None:
    build = guide.builds.presenter.build
    return build.state if build else None


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
