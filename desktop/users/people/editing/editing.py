"""Making and changing people: opens the form, one at a time, and joins it to the core."""

from collections.abc import Awaitable, Callable, Mapping

from PySide6.QtWidgets import QWidget

from core.sign_in.schemas import PasswordReport
from core.users.schemas import UserCreate, UserDetails, UserEdit, UserRow
from desktop.tabs import TabContext
from desktop.users.people.editing.form import FormCalls, PersonForm
from desktop.users.people.presenter import PeoplePresenter
from desktop.widgets.single_window import SingleWindow


class Editing:
    """Opens the form.

    Args:
        show_password: Shows a temporary password of a user name, once.

    Attributes:
        parent: The form stands over it; set once the view is made.
    """

    def __init__(
        self,
        context: TabContext,
        presenter: PeoplePresenter,
        show_password: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self._context, self._presenter = context, presenter
        self._show_password = show_password
        self.parent: QWidget | None = None
        self._window = SingleWindow[PersonForm]()

    @property
    def form(self) -> PersonForm | None:
        """The form that is open, None without one."""
        return self._window.shown

    def create(self) -> None:
        """Open the form for a new person."""
        self._open(None)

    async def edit(self, row: UserRow) -> None:
        """Open the form for somebody, as stored now."""
        self._open(await self._presenter.stored(row.id))

    def close(self) -> None:
        """Put the form away, whatever was typed."""
        self._window.close()

    def _open(self, base: UserDetails | None) -> None:
        self._window.open(
            lambda: PersonForm(
                self.parent,
                self._context.theme,
                self._context.tasks,
                FormCalls(self._create, self._edit, self._report),
                region=self._presenter.region,
                base=base,
            )
        )

    async def _create(self, data: UserCreate, generate: bool) -> UserDetails:
        stored = await self._presenter.calls.create(data)
        if generate:
            self._context.tasks.run(self._make_password(stored))
        return stored

    async def _make_password(self, stored: UserDetails) -> None:
        password = await self._presenter.calls.reset_password(stored.row.id)
        await self._show_password(stored.row.username, password)

    async def _edit(self, base: UserDetails, data: UserEdit) -> UserDetails:
        return await self._presenter.calls.edit(base, data)

    async def _report(self, password: str, owner: Mapping[str, str]) -> PasswordReport:
        return await self._presenter.calls.password_report(
            password,
            username=owner["username"],
            display_name=owner["display_name"],
            email=owner["email"],
        )
