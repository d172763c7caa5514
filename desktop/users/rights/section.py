"""The section itself: joins the list, the person chosen, and what is given and taken."""

from PySide6.QtWidgets import QMessageBox, QWidget

from core.database.query.schemas import ListQuery, Operator
from core.errors import AppError
from core.events import Changed, Event
from core.rights.schemas import ProjectRoleRow, RightsRow
from core.security.operations import Operation, may
from core.translation import _
from desktop.async_dialogs import ask, finished
from desktop.notifications import Kind
from desktop.refresher import Refresher
from desktop.tabs import TabContext
from desktop.users.rights.calls import RightsCalls, without_factor_filters
from desktop.users.rights.columns import columns
from desktop.users.rights.grant_dialog import GrantDialog
from desktop.users.rights.view import RightsView
from desktop.users.roles import role_words
from desktop.widgets.filter_bar.conditions import Condition
from desktop.widgets.paged_table import PagedModel

_TOPICS = frozenset({"users", "rights", "projects"})
# What moves on with every deed; the list is old then, but not wrong.
_USED = frozenset({"audit", "builds"})
_PAUSE_S = 3.0


class RightsSection:
    """The review of rights."""

    def __init__(self, context: TabContext) -> None:
        self._context = context
        self.calls = RightsCalls(context)
        self.view = RightsView(context.theme)
        self.model: PagedModel[RightsRow] | None = None
        self.dialog: GrantDialog | None = None
        self._refresher = Refresher(context.tasks, self._refresh, _PAUSE_S)
        self.view.restore(context.settings)
        self.view.details.refuse(self._refusal())
        self.view.details.give_wanted.connect(lambda: context.tasks.run(self.give()))
        self.view.details.revoke_wanted.connect(
            lambda role: context.tasks.run(self.revoke(role))
        )
        self.view.risky_wanted.connect(self.show_risky)

    # The protocol of a section

    @property
    def widget(self) -> QWidget:
        """What the page shows."""
        return self.view

    async def load(self) -> None:
        """Ask what can be listed, and list it."""
        if self.model is not None:
            return
        fields = await self.calls.fields()
        self.model = PagedModel(
            self._context.tasks,
            columns(),
            key=_key,
            fetch=self.calls.slice,
            count=self.calls.count,
            parent=self.view,
        )
        self.view.fill(fields, self.model, self._context.tasks, self._context.settings)
        self._connect(self.model)
        self._list(ListQuery())
        if self.view.isVisible():
            self.focus_main()
        await self._look_for_risks()

    def on_event(self, event: Event) -> None:
        """Take an event of the core; what it asks for is fetched soon."""
        if isinstance(event, Changed) and event.topics & (_TOPICS | _USED):
            self._refresher.ask()

    def save_state(self) -> None:
        """Keep splitter, columns and legend."""
        self.view.save(self._context.settings)

    def focus_main(self) -> None:
        """Give the keyboard to the list."""
        if self.view.table is not None:
            self.view.table.setFocus()

    def close(self) -> None:
        """Put the dialog away."""
        if self.dialog is not None:
            self.dialog.reject()

    # What the person asks for

    def show_risky(self) -> None:
        """List the administrators without a second factor."""
        if self.view.filters is not None:
            self.view.filters.show_conditions(
                [
                    Condition(one.field, Operator.EQ, one.value)
                    for one in without_factor_filters()
                ]
            )

    async def give(self) -> None:
        """Ask for a project and a role, and give it to the person chosen."""
        person = self.view.details.row
        if person is None or self.dialog is not None:
            return
        projects = await self.calls.projects()
        self.dialog = GrantDialog(self.view, person, projects)
        dialog = self.dialog
        try:
            if await finished(dialog):
                await self.calls.grant(dialog.project_id, person.user_id, dialog.chosen_role)
                self._context.notifications.notify(
                    _("“{name}” has the role now").format(name=person.username),
                    role_words(dialog.chosen_role),
                    Kind.SUCCESS,
                )
                await self._refresh()
        finally:
            self.dialog = None
            dialog.deleteLater()

    async def revoke(self, role: ProjectRoleRow) -> None:
        """Take a role in a project away, once the person has said so."""
        person = self.view.details.row
        if person is None:
            return
        chosen, _tick = await ask(
            self.view,
            title=_("Take the role in “{project}” away?").format(project=role.project),
            text=_("“{name}” can do in this project only what the role everywhere allows.")
            .format(name=person.username),
            actions=(
                (_("Take away"), QMessageBox.ButtonRole.DestructiveRole),
                (_("Cancel"), QMessageBox.ButtonRole.RejectRole),
            ),
        )  # fmt: skip
        if chosen == 0:
            await self.calls.grant(role.project_id, person.user_id, None)
            await self._refresh()

    # How it is joined

    def _connect(self, model: PagedModel[RightsRow]) -> None:
        view = self.view
        assert view.table is not None
        assert view.filters is not None
        assert view.pane is not None
        view.filters.changed.connect(self._list)
        view.pane.clear_filters.connect(view.filters.clear)
        view.table.current_changed.connect(view.details.show_row)
        view.table.notice.connect(self._context.notifications.notify)
        model.arrived.connect(self._follow)

    def _list(self, query: ListQuery) -> None:
        assert self.view.table is not None
        self.view.table.show_query(query)

    def _follow(self, first: int, count: int) -> None:
        """Let the details follow what came for the person who is shown."""
        table, model = self.view.table, self.model
        assert table is not None
        assert model is not None
        place = table.currentIndex().row()
        if place < 0 and first == 0 and count:
            table.chosen.select_one(0)
        elif first <= place < first + count:
            self.view.details.show_row(model.row_at(place))

    async def _refresh(self) -> None:
        if self.model is not None:
            self.model.refresh()
            await self._look_for_risks()

    async def _look_for_risks(self) -> None:
        try:
            count, names = await self.calls.without_factor()
        except AppError:
            # The list beside it says what is wrong.
            self.view.show_risky(0, ())
            return
        self.view.show_risky(count, names)

    def _refusal(self) -> str:
        info = self._context.workspace.info
        if info.read_only:
            return _("The file cannot be written.")
        if not may(self._context.actor, Operation.PROJECTS_GRANT):
            return _("Only administrators give roles.")
        return ""


def _key(row: RightsRow) -> int:
    return row.user_id
