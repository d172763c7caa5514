"""The page itself: measures when asked, follows it live, and keeps the history in sight."""

from collections.abc import Sequence

from PySide6.QtWidgets import QMessageBox

from core.errors import AppError
from core.events import Event
from core.performance.benchmarks.schemas import (
    BenchmarkMoved,
    BenchmarkRow,
    BenchmarksChanged,
    BenchmarkSettings,
)
from core.translation import _, ngettext
from desktop.async_dialogs import ask
from desktop.feed import Feed
from desktop.figures import number
from desktop.notifications import Kind
from desktop.performance.benchmarks.calls import BenchmarkCalls
from desktop.performance.benchmarks.view import BenchmarksView
from desktop.performance.benchmarks.words import kind_words
from desktop.performance.page import GoTo, Page
from desktop.tabs import TabContext
from desktop.widgets import charts
from desktop.widgets.holder import page_holder


class BenchmarksPage(Page):
    """What this machine does with SQLite."""

    def __init__(self, context: TabContext, _go_to: GoTo) -> None:
        self._context = context
        self.calls = BenchmarkCalls(context)
        self.view = BenchmarksView(context, self.calls.run_refusal)
        self.view.settings.restore(context.settings)
        self.holder = page_holder(context.theme, self.view, _("Benchmarks"))
        self._rows: tuple[BenchmarkRow, ...] = ()
        self.feed = Feed(context.tasks, self.holder, self._fetch, self._show_history)
        super().__init__(self.holder, self.feed)
        view, run = self.view, context.tasks.run
        view.settings.run_wanted.connect(lambda settings: run(self.run(settings)))
        view.settings.profiles_wanted.connect(lambda settings: run(self.run_profiles(settings)))
        view.history.table.chosen.connect(self._choose)
        view.history.compare_wanted.connect(
            lambda first, second: context.tasks.latest(
                (self, "compare"), self.compare(first, second)
            )
        )
        view.history.delete_wanted.connect(lambda run_ids: run(self.delete(run_ids)))
        view.profiles.chosen.connect(self._choose_id)

    # The protocol of a page

    def on_event(self, event: Event) -> None:
        """Follow the benchmark under way, and ask again after one was kept or deleted."""
        path = self._context.workspace.info.path
        if isinstance(event, BenchmarksChanged) and event.path == path:
            self.feed.again()
        elif not self.in_sight or not self.view.place.busy:
            return
        elif isinstance(event, BenchmarkMoved) and event.path == path:
            self.view.result.go_on(event)

    def save_state(self) -> None:
        """Keep what was to be measured."""
        self.view.settings.save(self._context.settings)

    def focus_main(self) -> None:
        """Give the keyboard to the choice of what is measured."""
        self.view.settings.form.field("kind").setFocus()

    # What the person asks for

    async def run(self, settings: BenchmarkSettings) -> None:
        """Measure once, and show what came out."""
        if not self._begin(settings):
            return
        row = await self.view.place.run(lambda ticket: self.calls.run(settings, ticket))
        self._end([row] if row is not None else [])

    async def run_profiles(self, settings: BenchmarkSettings) -> None:
        """Measure the same with each profile, and show them side by side."""
        if not self._begin(settings):
            return
        rows = await self.view.place.run(lambda ticket: self.calls.profiles(settings, ticket))
        self._end(rows or [])

    async def compare(self, first: int, second: int) -> None:
        """Show two benchmarks side by side."""
        self.view.error.clear()
        try:
            found = await self.calls.compare(first, second)
        except AppError as error:
            self.view.error.show_error(error)
        else:
            self.view.comparison.show_comparison(found)
            self.view.reveal(self.view.comparison)

    async def delete(self, run_ids: Sequence[int]) -> None:
        """Forget benchmarks, after a question."""
        if not await self._agreed(len(run_ids)):
            return
        self.view.error.clear()
        try:
            for run_id in run_ids:
                await self.calls.delete(run_id)
        except AppError as error:
            self.view.error.show_error(error)
        self.feed.again()

    async def _agreed(self, count: int) -> bool:
        title = ngettext("Delete {count} benchmark?", "Delete {count} benchmarks?", count)
        chosen, _tick = await ask(
            self.view,
            title=title.format(count=number(count)),
            text=_("What was measured is gone for good; it can be measured again."),
            actions=(
                (_("Delete"), QMessageBox.ButtonRole.DestructiveRole),
                (_("Cancel"), QMessageBox.ButtonRole.RejectRole),
            ),
        )
        return chosen == 0

    def _begin(self, settings: BenchmarkSettings) -> bool:
        if self.view.place.busy:
            return False
        self.view.history.table.selectionModel().clear()
        self.view.result.begin(kind_words(settings.kind))
        return True

    def _end(self, rows: Sequence[BenchmarkRow]) -> None:
        """Show the last one; what was cancelled or failed leaves the newest that was kept."""
        newest = rows[-1] if rows else next(iter(self._rows), None)
        self.view.result.show_row(newest)
        if rows and not self.in_sight:
            self._context.notifications.notify(
                _("The benchmark is done."), kind_words(rows[-1].kind), kind=Kind.SUCCESS
            )
        self.feed.again()

    async def _fetch(self) -> tuple[BenchmarkRow, ...]:
        await charts.prepare()
        return await self.calls.history()

    def _show_history(self, rows: tuple[BenchmarkRow, ...]) -> None:
        self._rows = rows
        self.view.show_history(rows)
        if not self.view.place.busy and self.view.history.table.current is None:
            self.view.result.show_row(next(iter(rows), None))

    def _choose(self, row: BenchmarkRow | None) -> None:
        if row is not None and not self.view.place.busy:
            self.view.result.show_row(row)

    def _choose_id(self, run_id: object) -> None:
        found = [row for row in self._rows if row.id == run_id]
        if found:
            self._choose(found[0])
            self.view.verticalScrollBar().setValue(0)
