"""The page of artifacts: what it says, and what is done with files that builds made."""

import asyncio
import gc
import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from core.builds.schemas import ArtifactRow, BuildRow, BuildState
from core.database.query.schemas import Cursor, ListQuery, PageStart
from core.errors import AppError, DatabaseBusyError
from desktop.builds.panes import artifacts_deeds
from desktop.builds.panes import artifacts_words as words
from desktop.builds.panes.artifacts import ArtifactsPane
from desktop.builds.panes.artifacts_opening import OpenedCopies, may_run, seal
from desktop.builds.panes.artifacts_rows import ArtifactList
from tests.desktop.builds.conftest import Bench, until
from tests.desktop.builds.samples import NOW, a_build


def an_artifact(number: int = 1, **values: Any) -> ArtifactRow:
    """Return an artifact, kept and of 1,000 bytes unless told otherwise."""
    row = ArtifactRow(number, 1, f"dist/file {number}.txt", 1_000, "ab" * 32, NOW)
    return replace(row, **values)


@pytest.mark.parametrize(
    ("size", "before", "word"),
    [
        (1_000, None, "New"),
        (1_000, 1_000, "Same size"),
        (1_100, 1_000, "+10 % larger"),
        (1_005, 1_000, "+0.5 % larger"),
        (900, 1_000, "−10 % smaller"),
        (0, 1_000, "−100 % smaller"),
        (500, 0, "+500 bytes larger"),
        (1_000_100, 1_000_000, "+100 bytes larger"),
        (50_000, 1_000, "×50 larger"),
    ],
)
def test_changes_in_words(size: int, before: int | None, word: str) -> None:
    assert words.change_badge(an_artifact(size=size, size_before=before)).word == word


def test_states_in_words() -> None:
    kept = an_artifact()
    assert words.state_badge(kept, NOW - timedelta(1)).word == "Kept"
    assert words.state_badge(kept, NOW + timedelta(1)).word == "Kept, older"
    assert words.state_badge(replace(kept, removed_at=NOW), NOW).word == "Removed"
    assert "rules for builds" in words.state_tip(replace(kept, removed_at=NOW), NOW)
    removed = an_artifact(2, removed_at=NOW)
    assert words.total([kept, removed]) == "2 files · 2.0 kB · 1 kept"
    assert words.total([removed]) == "1 file · 1,000 bytes · removed" or "removed" in (
        words.total([removed])
    )
    assert words.total([]) == ""


def test_hostile_names_are_written_out() -> None:
    """Fails when a mark reorders the ending, or a newline makes a second line."""
    row = an_artifact(path="out\n/a\u202egpj.exe")
    assert words.name_of(row) == "a\\u202egpj.exe"
    assert words.folder_of(row) == "out\\n"
    assert words.folder_of(an_artifact(path="top")) == "."


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "No artifact patterns"),
        ({"artifact_patterns": ("dist/*",), "state": BuildState.RUNNING}, "Nothing collected"),
        ({"artifact_patterns": ("dist/*",), "started_at": None}, "No artifacts"),
        ({"artifact_patterns": ("dist/*",)}, "No artifacts"),
    ],
)
def test_why_there_is_nothing(values: dict[str, Any], said: str) -> None:
    title, text = words.nothing_words(a_build(**values))
    assert said in title
    assert text


async def test_the_list_is_fetched_once_sorted_and_searched() -> None:
    rows = [an_artifact(n, size=n * 7 % 11, path=f"d{n % 3}/{n}.bin") for n in range(450)]
    asked: list[int] = []

    async def fetch(build_id: int) -> list[ArtifactRow]:
        asked.append(build_id)
        return rows

    found = ArtifactList(fetch)
    found.show(5)
    query = ListQuery(order=("-size", "name"))
    first = await found.slice(query, PageStart(), 200)
    assert first.last is not None
    second = await found.slice(query, PageStart(cursor=first.last), 200)
    back = await found.slice(query, PageStart(cursor=second.first, backwards=True), 200)
    last = await found.slice(query, PageStart(backwards=True), 50)
    assert back.rows == first.rows
    assert (first.more_before, first.more_after, last.more_after) == (False, True, False)
    everything = (await found.slice(query, PageStart(position=0), 1_000)).rows
    assert first.rows + second.rows == everything[:400]
    assert [r.size for r in everything] == sorted((r.size for r in rows), reverse=True)
    assert last.rows == everything[-50:]
    assert (await found.count(ListQuery(search="D1 44"))).value == 4
    assert found.at([0, 449, 450]) == [everything[0], everything[449]]
    assert asked == [5]
    assert (await found.slice(query, PageStart(cursor=Cursor((449,))), 9)).rows == ()
    found.show(None)
    assert (await found.count(query)).value == 0


