"""The tab itself: which page is shown, and that only this one has anything under way."""

import functools
from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from core.errors import AppError
from core.events import Event
from core.translation import _
from desktop.actions import MenuName
from desktop.performance.page import Page, PageEntry
from desktop.performance.pages import PAGES
from desktop.performance.view import PerformanceView
from desktop.refresher import Refresher
from desktop.tabs import TabContext

_SETTING = "page"
_MOST_KEYS = 9


class PerformanceTab:
    """What a database costs, and its care.

    Args:
        entries: The pages; each is made when it is shown for the first time.
    """

    def __init__(self, context: TabContext, entries: Sequence[PageEntry] = PAGES) -> None:
        self._context = context
        self._entries = {entry.key: entry for entry in entries}
        self.pages: dict[str, Page] = {}
        self._shown: Page | None = None
        self._seen = False
        self._ready = False
        self.view = PerformanceView(context.theme, entries)
        self._counts = {
            entry.key: Refresher(context.tasks, functools.partial(self._count, entry), 1.0)
            for entry in entries
            if entry.badge is not None
        }
        self._count_while(False)
        self._add_actions(entries)
        self.view.list.chosen.connect(self._choose)
        self.view.seen.connect(self._see)

    # The protocol of a tab

    @property
    def widget(self) -> QWidget:
        """What the tab shows."""
        return self.view

    @property
    def title(self) -> str:
        """The words in the tab row."""
        return _("Performance")

    @property
    def icon(self) -> str:
        """The icon in the tab row."""
        return "gauge"

    async def load(self) -> None:
        """Show the page that was shown last, and the numbers beside the names."""
        self._ready = True
        kept = str(self._context.settings.value(_SETTING, ""))
        self.view.list.choose(kept if kept in self._entries else next(iter(self._entries)))
        self._follow()
        for refresher in self._counts.values():
            refresher.ask()

    async def close(self) -> None:
        """End what the pages have under way."""
        self._ready = False
        self._follow()
        self._count_while(False)
        for page in self.pages.values():
            page.close()

    def on_event(self, event: Event) -> None:
        """Take an event of the core."""
        for page in self.pages.values():
            page.on_event(event)
        for key, refresher in self._counts.items():
            badge = self._entries[key].badge
            if badge is not None and badge.after(event):
                refresher.ask()

    def save_state(self) -> None:
        """Keep which page is shown, and what each keeps."""
        if self.view.list.key:
            self._context.settings.setValue(_SETTING, self.view.list.key)
        for page in self.pages.values():
            page.save_state()

    def focus_main(self) -> None:
        """Give the keyboard to the list of pages."""
        self.view.list.setFocus()

    # Its own

    def go_to(self, key: str) -> None:
        """Come forward with a page chosen; one that is not there is no error."""
        self._context.come_forward()
        self.view.list.choose(key)

    def show_alerts(self) -> None:
        """Come forward with the alerts."""
        self.go_to("alerts")

    @property
    def shown(self) -> Page | None:
        """The page that is in sight, None while the tab is not."""
        return self._shown

    def _choose(self, _key: str) -> None:
        self._follow()

    def _see(self, seen: bool) -> None:
        self._seen = seen
        self._follow()
        self._count_while(seen)

    def _count_while(self, seen: bool) -> None:
        for refresher in self._counts.values():
            (refresher.wake if seen else refresher.rest)()

    def _follow(self) -> None:
        """Let the chosen page work while it can be seen, and no other."""
        wanted = self._page(self.view.list.key) if self._ready and self._seen else None
        if wanted is self._shown:
            return
        if self._shown is not None:
            self._shown.hide()
            self._context.notifications.page_left.emit()
        self._shown = wanted
        if wanted is not None:
            self.view.show_page(wanted.widget)
            wanted.show()

    def _page(self, key: str) -> Page | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if key not in self.pages:
            self.pages[key] = entry.create(self._context, self.go_to)
        return self.pages[key]

    def _add_actions(self, entries: Sequence[PageEntry]) -> None:
        for place, entry in enumerate(entries, 1):
            words = entry.words()
            action = self._context.actions.add(
                f"performance.{entry.key}",
                words,
                functools.partial(self._turn_to, entry.key),
                menu=MenuName.DATABASE,
                section="pages",
                shortcut=f"Ctrl+{place}" if place <= _MOST_KEYS else "",
                tip=_("Show {page} of the database").format(page=words),
                icon=entry.icon,
            )
            self.view.list.show_tip(entry.key, action.toolTip())

    def _turn_to(self, key: str) -> None:
        self.go_to(key)
        page = self._page(key)
        if page is not None:
            page.focus_main()

    async def _count(self, entry: PageEntry) -> None:
        assert entry.badge is not None
        try:
            count = await entry.badge.count(self._context)
        except AppError:
            return  # the page itself tells why, where it is looked at
        self.view.list.show_count(entry.key, count, entry.badge.words(count))
