"""Projects into a file and back, with what is chosen of it."""

import json
from pathlib import Path

from core.projects.schemas import BuildType
from core.projects.transfer.schemas import Existing
from desktop.builds.projects.transfer.export_dialog import ExportDialog
from desktop.builds.projects.transfer.import_dialog import ImportDialog
from tests.desktop.builds.conftest import Bench, until


async def exported(bench: Bench, path: Path) -> Path:
    """Write all projects into a file."""
    rows = bench.presenter.projects.rows
    transfers = bench.tab.project_deeds.transfers
    await transfers._write(tuple(row.id for row in rows), path, True)
    return path


async def planned(bench: Bench, path: Path) -> ImportDialog:
    """Show what a file holds."""
    calls = bench.tab.project_deeds.transfers._calls
    context = bench.context
    dialog = ImportDialog(
        bench.view, context.theme, context.tasks, calls, await calls.examine(path)
    )
    dialog.show()
    return dialog


async def test_ticks_say_what_is_exported(bench: Bench) -> None:
    first = await bench.add("a", "true")
    second = await bench.add("b", "true")
    dialog = ExportDialog(bench.view, bench.presenter.projects.rows, first.id)
    assert dialog.ids == (first.id,)
    dialog._tick(False)
    assert not dialog.export_button.isEnabled()
    dialog._tick(True)
    assert list(dialog.ids) == [first.id, second.id]


async def test_each_entry_is_taken_as_it_was_chosen(bench: Bench, tmp_path: Path) -> None:
    """Mutant: one manner for all entries replaced what was to be renamed."""
    types = (BuildType(name="debug"),)
    for name in ("a", "b", "c", "d"):
        await bench.add(name, "true", build_types=types, secrets={"KEY": "hunter2-x"})
    path = await exported(bench, tmp_path / "projects.json")
    document = json.loads(path.read_text())
    assert "hunter2" not in path.read_text()
    document["projects"][0].update(name="new")
    document["projects"][1].update(command="changed")
    document["projects"][3].update(name="")
    path.write_text(json.dumps(document))
    dialog = await planned(bench, path)
    new, replaced, renamed, wrong = dialog.cards
    assert dialog.chosen == {1: Existing.RENAME}
    assert not wrong.tick.isEnabled()
    for card, manner in ((replaced, Existing.REPLACE), (renamed, Existing.RENAME)):
        card.tick.click()
        card.manner.set_value(manner)
    assert dialog.import_button.text() == "Import 3 projects"
    dialog.import_button.click()
    await until(lambda: dialog.report, dialog.answered)
    assert "Added: new, c (2)" in dialog.told.text()
    assert "Replaced: b" in dialog.told.text()
    presenter = bench.presenter
    await until(lambda: presenter.projects.rowCount() == 6, presenter.projects_changed)
    rows = {row.name: row for row in presenter.projects.rows}
    assert rows["b"].command == "changed"
    assert not rows["new"].active
    assert rows["new"].build_types == types
    dialog.import_button.click()
    assert not dialog.isVisible()
    assert new.choice is Existing.RENAME


async def test_nothing_chosen_is_nothing_to_import(bench: Bench, tmp_path: Path) -> None:
    await bench.add("a", "true")
    dialog = await planned(bench, await exported(bench, tmp_path / "p.json"))
    assert not dialog.import_button.isEnabled()
    dialog.cards[0].tick.click()
    assert dialog.import_button.isEnabled()
