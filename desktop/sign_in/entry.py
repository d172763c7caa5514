"""Leads a person from an opened file to an actor: the pages before a workspace."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from core.errors import AppError, ConflictError
from core.security.actors import Actor, Origin
from core.sign_in.schemas import (
    Entrance,
    FirstAdministrator,
    SecondFactorNeeded,
    SignedIn,
    TooManyAttemptsError,
)
from core.translation import _
from desktop.sign_in.calls import SignInCalls
from desktop.sign_in.page import CardPage
from desktop.sign_in.pages import CodePage, FirstStartPage, MustChangePage, SignInPage
from desktop.tasks import TaskRunner
from desktop.theme import Theme


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the pages lead.

    Attributes:
        show: Shows a page.
        drop: Takes a page out for good.
        enter: Lets somebody in, who came this way; the pages are gone by then.
        leave: Closes the workspace.
    """

    show: Callable[[CardPage], None]
    drop: Callable[[CardPage], None]
    enter: Callable[[SignedIn, Entrance], Coroutine[Any, Any, None]]
    leave: Callable[[], object]


def here() -> Actor:
    """Return who is signed in at the operating system."""
    return Actor.of_this_computer(Origin.DESKTOP)


class Entry:
    """Shows one page after another until somebody is in.

    Args:
        workspace: The name of the workspace.
    """

    def __init__(
        self, calls: SignInCalls, theme: Theme, tasks: TaskRunner, workspace: str, ways: Ways
    ) -> None:
        self._calls, self._theme, self._tasks = calls, theme, tasks
        self._workspace, self._ways = workspace, ways
        self.page: CardPage | None = None

    async def begin(self, reason: str = "", username: str = "") -> None:
        """Let in who may come in, or show the first page.

        Args:
            reason: Why somebody is here again, such as an ended session.
            username: Of who was here before.

        Raises:
            AppError: The workspace cannot tell.
        """
        entrance = await self._calls.entrance()
        if entrance is Entrance.OPEN:
            await self._enter(SignedIn(here(), must_change_password=False), entrance)
        elif entrance is Entrance.READING:
            await self._enter(await self._calls.read_along(), entrance)
        elif entrance is Entrance.FIRST_START:
            self._show_first_start()
        else:
            resumed = None if reason else await self._calls.resume()
            if resumed is not None:
                await self._let_in(resumed)
            else:
                await self.show_sign_in(reason, username)

    async def show_sign_in(self, reason: str = "", username: str = "") -> None:
        """Ask for name and password."""
        no_remember = await self._calls.why_not_remembered()
        page = SignInPage(self._theme, self._workspace, no_remember=no_remember)
        page.fill_name(username)
        page.submitted.connect(lambda: self._sign_in(page))
        page.leave_wanted.connect(self._ways.leave)
        self._show(page)
        if reason:
            page.say(reason)

    def close(self) -> None:
        """Take the page away, with what was typed."""
        page, self.page = self.page, None
        if page is not None:
            page.wipe()
            self._ways.drop(page)

    # First start

    def _show_first_start(self) -> None:
        name = here().user
        page = FirstStartPage(
            self._theme, self._tasks, self._workspace, name, self._calls.report
        )
        page.submitted.connect(lambda: self._create_first(page))
        page.open_here_wanted.connect(lambda: self._ask(page, self._open_here()))
        page.leave_wanted.connect(self._ways.leave)
        self._show(page)

    def _create_first(self, page: FirstStartPage) -> None:
        data = page.input()
        if data is not None:
            self._ask(page, self._made(data))

    async def _made(self, data: FirstAdministrator) -> None:
        try:
            signed_in = await self._calls.create_first(data)
        except ConflictError as error:
            await self.show_sign_in(error.title)  # somebody was faster
            return
        await self._let_in(signed_in)

    async def _open_here(self) -> None:
        await self._calls.set_open_here(here(), True)
        await self.begin()

    # Signing in

    def _sign_in(self, page: SignInPage) -> None:
        typed = page.input()
        if typed is not None:
            self._ask(page, self._with_password(*typed))

    async def _with_password(self, username: str, password: str, remember: bool) -> None:
        answer = await self._calls.sign_in(username, password, remember)
        if isinstance(answer, SecondFactorNeeded):
            self._show_code(answer.ticket, username)
        else:
            await self._let_in(answer)

    def _show_code(self, ticket: str, username: str) -> None:
        page = CodePage(self._theme, self._workspace)
        page.submitted.connect(lambda: self._with_code(page, ticket))
        page.leave_wanted.connect(lambda: self._tasks.run(self.show_sign_in(username=username)))
        self._show(page)

    def _with_code(self, page: CodePage, ticket: str) -> None:
        code = page.input()
        if code is not None:
            self._ask(page, self._then_let_in(self._calls.second_factor(ticket, code)))

    def _show_must_change(self, signed_in: SignedIn) -> None:
        actor = signed_in.actor
        page = MustChangePage(
            self._theme, self._tasks, self._workspace, actor.user, self._calls.report
        )
        page.submitted.connect(lambda: self._change(page, signed_in))
        page.leave_wanted.connect(lambda: self._ask(page, self._give_up(actor)))
        self._show(page)

    def _change(self, page: MustChangePage, signed_in: SignedIn) -> None:
        typed = page.input()
        if typed is not None:
            self._ask(page, self._changed(signed_in, *typed))

    async def _changed(self, signed_in: SignedIn, present: str, new: str) -> None:
        changed = await self._calls.change_password(signed_in.actor, present, new)
        await self._enter(replace(changed, notices=signed_in.notices))

    async def _give_up(self, actor: Actor) -> None:
        await self._calls.sign_out(actor)
        await self.show_sign_in(_("You signed out."), actor.user)

    # What all of them do

    async def _then_let_in(self, call: Coroutine[Any, Any, SignedIn]) -> None:
        await self._let_in(await call)

    async def _let_in(self, signed_in: SignedIn) -> None:
        if signed_in.must_change_password:
            self._show_must_change(signed_in)
        else:
            await self._enter(signed_in)

    async def _enter(self, signed_in: SignedIn, entrance: Entrance = Entrance.SIGN_IN) -> None:
        self.close()
        await self._ways.enter(signed_in, entrance)

    def _show(self, page: CardPage) -> None:
        self.close()
        self.page = page
        self._ways.show(page)
        page.focus_main()

    def _ask(self, page: CardPage, call: Coroutine[Any, Any, None]) -> None:
        """Await an answer; an error is shown on the page that asked."""
        if page.busy:
            call.close()
            return
        page.message.say("")
        page.set_busy(True)
        self._tasks.run(self._await(page, call))

    async def _await(self, page: CardPage, call: Coroutine[Any, Any, None]) -> None:
        try:
            await call
        except AppError as error:
            if self.page is not page:
                raise  # another page is shown; whoever takes failures tells this one
            page.set_busy(False)
            wait = error.wait_s if isinstance(error, TooManyAttemptsError) else 0
            page.show_failure(error, wait)
            _let_type_again(page)
        else:
            if self.page is page:
                page.set_busy(False)


def _let_type_again(page: CardPage) -> None:
    """Forget what was wrong where one line is typed anew, and give it the keyboard."""
    if isinstance(page, SignInPage):
        page.password.wipe()
        page.password.setFocus()
    elif isinstance(page, CodePage):
        page.wipe()
        page.line.setFocus()
