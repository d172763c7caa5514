"""The section itself: joins list, details, actions and what the window keeps."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtWidgets import QWidget

from core.database.query.schemas import ListQuery
from core.events import Event
from core.translation import _
from core.users.schemas import UserDetails, UserRow
from desktop.tabs import TabContext
from desktop.users.people.commands import add_actions, allow_actions
from desktop.users.people.deeds import Deeds
from desktop.users.people.details.pane import DetailsPane
from desktop.users.people.presenter import ACTIVE, ALL, BIN, DEACTIVATED, PeoplePresenter
from desktop.users.people.view import STATE_FIELDS, PeopleView
from desktop.widgets.filter_bar.from_query import conditions_of
from desktop.widgets.paged_table import State


class PeopleSection:
    """The people of a workspace: found, looked at, and changed."""

    def __init__(self, context: TabContext) -> None:
        self._context = context
        self.presenter = PeoplePresenter(context)
        self.deeds = Deeds(context, self.presenter)
        add_actions(context.actions, self._handler)
        self.details = DetailsPane(context, self.presenter)
        self.view = PeopleView(context.theme, context.actions, self.details)
        self.deeds.parent = self.view
        self._loaded = False
        self._wanted: ListQuery | None = None
        self._restore()
        self._connect()
        self._allow()

    # The protocol of a section

    @property
    def widget(self) -> QWidget:
        """What the page shows."""
        return self.view

    async def load(self) -> None:
        """Ask what can be listed, and list it."""
        if self._loaded:
            return
        self._loaded = True
        await self.presenter.load()
        self._fill()

    def on_event(self, event: Event) -> None:
        """Take an event of the core."""
        self.presenter.on_event(event)

    def save_state(self) -> None:
        """Keep splitter, columns, and whether details are shown."""
        settings = self._context.settings
        self.view.save(settings)
        settings.setValue("people/details", self._shows_details)

    def focus_main(self) -> None:
        """Give the keyboard to the list."""
        if self.view.table is not None:
            self.view.table.setFocus()

    def close(self) -> None:
        """Put the dialogs away."""
        self.deeds.close()

    def show(self, query: ListQuery) -> None:
        """List the people whom a query finds; its filters are seen as chips."""
        if self.view.filters is None:
            self._wanted = query
            return
        state = _state_of(query)
        self.view.segments.show_choice(state)
        self.presenter.state = state
        conditions = conditions_of(query, datetime.now(UTC), except_=STATE_FIELDS)
        self.view.filters.show_conditions(conditions, query.search)

    # How it is joined

    def _fill(self) -> None:
        context, presenter, view = self._context, self.presenter, self.view
        view.fill(presenter, context.tasks, context.settings)
        assert view.table is not None
        assert view.pane is not None
        assert view.filters is not None
        assert presenter.model is not None
        view.filters.changed.connect(presenter.show_filters)
        view.pane.clear_filters.connect(self._clear)
        view.pane.empty.triggered.connect(context.actions["user.new"].trigger)
        view.table.chosen.changed.connect(self._chosen)
        view.table.current_changed.connect(self._look_at)
        view.table.doubleClicked.connect(lambda _index: context.actions["user.edit"].trigger())
        view.table.notice.connect(context.notifications.notify)
        presenter.model.arrived.connect(self._follow)
        presenter.model.count_changed.connect(self._invite)
        presenter.model.state_changed.connect(self._invite)
        if self._wanted is None:
            self._list()
        else:
            self.show(self._wanted)
            self._wanted = None
        if view.isVisible():
            self.focus_main()

    def _connect(self) -> None:
        self.view.segments.chosen.connect(self.presenter.show_state)
        self.presenter.listed.connect(self._list)
        self.presenter.chosen.connect(self._allow)
        self.presenter.details_changed.connect(self._show_details)

    def _list(self) -> None:
        view, presenter = self.view, self.presenter
        asked = bool(presenter.query.filters or presenter.query.search)
        if view.table is not None:
            view.tell_empty(
                refusal=presenter.permits.create,
                state="" if asked else presenter.state,
            )
            view.table.show_query(presenter.whole_query)

    def _clear(self) -> None:
        assert self.view.filters is not None
        self.view.segments.show_choice("all")
        self.presenter.state = "all"
        self.view.filters.clear()

    def _chosen(self) -> None:
        assert self.view.table is not None
        self.presenter.choose(self.view.table.chosen.chosen)
        choice = self.presenter.choice
        if choice.count == 0:
            self.presenter.look_at(None)
        elif choice.count == 1 and choice.one is None:
            # The one who is left of several has not the focus.
            self._context.tasks.latest((self, "one"), self._look_at_the_one())

    async def _look_at_the_one(self) -> None:
        assert self.view.table is not None
        rows = await self.view.table.chosen.rows()
        if len(rows) == 1 and self.presenter.choice.count == 1:
            self.presenter.look_at(rows[0])

    def _look_at(self, row: UserRow | None) -> None:
        self.presenter.look_at(row)

    def _follow(self, first: int, count: int) -> None:
        """Let the details follow what came for the person who is shown."""
        model, current = self.presenter.model, self.presenter.current
        assert model is not None
        if current is None:
            return
        rows = (model.row_at(place) for place in range(first, first + count))
        for row in rows:
            if row is not None and row.id == current.id:
                self.presenter.follow(row)

    def _invite(self) -> None:
        """Invite to bring in others while nobody else is there."""
        model = self.presenter.model
        if model is not None and model.state is State.EMPTY:
            self.presenter.look_at(None)
        alone = model is not None and model.exact and model.rowCount() == 1
        self.view.invitation.setVisible(
            alone and not self.presenter.narrowed and not self.presenter.permits.create
        )

    def _show_details(self, details: UserDetails | None) -> None:
        self.details.show_person(details)

    def _allow(self) -> None:
        allow_actions(self._context.actions, self.presenter.permits)

    def _handler(self, name: str) -> Callable[[], object]:
        own = {"select_all": self._select_all, "details": self._toggle_details}
        found: Callable[[], object] = own.get(name) or getattr(self.deeds, f"do_{name}")
        return found

    def _select_all(self) -> None:
        if self.view.table is not None:
            self.view.table.selectAll()
            self.view.table.setFocus()

    def _toggle_details(self) -> None:
        self.view.show_details(self._shows_details)

    @property
    def _shows_details(self) -> bool:
        return self._context.actions["user.details"].isChecked()

    def _restore(self) -> None:
        settings = self._context.settings
        self.view.restore(settings)
        shown = bool(settings.value("people/details", True, type=bool))
        self._context.actions["user.details"].setChecked(shown)
        self.view.show_details(shown)
        self.view.setAccessibleName(_("People"))


def _state_of(query: ListQuery) -> str:
    """Return the state that a query asks for, as the row of buttons has it."""
    asked = {one.field: one.value for one in query.filters if one.field in STATE_FIELDS}
    if asked.get("deleted"):
        return BIN
    if "active" in asked:
        return ACTIVE if asked["active"] else DEACTIVATED
    return ALL
