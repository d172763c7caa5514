"""Between the section and the core: what is listed, who is chosen, what may be done."""

from collections.abc import Hashable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from core.database.query.schemas import (
    FieldDescription,
    Filter,
    ListQuery,
    Operator,
    PageStart,
    Slice,
)
from core.errors import AppError, NotFoundError
from core.events import Changed, Event
from core.users.schemas import TOPIC, UserDetails, UserRow
from desktop.refresher import Refresher
from desktop.tabs import TabContext
from desktop.users.people import words
from desktop.users.people.calls import PeopleCalls
from desktop.users.people.columns import columns
from desktop.users.people.permits import Choice, Permits, permits
from desktop.widgets.paged_table import Chosen, Counted, PagedModel

ALL, ACTIVE, DEACTIVATED, BIN = "all", "active", "deactivated", "bin"
STATES = (ALL, ACTIVE, DEACTIVATED, BIN)
_FOLLOWED = frozenset({TOPIC, "sessions", "rights"})


class PeoplePresenter(QObject):
    """Holds the list and the choice.

    Signals:
        ready: The fields and columns of the list are known; ``model`` is there.
        listed: Another list is shown: other filters, another state.
        chosen: Others are chosen, or something about the chosen person changed.
        details_changed: Somebody else is shown, or the same anew; carries ``UserDetails``,
            or None.
        details_failed: The details could not be fetched; carries the ``AppError``.
        changed: Something about people changed; what is shown beside the list is old.
    """

    ready = Signal()
    listed = Signal()
    chosen = Signal()
    details_changed = Signal(object)
    details_failed = Signal(object)
    changed = Signal()

    def __init__(self, context: TabContext) -> None:
        super().__init__()
        self._context = context
        self.calls = PeopleCalls(context)
        self.fields: tuple[FieldDescription, ...] = ()
        self.region = "US"
        self.model: PagedModel[UserRow] | None = None
        self.state = ALL
        self.query = ListQuery()
        self.details: UserDetails | None = None
        self.current: UserRow | None = None
        self._chosen = Chosen(False, (), 0)
        self._one: UserRow | None = None
        self._total: tuple[ListQuery, int] | None = None
        self._details_refresh = Refresher(context.tasks, self._refresh_details)

    async def load(self) -> None:
        """Ask what can be listed, and make the model."""
        self.fields = await self.calls.fields()
        self.region = await self.calls.phone_region()
        sortable = [field.name for field in self.fields if field.sortable]
        self.model = PagedModel(
            self._context.tasks,
            columns(sortable, lambda: self.region),
            key=_key,
            fetch=self._slice,
            count=self._count,
            parent=self,
        )
        self.ready.emit()

    # What is listed

    def show_filters(self, query: ListQuery) -> None:
        """List those whom the filters of the bar let through."""
        self.query = query
        self.listed.emit()

    def show_state(self, state: str) -> None:
        """List all, or those in one state."""
        self.state = state
        self.listed.emit()

    @property
    def whole_query(self) -> ListQuery:
        """What is listed, the state included; without an order."""
        more = {
            ACTIVE: (Filter("active", Operator.EQ, True),),
            DEACTIVATED: (Filter("active", Operator.EQ, False),),
            BIN: (Filter("deleted", Operator.EQ, True),),
        }.get(self.state, ())
        return replace(self.query, filters=(*self.query.filters, *more), order=())

    @property
    def narrowed(self) -> bool:
        """Whether not everybody is listed."""
        return bool(self.query.filters or self.query.search or self.state != ALL)

    def count_words(self, count: int) -> str:
        """Return a number of people listed in words."""
        asked = bool(self.query.filters or self.query.search)
        return words.matching_people(count) if asked else words.people(count)

    # Who is chosen

    @property
    def choice(self) -> Choice:
        """What actions act upon."""
        return Choice(self._chosen.count, self._one)

    @property
    def chosen_rows(self) -> Chosen:
        """What is chosen in the table."""
        return self._chosen

    @property
    def permits(self) -> Permits:
        """What may be done with the choice."""
        return permits(self._context.actor, self._context.workspace.info, self.choice)

    def choose(self, chosen: Chosen) -> None:
        """Take note of what is chosen in the table."""
        self._chosen = chosen
        single = chosen.count == 1 and not chosen.everything and len(chosen.keys) == 1
        self._one = self._row_of(chosen.keys[0]) if single else None
        self.chosen.emit()

    def look_at(self, row: UserRow | None) -> None:
        """Show the details of a person; what the list knows at once, the rest soon."""
        same = row is not None and self.current is not None and row.id == self.current.id
        self.current = row
        if row is None:
            self.details = None
            self.details_changed.emit(None)
        elif not same:
            self.details = None
            self.details_changed.emit(UserDetails(row))
            self._context.tasks.latest((self, "details"), self._refresh_details())
        if row is not None and self._one is None and self._chosen.count == 1:
            self.choose(self._chosen)

    def follow(self, row: UserRow) -> None:
        """Take a newer row of the person who is shown."""
        if self.current is None or row.id != self.current.id or row == self.current:
            return
        self.current = row
        if self._one is not None and self._one.id == row.id:
            self._one = row
        self.chosen.emit()
        self._details_refresh.ask()

    # What the core tells

    def on_event(self, event: Event) -> None:
        """Take an event of the core; what it asks for is fetched soon."""
        if isinstance(event, Changed) and "builds" in event.topics:
            self._details_refresh.ask()
        if isinstance(event, Changed) and event.topics & _FOLLOWED:
            if TOPIC in event.topics and self.model is not None:
                self.model.refresh()
            self._details_refresh.ask()
            self.changed.emit()

    # Fetching

    async def stored(self, user_id: int) -> UserDetails:
        """Return a person as stored now."""
        return await self.calls.get(user_id)

    async def ids(self) -> tuple[int, ...]:
        """Return the ids of all who are chosen."""
        if self._chosen.everything:
            left_out = [int(key) for key in self._chosen.keys]
            return await self.calls.ids(self.whole_query, left_out)
        return tuple(int(key) for key in self._chosen.keys)

    async def _refresh_details(self) -> None:
        row = self.current
        if row is None:
            return
        try:
            found = await self.calls.get(row.id)
        except NotFoundError:
            if self.current is not None and self.current.id == row.id:
                self.look_at(None)
            return
        except AppError as error:
            self.details_failed.emit(error)
            return
        if self.current is not None and self.current.id == row.id:
            self.details, self.current = found, found.row
            if self._one is not None and self._one.id == row.id:
                self._one = found.row
            self.details_changed.emit(found)
            self.chosen.emit()

    async def _slice(self, query: ListQuery, start: PageStart, limit: int) -> Slice[UserRow]:
        known = self._total
        total = known[1] if known is not None and known[0] == replace(query, order=()) else None
        return await self.calls.slice(query, start, limit, total)

    async def _count(self, query: ListQuery) -> Counted:
        counted = await self.calls.count(query)
        self._total = (replace(query, order=()), counted.value) if counted.exact else None
        return counted

    def _row_of(self, key: Hashable) -> UserRow | None:
        if self.current is not None and self.current.id == key:
            return self.current
        return None


def _key(row: UserRow) -> int:
    return row.id