def test_what_may_run_is_told_by_ending_and_by_content(tmp_path: Path) -> None:
    """Fails when a script with the ending of a picture is taken for one."""
    for name, content, runs in (
        ("notes.txt", b"hello", False),
        ("app.tar.gz", b"\x1f\x8b", False),
        ("picture.png", b"#!/bin/sh", True),
        ("picture.jpg", b"\x7fELF\x02", True),
        ("log.txt", b"MZ\x90", True),
        ("install.sh", b"echo", True),
        ("page.html", b"<html>", True),
        ("program", b"", True),
        ("app.desktop", b"[Desktop Entry]", True),
    ):
        (tmp_path / name).write_bytes(content)
        assert may_run(tmp_path / name) is runs, name


def test_copies_have_their_own_names_and_go_with_their_owner(tmp_path: Path) -> None:
    copies = OpenedCopies()
    one = copies.place(an_artifact(1, path="a/../x\n.txt"))
    other = copies.place(an_artifact(2, path="b/x\n.txt"))
    assert one.name == other.name == "x_n.txt"
    assert one.parent != other.parent
    root = one.parent.parent
    assert root.stat().st_mode & 0o077 == 0
    one.write_bytes(b"x")
    seal(one)
    assert one.stat().st_mode & 0o777 == 0o400
    del copies
    gc.collect()
    assert not root.exists()


class Made:
    """A real build that made files, with its page in front."""

    def __init__(self, bench: Bench, pane: ArtifactsPane, build: BuildRow) -> None:
        self.bench, self.pane, self.build = bench, pane, build
        self.opened: list[Path] = []
        pane.deeds.open_file = self.take
        pane.deeds.reveal = self.take

    def take(self, path: Path) -> bool:
        self.opened.append(path)
        return True

    def row(self, name: str) -> ArtifactRow:
        return next(row for row in self.pane.list.known if row.path.endswith(name))


async def _made(bench: Bench) -> Made:
    (bench.folder / "run.sh").write_text("#!/bin/sh\n")
    (bench.folder / "notes.txt").write_text("hello")
    project = await bench.add("makes", "true", artifact_patterns=("*.sh", "*.txt"))
    await bench.choose(project)
    build = await bench.run_to_end()
    pane = next(p for p in bench.view.details.panes if isinstance(p, ArtifactsPane))
    bench.view.details.bring(pane)
    await until(lambda: len(pane.list.known) == 2, pane.model.count_changed, pane.model.arrived)
    return Made(bench, pane, build)


async def test_the_page_shows_what_a_real_build_made(bench: Bench) -> None:
    made = await _made(bench)
    pane, details = made.pane, bench.view.details
    assert details.bar.tabText(details.panes.index(pane)) == "Artifacts  2"
    assert pane.model.rowCount() == 2
    assert pane.totals.text() == "2 files · 15 bytes"
    assert not pane.save_button.isEnabled()
    assert "Choose an artifact" in pane.save_button.toolTip()
    pane.table.selectRow(0)
    assert pane.save_button.isEnabled()
    menu = QMenu()
    pane._fill_menu(menu)
    assert [a.text() for a in menu.actions() if a.text()] == [
        "Open", "Show in folder", "Save as…", "Copy path", "Copy SHA-256",
    ]  # fmt: skip
    pane._actions["path"].trigger()
    assert QGuiApplication.clipboard().text() == "notes.txt"
    pane._actions["hash"].trigger()
    assert QGuiApplication.clipboard().text() == made.row("notes.txt").sha256
    pane.table.selectAll()
    assert [row.path for row in pane.chosen()] == ["notes.txt", "run.sh"]
    assert "Choose one artifact" in pane._actions["open"].toolTip()
    pane.search.setText("sh")
    await until(lambda: pane.model.rowCount() == 1, pane.model.count_changed)


