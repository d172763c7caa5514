"""The tab with real builds: what is run, seen, cancelled and deleted in it."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMessageBox

from core.builds.schemas import BuildState, FailureReason
from core.security.actors import Role
from desktop.builds.history.model import Column
from desktop.builds.projects.model import PROJECT_ROLE
from tests.desktop.builds.conftest import Bench, until
from tests.desktop.builds.dialogs import answer, opened
from tests.desktop.builds.samples import a_build


def press(widget: object, key: Qt.Key) -> None:
    QTest.keyClick(widget, key)  # type: ignore[call-overload]


def cell(bench: Bench, row: int, column: Column) -> str:
    return str(bench.presenter.builds.index(row, column).data())


async def log_of(bench: Bench, lines: int) -> list[str]:
    """Return the lines of the shown log once so many are there."""
    log = bench.view.log_pane.log
    model = log.model()
    await until(lambda: log.lines >= lines, model.rowsInserted, model.modelReset)
    shown = [model.index(row, 0) for row in range(lines)]
    await until(lambda: all(one.data() != "…" for one in shown), model.dataChanged)
    return [one.data() for one in shown]


async def test_an_empty_workspace_offers_the_first_project(bench: Bench) -> None:
    empty = bench.view.no_projects
    assert bench.view.currentWidget() is empty
    empty.button.click()
    assert bench.tab.form is not None
    assert bench.tab.form.isVisible()


async def test_a_build_runs_and_its_log_and_figures_are_shown(bench: Bench) -> None:
    project = await bench.add("api", "echo hello; echo 'a.c:1: error: no'; exit 3")
    await bench.choose(project)
    assert bench.view.body.currentWidget() is bench.view.no_builds
    build = await bench.run_to_end()
    assert (build.state, build.reason, build.exit_code) == (
        BuildState.FAILED,
        FailureReason.EXIT_CODE,
        3,
    )
    assert await log_of(bench, 2) == ["hello", "a.c:1: error: no"]
    assert bench.view.body.currentWidget() is bench.view.right_split
    assert cell(bench, 0, Column.NUMBER) == "#1"
    assert cell(bench, 0, Column.TREND) == "1 error, exit code 3"
    details, log = bench.view.details, bench.view.log_pane
    await until(lambda: "1 error" in log.bar.counts, bench.presenter.log_summary)
    assert log.bar.counts == "2 lines · 1 error"
    assert not details.cancel_button.isVisible()
    assert bench.view.facts.text("outcome") == "Failed: exit code 3."
    assert bench.view.facts.text("end") == "Exit code 3"
    assert bench.view.facts.command.toPlainText() == project.command


async def test_secrets_are_named_but_never_shown(bench: Bench) -> None:
    project = await bench.add(
        "api",
        'echo "key $KEY $PLAIN"',
        secrets={"KEY": "hunter2-x"},
        environment={"PLAIN": "p"},
    )
    await bench.choose(project)
    await bench.run_to_end()
    table = bench.view.facts.variables
    texts = {table.item(row, 0).text(): table.item(row, 1).text() for row in range(2)}
    assert texts == {"PLAIN": "p", "KEY": "•••"}
    assert "hunter2" not in (await log_of(bench, 1))[0]


async def test_a_running_build_is_cancelled_by_its_button(bench: Bench) -> None:
    project = await bench.add("slow", "echo begun; exec sleep 600")
    await bench.choose(project)
    await bench.tab.deeds.run()
    presenter, button = bench.presenter, bench.view.details.cancel_button
    await until(
        lambda: presenter.build and presenter.build.state is BuildState.RUNNING,
        presenter.build_changed,
    )
    assert button.isVisible()
    assert button.isEnabled()
    assert await log_of(bench, 1) == ["begun"]
    projects = presenter.projects
    await until(
        lambda: projects.index(0).data(PROJECT_ROLE).running, presenter.projects_changed
    )
    assert projects.index(0).data(PROJECT_ROLE).running.id == presenter.build_id
    assert not bench.context.actions["project.delete"].isEnabled()
    button.click()
    await until(lambda: presenter.build.state.finished, presenter.build_changed)
    assert presenter.build.state is BuildState.CANCELLED
    assert not button.isVisible()
    assert bench.context.notifications.shown == ()


async def test_a_build_that_is_looked_at_tells_nothing_and_others_do(bench: Bench) -> None:
    seen = await bench.add("seen", "true")
    other = await bench.add("other", "exit 1")
    await bench.choose(seen)
    bench.window.activateWindow()
    await bench.run_to_end()
    assert bench.context.notifications.shown == ()
    actor = bench.context.actor
    build = await bench.context.workspace.run(
        lambda w: w.builds.queue(actor, project_id=other.id)
    )
    shown = bench.context.notifications
    await until(lambda: shown.shown, shown.changed)
    assert shown.shown[0].title == "other #1 failed"
    assert shown.shown[0].detail == "exit code 1"
    shown.shown[0].choices[0].handler()
    await until(lambda: bench.presenter.build_id == build.id, bench.presenter.build_chosen)
    assert bench.presenter.project.name == "other"


async def test_a_notification_of_a_build_goes_with_the_tab(bench: Bench) -> None:
    bench.tab.presenter.build_ended.emit(a_build())
    shown = bench.context.notifications
    shown.notify("of another")
    assert [one.title for one in shown.shown] == ["api #1 succeeded", "of another"]
    await bench.tab.close()
    assert [one.title for one in shown.shown] == ["of another"]


async def test_the_end_of_the_build_that_is_looked_at_is_announced(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a screen reader is handed; there is none to ask what it said."""
    said: list[str] = []
    monkeypatch.setattr(
        QAccessible, "updateAccessibility", lambda event: said.append(event.message())
    )
    bench.window.activateWindow()
    bench.presenter.build_id = a_build().id
    bench.presenter.build_ended.emit(a_build())
    assert bench.context.notifications.shown == ()
    assert said == ["api #1 succeeded"]


