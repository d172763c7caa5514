"""The log and the problems of a real build in the tab, by the keys of a person."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from desktop.widgets.log_view import Times
from tests.desktop.builds.conftest import Bench
from tests.desktop.builds.dialogs import opened
from tests.desktop.builds.test_builds_tab import log_of
from tests.waiting import until

_COMMAND = r"""
seq 1 50
echo '::group::Dependencies'; seq -f 'dep %g' 10; echo '::endgroup::'
printf '\033[31mrotten\033[0m needle\n'
echo 'src/a.c:41:17: error: expected ; before }'
exit 2
"""
_CONTROL = Qt.KeyboardModifier.ControlModifier


async def _built(bench: Bench) -> None:
    await bench.choose(await bench.add("api", _COMMAND))
    await bench.run_to_end()
    bench.window.activateWindow()
    log = bench.view.log_pane.log
    await until(lambda: log.lines == 64)
    # Folded, as the build has ended when its log is looked at again.
    other = await bench.add("other", "true")
    await bench.choose(other)
    bench.presenter.choose_project(bench.presenter.projects.at(0).id)
    await until(lambda: log.model().rowCount() == 64 - 11)


async def test_a_log_is_searched_and_folded_and_errors_are_found(bench: Bench) -> None:
    await _built(bench)
    pane, table = bench.view.log_pane, bench.view.table
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_F8)
    await until(lambda: pane.log.line == 63)
    QTest.keyClick(pane.log, Qt.Key.Key_F, _CONTROL)
    await until(pane.field.edit.hasFocus)
    QTest.keyClicks(pane.field.edit, "dep 7")
    await until(lambda: pane.bar.status.text() == "1 of 1")
    assert pane.log.line == 57
    assert pane.log.model().rowCount() == 64
    pane.field.edit.setText("rotten n")
    await until(lambda: pane.log.line == 62)
    QTest.keyClick(pane.field.edit, Qt.Key.Key_Escape)
    assert pane.log.hasFocus()
    bench.context.actions["build.fold_all"].trigger()
    assert pane.log.model().rowCount() == 64 - 11


async def test_problems_of_a_build_lead_to_its_log(bench: Bench) -> None:
    await _built(bench)
    pane, details = bench.tab.problems, bench.view.details
    await until(lambda: details.bar.tabText(1) == "Problems  1")
    details.bring(pane)
    await until(lambda: pane.model.rowCount() == 1)
    assert pane.model.index(0, 1).data() == "src/a.c:41:17"
    assert pane.excerpt.line == 63
    pane.log_button.click()
    assert details.pane is bench.view.log_pane
    assert bench.view.log_pane.log.line == 63


async def test_a_log_is_saved_as_plain_text(bench: Bench, tmp_path: Path) -> None:
    await _built(bench)
    bench.context.actions["build.save_log"].trigger()
    dialog = await opened(bench.view, QFileDialog)
    plain = dialog.nameFilters()[1]
    dialog.selectNameFilter(plain)
    dialog.selectFile(str(tmp_path / "out.log"))
    dialog.accept()
    shown, saved = bench.context.notifications, tmp_path / "out.txt"
    await until(lambda: str(saved) in [one.detail for one in shown.shown])
    assert "\nrotten needle\nsrc/a.c:41:17" in saved.read_text()


async def test_the_choice_of_times_is_kept(bench: Bench) -> None:
    await bench.choose(await bench.add("api", "echo one"))
    await bench.run_to_end()
    await log_of(bench, 1)
    bench.view.log_pane.times = Times.CLOCK
    bench.tab.save_state()
    assert bench.context.settings.value("log_times") == "clock"
    bench.view.log_pane.times = Times.OFF
    bench.tab._restore_state()
    assert bench.view.log_pane.times is Times.CLOCK
