"""One open workspace in the window: who comes in, what they see, the lock, and who leaves."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import shiboken6
from PySide6.QtGui import QWindow

from core.errors import AppError
from core.events import Event
from core.security.actors import Actor
from core.sign_in.schemas import AccessChanged, Entrance, SignedIn, SignInRules
from core.translation import _
from core.workspaces.schemas import WorkspaceKind
from desktop.actions import Actions
from desktop.core_thread import WorkspaceClient
from desktop.frame.lock import Lock
from desktop.frame.services import Services
from desktop.frame.session import WorkspaceSession
from desktop.main_window import MainWindow
from desktop.notifications import Kind
from desktop.sign_in.account import Account, AccountContext
from desktop.sign_in.account_button import role_words
from desktop.sign_in.calls import SignInCalls
from desktop.sign_in.entry import Entry, Ways, here
from desktop.sign_in.idle import IdleWatch
from desktop.sign_in.lock_page import LockPage
from desktop.sign_in.page import CardPage
from desktop.tasks import TaskRunner


class Visit:
    """Shows an open workspace: first the way in, then its tabs, until it is closed.

    Args:
        client: Calls the workspace; closing it in the core is left to the owner.
        on_trust: Called when the person wants to trust the workspace.
        on_leave: Called when the person wants another workspace.
        on_change: Called when somebody came in or left.
    """

    def __init__(
        self,
        client: WorkspaceClient,
        window: MainWindow,
        services: Services,
        *,
        on_trust: Callable[[], object],
        on_leave: Callable[[], object],
        on_change: Callable[[], object],
    ) -> None:
        self.client = client
        self._window, self._services = window, services
        self._on_trust, self._on_change = on_trust, on_change
        self._tasks = TaskRunner(services.failures.handle)
        self._turn = asyncio.Lock()
        self._closed = False
        self._limit = 0
        self._came: Entrance = Entrance.OPEN
        self._calls = SignInCalls(client)
        ways = Ways(show=self._show_page, drop=window.drop_page, enter=self._enter,
                    leave=on_leave)  # fmt: skip
        self.entry = Entry(self._calls, services.theme, self._tasks, client.info.name, ways)
        self.lock = Lock(window)
        self.idle = IdleWatch()
        self.idle.idle.connect(self.lock_now)
        self.idle.used.connect(self._tell_use)
        self.session: WorkspaceSession | None = None
        self.account: Account | None = None
        client.on_session_ended = self._take_end

    # Coming and going

    async def open(self) -> None:
        """Let in who may come in, or ask who is there.

        Raises:
            AppError: The workspace does not answer.
        """
        self._window.show_title(self.client.info.name)
        if self.client.info.kind is WorkspaceKind.PLAIN:
            await self._enter(SignedIn(here(), must_change_password=False), Entrance.OPEN)
        else:
            await self.entry.begin()

    async def close(self) -> None:
        """Take everything out of the window."""
        self._closed = True
        self.client.on_session_ended = None
        async with self._turn:
            await self._take_out()
        self.entry.close()
        self.lock.release()
        await self._tasks.close()
        self._window.show_title("")

    async def rebuild(self) -> None:
        """Show the tabs anew, as after trust or rights changed."""
        async with self._turn:
            session = self.session
            if session is None or self._closed:
                return
            await session.close()
            self._forget_account()
            await self._show(session.actor)

    def _show_page(self, page: CardPage) -> None:
        self._window.show_page(page)

    def on_event(self, event: Event) -> None:
        """Take an event of the core and hand it on."""
        if isinstance(event, AccessChanged):
            self._take_access(event)
        if self.session is not None:
            self.session.on_event(event)

    def sign_out(self) -> None:
        """Sign out and ask who comes next."""
        session = self.session
        if session is not None and session.actor.session is not None:
            self._tasks.run(self._sign_out(session.actor))

    def begin_again(self) -> None:
        """Close the tabs and show the way in anew."""
        self._tasks.run(self._leave(""))

    async def _sign_out(self, actor: Actor) -> None:
        await self._leave(_("You signed out."), before=self._calls.sign_out(actor))

    async def _leave(
        self, reason: str, *, before: Coroutine[Any, Any, None] | None = None
    ) -> None:
        """Close the tabs and show the way in, if anybody is in."""
        async with self._turn:
            session = self.session
            if session is None or self._closed:
                if before is not None:
                    before.close()
                return
            user = session.actor.user if session.actor.session is not None else ""
            await self._take_out()
            try:
                if before is not None:
                    await before
            finally:
                await self._show_way_in(reason, user)
        self._on_change()

    async def _show_way_in(self, reason: str, user: str) -> None:
        try:
            await self.entry.begin(reason, user)
        finally:
            # Only now: what was covered must not be seen once more.
            self.lock.release()
        if self.entry.page is not None:
            self.entry.page.focus_main()

    async def _take_out(self) -> None:
        self.idle.stop()
        session, self.session = self.session, None
        self._forget_account()
        self.lock.forget_dialogs()
        if session is not None:
            await session.close()
            self._window.show_title(self.client.info.name)

    def _forget_account(self) -> None:
        account, self.account = self.account, None
        if account is not None:
            account.close()
        self._window.account.hide()

    # Being in

    async def _enter(self, signed_in: SignedIn, came: Entrance) -> None:
        if self._closed:
            return
        self._came = came
        await self._show(signed_in.actor)
        if self.session is None:
            return  # it was over before the tabs were there
        for notice in signed_in.notices:
            self._services.notifications.notify(notice, kind=Kind.WARNING)
        if came is Entrance.SIGN_IN:
            self._watch_idle(signed_in.idle_lock_s)
        self._on_change()

    async def _show(self, actor: Actor) -> None:
        session = WorkspaceSession(
            self.client, self._window, self._services, actor, self._on_trust
        )
        self.session = session
        if self.client.info.kind is WorkspaceKind.MANAGED:
            self.account = Account(self._account_context(actor))
            self._window.account.show_person(
                actor.user, actor.role, here=self._came is not Entrance.SIGN_IN
            )
        await session.open()

    def _account_context(self, actor: Actor) -> AccountContext:
        services = self._services
        return AccountContext(
            parent=self._window,
            theme=services.theme,
            tasks=self._tasks,
            actions=Actions(self._window, self._tasks),
            notifications=services.notifications,
            calls=self._calls,
            info=self.client.info,
            actor=actor,
            entrance=self._came,
            on_rules=self._take_rules,
            show_menu=self._window.account.open_menu,
            lock=self.lock_now,
            sign_out=self.sign_out,
            begin_again=self.begin_again,
        )

    def _take_rules(self, rules: SignInRules) -> None:
        if self._came is Entrance.SIGN_IN:
            self._watch_idle(rules.lock_after * 60)

    def _tell_use(self) -> None:
        session = self.session
        if session is not None:
            self._tasks.run(self._calls.seen(session.actor))

    def _watch_idle(self, limit_s: int) -> None:
        self._limit = limit_s
        window: QWindow | None = self._window.windowHandle()
        self.idle.start(limit_s, window)

    # Locking

    @property
    def locked(self) -> bool:
        """Whether the window is locked."""
        return self.lock.engaged

    def lock_now(self) -> None:
        """Hide everything until the password is typed again."""
        session = self.session
        if session is None or self._came is not Entrance.SIGN_IN or self.locked:
            return
        actor = session.actor
        self.idle.stop()
        page = LockPage(self._services.theme, self.client.info.name, actor.user)
        page.submitted.connect(lambda: self._unlock(page, actor))
        page.sign_out_wanted.connect(self.sign_out)
        self.lock.engage(page)
        page.focus_main()
        self._tasks.run(self._calls.lock(actor))

    def _unlock(self, page: LockPage, actor: Actor) -> None:
        password = page.input()
        if password is not None and not page.message.waiting:
            page.set_busy(True)
            self._tasks.run(self._try_to_unlock(page, actor, password))

    async def _try_to_unlock(self, page: LockPage, actor: Actor, password: str) -> None:
        try:
            await self._calls.unlock(actor, password)
        except AppError as error:
            if shiboken6.isValid(page):
                page.set_busy(False)
                page.wipe()
                page.show_failure(error, getattr(error, "wait_s", 0))
                page.focus_main()
            return
        # Meanwhile the session may have ended, or another lock be up.
        if shiboken6.isValid(page) and self.session is not None and self.session.actor == actor:
            self.lock.release()
            self._watch_idle(self._limit)

    # What others decide

    def _take_access(self, event: AccessChanged) -> None:
        session = self.session
        if session is None or session.actor.session != event.session:
            return
        if event.actor is None:
            self._tasks.run(self._leave(event.why))
        elif event.actor != session.actor:
            self._tasks.run(self._change_actor(event.actor, event.why))

    def _take_end(self, error: AppError) -> None:
        if self.session is not None:
            self._tasks.run(self._leave(error.title))

    async def _change_actor(self, actor: Actor, why: str) -> None:
        async with self._turn:
            session = self.session
            if session is None or self._closed:
                return
            await session.close()
            self._forget_account()
            await self._show(actor)
        self._services.notifications.notify(
            why or _("Your rights were changed."),
            _("You are {role} now; the tabs were made anew.").format(
                role=role_words(actor.role)
            ),
        )