async def test_the_build_started_here_is_chosen_and_others_leave_the_choice(
    bench: Bench,
) -> None:
    project = await bench.add("api", "echo line")
    await bench.choose(project)
    first = await bench.run_to_end()
    second = await bench.run_to_end()
    table = bench.view.table
    assert table.currentIndex().row() == 0
    table.setFocus()
    press(table, Qt.Key.Key_Down)
    assert bench.presenter.build_id == first.id
    assert bench.presenter.build_id != second.id
    actor = bench.context.actor
    await bench.context.workspace.run(lambda w: w.builds.queue(actor, project_id=project.id))
    builds = bench.presenter.builds
    await until(lambda: builds.rowCount() == 3, builds.rowsInserted)
    assert bench.presenter.build_id == first.id
    assert table.currentIndex().row() == 2
    await until(lambda: builds.rows[0].state.finished, builds.dataChanged)


async def test_the_list_is_used_by_keyboard(bench: Bench) -> None:
    first = await bench.add("a", "true")
    second = await bench.add("b", "true")
    await bench.choose(first)
    bench.tab.focus_main()
    projects = bench.view.projects.list
    press(projects, Qt.Key.Key_Down)
    await until(lambda: bench.shown_project == second.id, bench.presenter.project_chosen)
    press(projects, Qt.Key.Key_Return)
    assert bench.tab.form is not None
    assert bench.tab.form.form.values()["name"] == "b"
    bench.tab.form.reject()
    assert bench.tab.form is None


async def test_shortcuts_run_and_cancel_builds_and_open_the_form(bench: Bench) -> None:
    project = await bench.add("api", "exec sleep 600")
    await bench.choose(project)
    bench.window.activateWindow()
    bench.tab.focus_main()
    control = Qt.KeyboardModifier.ControlModifier
    presenter, projects = bench.presenter, bench.view.projects.list
    QTest.keyClick(projects, Qt.Key.Key_R, control)
    await until(
        lambda: presenter.build and presenter.build.state is BuildState.RUNNING,
        presenter.build_chosen,
        presenter.build_changed,
    )
    QTest.keyClick(projects, Qt.Key.Key_Period, control)
    await until(lambda: presenter.build.state.finished, presenter.build_changed)
    assert presenter.build.state is BuildState.CANCELLED
    QTest.keyClick(projects, Qt.Key.Key_N, control | Qt.KeyboardModifier.ShiftModifier)
    assert bench.tab.form is not None
    bench.tab.form.reject()
    await until(
        bench.context.actions["project.delete"].isEnabled,
        presenter.projects_changed,
    )
    press(projects, Qt.Key.Key_Delete)
    assert "Delete “api”?" in await answer(bench.view, "Keep it")


async def test_delete_in_the_table_of_builds_deletes_no_project(bench: Bench) -> None:
    project = await bench.add("api", "true")
    await bench.choose(project)
    await bench.run_to_end()
    bench.window.activateWindow()
    bench.view.table.setFocus()
    press(bench.view.table, Qt.Key.Key_Delete)
    await asyncio.sleep(0)
    assert bench.view.findChildren(QMessageBox) == []


async def test_deleting_says_what_goes_and_can_be_given_up(bench: Bench) -> None:
    first = await bench.add("a", "true")
    second = await bench.add("b", "true")
    await bench.choose(second)
    await bench.run_to_end()
    presenter = bench.presenter
    await until(lambda: presenter.project.builds == 1, presenter.projects_changed)
    delete = bench.context.actions["project.delete"]
    await until(delete.isEnabled, delete.enabledChanged)  # not while one of its builds runs
    delete.trigger()
    asked = await answer(bench.view, "Keep it")
    assert "Delete “b”?" in asked
    assert "1 build is deleted with it." in asked
    delete.trigger()
    await opened(bench.view, QMessageBox)
    assert presenter.projects.find(second.id) is not None
    await answer(bench.view, "Delete project")
    await until(lambda: bench.shown_project == first.id, presenter.project_chosen)
    assert presenter.projects.find(second.id) is None


