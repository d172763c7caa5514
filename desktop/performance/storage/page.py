"""The page itself: shows the last report, measures anew when asked, and fetches rows."""

from datetime import datetime

from PySide6.QtCore import QTimer

from core.errors import AppError
from core.events import Event
from core.performance.maintenance.schemas import MaintenanceChanged
from core.performance.storage.schemas import StorageKind, StorageObject
from core.translation import _
from desktop.feed import Feed
from desktop.performance.page import GoTo, Page
from desktop.performance.storage.calls import StorageCalls, Stored
from desktop.performance.storage.view import StorageView
from desktop.tabs import TabContext
from desktop.widgets import charts
from desktop.widgets.holder import page_holder

_ORDER = "storage/order"
_AGES_MS = 15_000
# Read within some seconds.
_QUICKLY_MEASURED = 1_000_000_000


class StoragePage(Page):
    """What takes the room."""

    def __init__(self, context: TabContext, go_to: GoTo) -> None:
        self._context = context
        self.calls = StorageCalls(context)
        self.view = StorageView(context, self.calls.preview_refusal)
        self.view.table.sort_by(str(context.settings.value(_ORDER, "")))
        self.holder = page_holder(context.theme, self.view, _("Storage"))
        self._renewed: datetime | None = None
        self.feed = Feed(context.tasks, self.holder, self._fetch, self._show_stored)
        super().__init__(self.holder, self.feed)
        self.ages = QTimer(self.view, interval=_AGES_MS)
        self.ages.timeout.connect(self.view.tell_age)
        view, run = self.view, context.tasks.run
        view.analyse_wanted.connect(lambda: run(self.analyse()))
        view.vacuum_wanted.connect(lambda: go_to("maintenance"))
        view.preview.wanted.connect(
            lambda table, first: context.tasks.latest(self, self.preview(table, first))
        )
        view.map.chosen.connect(view.objects.choose)
        view.map.opened.connect(self._open_name)
        view.table.chosen.connect(self._choose_area)
        view.table.opened.connect(self._open)

    # The protocol of a page

    def show(self) -> None:
        """Fetch what is known, anew each time the page is come to."""
        self.feed.ask()
        super().show()
        self.ages.start()

    def hide(self) -> None:
        """Fetch nothing more; a measurement goes on."""
        super().hide()
        self.ages.stop()

    def on_event(self, event: Event) -> None:
        """Ask whether the sizes still hold after what was done to this file."""
        path = self._context.workspace.info.path
        if isinstance(event, MaintenanceChanged) and event.path == path:
            self.feed.again()

    def save_state(self) -> None:
        """Keep how the tables and indexes are sorted."""
        self._context.settings.setValue(_ORDER, self.view.table.order)

    def focus_main(self) -> None:
        """Give the keyboard to the table, or to the button that fills it."""
        empty = self.view.empty.isVisibleTo(self.view)
        (self.view.empty.button if empty else self.view.table).setFocus()

    # What the person asks for

    async def analyse(self) -> None:
        """Measure all tables and indexes."""
        if self.view.place.busy:
            return
        self.view.empty.button.setDisabled(True)
        report = await self.view.place.run(self.calls.analyse)
        self.view.empty.button.setDisabled(False)
        if report is not None:
            self.view.show_report(report)
            self.feed.again()

    def _show_stored(self, stored: Stored) -> None:
        """Show what is known; where it is outdated and a small file, measure anew, once."""
        self.view.show_stored(stored)
        report = stored.report
        if report is None or not report.outdated or report.analysed_at == self._renewed:
            return
        if report.file_bytes <= _QUICKLY_MEASURED:
            self._renewed = report.analysed_at
            self._context.tasks.run(self.analyse())

    async def preview(self, table: str, first: int) -> None:
        """Fetch rows of a table; what was asked before this is given up."""
        if not table:
            return
        try:
            found = await self.calls.preview(table, first)
        except AppError as error:
            self.view.preview.fail(error)
        else:
            self.view.preview.show_rows(found)
        self.view.reveal(self.view.preview)

    async def _fetch(self) -> Stored:
        await charts.prepare()
        return await self.calls.stored()

    def _choose_area(self, row: StorageObject | None) -> None:
        if row is not None:
            self.view.map.choose(row.name)

    def _open(self, row: StorageObject) -> None:
        if row.kind is not StorageKind.INTERNAL:
            self.view.preview.choose(row.table if row.kind is StorageKind.INDEX else row.name)

    def _open_name(self, name: str) -> None:
        one = self.view.table.named(name)
        if one is not None:
            self._open(one)