async def test_what_may_run_is_opened_only_on_consent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails when a script is handed out unasked, or the kept file itself is."""
    made = await _made(bench)
    answers = [1, None, 0]
    asked: list[str] = []

    async def ask(_parent: object, *, title: str, **_others: object) -> tuple[int | None, bool]:
        asked.append(title)
        return answers.pop(0), False

    monkeypatch.setattr(artifacts_deeds, "ask", ask)
    await made.pane.deeds.open(made.row("notes.txt"))
    assert not asked
    for _answer in (1, None):
        await made.pane.deeds.open(made.row("run.sh"))
    assert [path.name for path in made.opened] == ["notes.txt"]
    await made.pane.deeds.open(made.row("run.sh"))
    await made.pane.deeds.show_in_folder(made.row("run.sh"))
    assert asked == ["Open “run.sh”?"] * 3
    kept = bench.context.workspace.workspace.folders.artifacts
    for path in made.opened:
        assert not path.is_relative_to(kept)
        assert path.stat().st_mode & 0o777 == 0o400


async def test_saving_asks_where_and_never_over_another_file(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = await _made(bench)
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "run.sh").write_text("mine")
    chosen: list[str | None] = [str(tmp_path / "one.txt"), str(folder), None]

    async def choose(_parent: object, **_others: object) -> str | None:
        return chosen.pop(0)

    monkeypatch.setattr(artifacts_deeds, "choose_file", choose)
    rows = [made.row("notes.txt"), made.row("run.sh")]
    await made.pane.deeds.save(rows[:1])
    await made.pane.deeds.save(rows)
    await made.pane.deeds.save(rows[:1])
    assert (tmp_path / "one.txt").read_text() == "hello"
    names = sorted(os.listdir(folder))  # noqa: PTH208
    assert names == ["notes.txt", "run (2).sh", "run.sh"]
    assert (folder / "run.sh").read_text() == "mine"


async def test_what_is_not_as_it_was_made_is_not_opened(bench: Bench) -> None:
    made = await _made(bench)
    row = made.row("notes.txt")
    workspace = bench.context.workspace
    path = await workspace.run(
        lambda w: w.artifacts.path_of(bench.context.actor, artifact_id=row.id)
    )
    await asyncio.to_thread(path.write_bytes, b"other")
    with pytest.raises(AppError, match="is not what the build made"):
        await made.pane.deeds.open(row)
    assert not made.opened


async def test_a_copy_that_the_system_refuses_is_told_in_words(bench: Bench) -> None:
    """Seen failing: a folder for copies that was cleaned away ended in the dialog for bugs."""
    made = await _made(bench)
    row = made.row("notes.txt")
    await made.pane.deeds.open(row)
    await asyncio.to_thread(shutil.rmtree, made.opened[0].parent.parent)
    with pytest.raises(AppError, match="could not be copied") as caught:
        await made.pane.deeds.open(row)
    assert "There is no" in caught.value.detail
    assert "Save it" in caught.value.hint


async def test_a_failure_is_told_in_place_and_can_be_tried_again(bench: Bench) -> None:
    made = await _made(bench)
    pane = made.pane
    real = pane.list._fetch

    async def broken(_build_id: int) -> list[ArtifactRow]:
        raise DatabaseBusyError("The database is busy.", hint="Try again.")

    pane.list._fetch = broken
    pane.show_build(None)
    pane.show_build(made.build)
    await until(pane.pane.broken.isVisible, pane.model.failed, pane.model.state_changed)
    assert not pane.totals.text()
    pane.list._fetch = real
    pane.pane.broken.triggered.emit()
    await until(lambda: pane.model.rowCount() == 2, pane.model.count_changed)