async def test_a_filter_without_match_says_so_and_gives_way(bench: Bench) -> None:
    project = await bench.add("api", "true")
    await bench.choose(project)
    panel = bench.view.projects
    panel.filter.setText("zzz")
    assert not panel.list.isVisible()
    assert "zzz" in panel._no_match.text()
    panel.choose(project.id)
    assert panel.filter.text() == ""
    assert panel.list.isVisible()


async def test_an_inactive_project_says_why_it_cannot_run(bench: Bench) -> None:
    project = await bench.add("old", "true", active=False)
    await bench.choose(project)
    run = bench.context.actions["build.run"]
    assert not run.isEnabled()
    assert "not active" in run.toolTip()
    assert not bench.view.header.run_button.isEnabled()
    assert "not active" in bench.view.header.run_button.toolTip()


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.VIEWER, set[str]()),
        (Role.OPERATOR, {"build.run"}),
        (Role.ADMINISTRATOR, {"build.run", "project.new", "project.edit", "project.delete"}),
    ],
)
async def test_each_role_may_do_what_it_may(bench: Bench, allowed: set[str]) -> None:
    await bench.choose(await bench.add("api", "true"))
    actions = bench.context.actions
    ids = ("build.run", "project.new", "project.edit", "project.delete")
    assert {one for one in ids if actions[one].isEnabled()} == allowed
    for one in set(ids) - allowed:
        assert "administrators" in actions[one].toolTip()


async def test_what_was_chosen_and_laid_out_is_kept(bench: Bench) -> None:
    await bench.add("a", "true")
    second = await bench.add("b", "true")
    await bench.choose(second)
    bench.view.table.setColumnWidth(Column.STATE, 201)
    bench.tab.problems.split.setSizes([300, 100])
    parted = bench.tab.problems.split.saveState()
    bench.tab.save_state()
    from desktop.builds.tab import BuildsTab

    bench.context.actions.clear()
    again = BuildsTab(bench.context)
    try:
        await again.load()
        presenter = again.presenter
        await until(lambda: presenter._builds_of == second.id, presenter.project_chosen)
        assert again.view.table.columnWidth(Column.STATE) == 201
        assert again.problems.split.saveState() == parted
    finally:
        await again.close()
        again.view.deleteLater()


async def test_a_log_is_saved_as_a_job_that_people_see(bench: Bench, tmp_path: Path) -> None:
    await bench.choose(await bench.add("api", "echo one; echo two"))
    await bench.run_to_end()
    bench.context.actions["build.save_log"].trigger()
    dialog = await opened(bench.view, QFileDialog)
    (proposed,) = dialog.selectedFiles()
    assert Path(proposed).name == "api-1.log"
    # Not where the program was started.
    assert Path(proposed).parent != Path.cwd()
    target = tmp_path / "out.log"
    dialog.selectFile(str(target))
    dialog.accept()
    shown = bench.context.notifications
    saved = "The log was saved"
    await until(lambda: saved in [one.title for one in shown.shown], shown.changed)
    assert target.read_text() == "one\ntwo\n"
    jobs = bench.context.activity.jobs()
    assert [job.snapshot.title for job in jobs] == ["Saving the log of api #1"]
    bench.context.actions["build.save_log"].trigger()
    again = await opened(bench.view, QFileDialog)
    assert again.selectedFiles() == [str(tmp_path / "api-1.log")]
    again.reject()


async def test_following_is_switched_by_button_action_and_scrolling(bench: Bench) -> None:
    await bench.choose(await bench.add("api", "seq 1 400"))
    await bench.run_to_end()
    await log_of(bench, 400)
    details, follow = bench.view.log_pane, bench.context.actions["build.follow"]
    button: QAbstractButton = details.follow_button
    assert details.log.following
    assert button.isChecked()
    button.click()
    assert not details.log.following
    bench.context.actions["build.log_end"].trigger()
    assert details.log.following
    assert button.isChecked()
    bench.context.actions["build.log_start"].trigger()
    assert not details.log.following
    assert not follow.isChecked()
    assert details.log.verticalScrollBar().value() == 0


async def test_a_deleted_folder_is_told_as_the_end_of_the_build(bench: Bench) -> None:
    folder = bench.folder / "gone"
    folder.mkdir()
    await bench.choose(await bench.add("api", "true", path=str(folder)))
    await asyncio.to_thread(folder.rmdir)
    build = await bench.run_to_end()
    assert build.state is BuildState.FAILED
    assert build.reason is FailureReason.NOT_STARTED
    assert bench.view.facts.text("outcome") == "Failed: could not be started."
    assert bench.view.facts.text("message") == build.message != ""
