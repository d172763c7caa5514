"""The section itself: each card with what it fetches, and where a click leads."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from PySide6.QtWidgets import QWidget

from core.database.query.schemas import Filter, ListQuery, Operator
from core.events import Changed, Event
from core.translation import _
from core.users.insights.schemas import Month, PeopleCount, Share, Totals
from core.users.schemas import UserRow
from desktop.feed import Feed, Place
from desktop.figures import number
from desktop.tabs import TabContext
from desktop.users.insights import words
from desktop.users.insights.calls import InsightsCalls
from desktop.users.insights.tile import FigureTile, Tiles
from desktop.users.insights.view import DAYS, InsightsView
from desktop.users.roles import role_name
from desktop.users.sections import ShowPeople
from desktop.widgets.charts import Bar, prepare

T = TypeVar("T")

PAUSE_S: Final = 4.0
AT_ONCE: Final = 2
_DEFAULT_DAYS = 30
_PEOPLE = frozenset({"users"})
_BUILDS = frozenset({"users", "builds"})
_ACTIVITY = frozenset({"users", "builds", "activity", "sessions"})
# After which changes each is fetched again.
_TOPICS: Final = {
    "totals": _PEOPLE, "lately": _ACTIVITY, "never": _BUILDS,
    "months": _ACTIVITY, "segments": _ACTIVITY, "roles": _PEOPLE,
    "top_builds": _BUILDS, "top_time": _BUILDS, "tags": _PEOPLE,
}  # fmt: skip


class InsightsSection:
    """What people do, in figures.

    Args:
        show_people: Lists the people that a query finds.
        pause_s: Seconds from one fetch of a card to its next at least.
    """

    def __init__(
        self, context: TabContext, show_people: ShowPeople, *, pause_s: float = PAUSE_S
    ) -> None:
        self._context, self._show_people, self._pause_s = context, show_people, pause_s
        self.calls = InsightsCalls(context)
        self.days = _kept_days(context)
        self.view = InsightsView(context.theme, context.tasks, self.calls.find)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._total = 0
        self._ready = False
        self._counts: dict[FigureTile, PeopleCount] = {}
        self.feeds = self._make_feeds()
        self._connect()
        self._show_days()

    # The protocol of a section

    @property
    def widget(self) -> QWidget:
        """What the page shows."""
        return self.view

    async def load(self) -> None:
        """Let the cards fetch what they show, each by itself."""
        await prepare()
        self._ready = True
        self._see(self.view.isVisible())

    def on_event(self, event: Event) -> None:
        """Take an event of the core."""
        if isinstance(event, Changed):
            for name, feed in self.feeds.items():
                if event.topics & _TOPICS[name]:
                    feed.ask()

    def save_state(self) -> None:
        """Keep for how many days people count as active."""
        self._context.settings.setValue("insights/days", self.days)

    def focus_main(self) -> None:
        """Give the keyboard to the first figure."""
        self.view.people.setFocus()

    def close(self) -> None:
        """Fetch nothing more."""
        self._see(False)

    # How it is joined

    def _make_feeds(self) -> dict[str, Feed[Any]]:
        view, calls, holders = self.view, self.calls, self.view.holders
        totals = Tiles((view.people, view.active, view.new), view)
        lately, never = Tiles((view.lately,), view), Tiles((view.never,), view)
        feed = self._feed
        return {
            "totals": feed(totals, calls.totals, self._show_totals),
            "lately": feed(lately, self._active, self._show_active),
            "never": feed(never, calls.never_built, self._show_never),
            "months": feed(holders["months"], self._months, self._show_months),
            "segments": feed(
                holders["segments"], calls.segments, view.segments.show_segments
            ),
            "roles": feed(holders["roles"], calls.roles, self._show_roles),
            "top_builds": feed(
                holders["top_builds"], calls.top_by_builds, view.top_builds.show_people
            ),
            "top_time": feed(
                holders["top_time"], calls.top_by_time, view.top_time.show_people
            ),
            "tags": feed(holders["tags"], calls.tags, self._show_tags),
        }  # fmt: skip

    def _feed(
        self, place: Place, fetch: Callable[[], Awaitable[T]], show: Callable[[T], object]
    ) -> Feed[T]:
        async def in_turn() -> T:
            async with self._turns:
                return await fetch()

        return Feed(self._context.tasks, place, in_turn, show, pause_s=self._pause_s)

    def _connect(self) -> None:
        view = self.view
        view.seen.connect(self._see)
        view.days_chosen.connect(self.choose_days)
        view.person.chosen.connect(self._choose_person)
        for tile in view.tiles:
            tile.opened.connect(self._show_people)
        for chart in (view.months, view.growth, view.roles, view.tags):
            chart.chosen.connect(self._open)
        for card in (view.segments, view.top_builds, view.top_time):
            card.opened.connect(self._show_people)

    def _see(self, seen: bool) -> None:
        for feed in self.feeds.values():
            if seen and self._ready:
                feed.wake()
            else:
                feed.rest()

    def _open(self, behind: object) -> None:
        if behind is not None:
            self._show_people(behind)  # type: ignore[arg-type]

    # What is chosen

    def choose_days(self, days: int) -> None:
        """Count those who were active in so many last days."""
        if days != self.days:
            self.days = days
            self._show_days()
            self._counts.pop(self.view.lately, None)
            self.feeds["lately"].again()

    def _show_days(self) -> None:
        self.view.spans[self.days].setChecked(True)
        self.view.lately.show_caption(words.active_caption(self.days))

    def _choose_person(self, _person: UserRow | None) -> None:
        self.feeds["months"].again()

    # What is fetched

    async def _active(self) -> PeopleCount:
        return await self.calls.active_in(self.days)

    async def _months(self) -> tuple[Month, ...]:
        person = self.view.person.person
        return await self.calls.months(None if person is None else person.id)

    def _show_totals(self, totals: Totals) -> None:
        view = self.view
        self._total = totals.total.count
        view.people.show_count(totals.total, _in_bin(totals))
        self._counts |= {view.active: totals.active, view.new: totals.new}
        self._show_shares()

    def _show_active(self, count: PeopleCount) -> None:
        self._counts[self.view.lately] = count
        self._show_shares()

    def _show_never(self, count: PeopleCount) -> None:
        self._counts[self.view.never] = count
        self._show_shares()

    def _show_shares(self) -> None:
        """Show the figures that have come, each as a part of all people."""
        for tile, count in self._counts.items():
            tile.show_count(count, words.share_of(count.count, self._total))

    def _show_months(self, months: tuple[Month, ...]) -> None:
        person = self.view.person.person
        query = None if person is None else _only(person)
        done = any(month.actions for month in months)
        self.view.months.show_bars(
            [
                Bar(
                    words.month_short(month.first_day),
                    month.actions,
                    query or month.behind,
                    words.month_tip(month),
                )
                for month in months
            ]
            if done
            else []
        )
        self.view.growth.show_bars(
            [
                Bar(
                    words.month_short(month.first_day),
                    month.growth,
                    query or month.behind,
                    _("{growth} in {month}").format(
                        growth=words.growth(month.growth),
                        month=words.month_long(month.first_day),
                    ),
                )
                for month in months
                if month.growth is not None
            ]
        )
        self.view.holders["growth"].ready()

    def _show_roles(self, shares: tuple[Share, ...]) -> None:
        total = sum(share.count for share in shares)
        self.view.roles.show_bars(
            [
                Bar(role_name(share.name), share.count, share.behind, _share(share, total))
                for share in shares
            ]
        )

    def _show_tags(self, shares: tuple[Share, ...]) -> None:
        self.view.tags.show_bars(
            [
                Bar(share.name, share.count, share.behind, _share(share, self._total))
                for share in shares
            ]
        )


def _only(person: UserRow) -> ListQuery:
    return ListQuery((Filter("username", Operator.EQ, person.username),))


def _share(share: Share, total: int) -> str:
    part = words.share_of(share.count, total)
    count = words.people(share.count)
    return f"{count} · {part}" if part else count


def _in_bin(totals: Totals) -> str:
    if not totals.in_bin.count:
        return ""
    return _("and {count} in the bin").format(count=number(totals.in_bin.count))


def _kept_days(context: TabContext) -> int:
    kept = str(context.settings.value("insights/days", _DEFAULT_DAYS))
    return int(kept) if kept.isdecimal() and int(kept) in DAYS else _DEFAULT_DAYS
