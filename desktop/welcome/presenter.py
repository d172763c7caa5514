"""Feeds the welcome page: which workspaces were opened before, and what was chosen."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import AppError
from core.workspaces.schemas import RecentWorkspace
from desktop.core_thread import CoreClient
from desktop.tasks import TaskRunner
from desktop.welcome.view import WelcomeView


@dataclass(frozen=True, slots=True)
class WelcomeChoices:
    """What the page can start; each is a coroutine function of the frame."""

    new: Callable[[], Coroutine[Any, Any, None]]
    open: Callable[[], Coroutine[Any, Any, None]]
    demo: Callable[[], Coroutine[Any, Any, None]]
    path: Callable[[Path], Coroutine[Any, Any, None]]


class WelcomePresenter:
    """Joins the welcome page with the core."""

    def __init__(
        self, view: WelcomeView, core: CoreClient, tasks: TaskRunner, choices: WelcomeChoices
    ) -> None:
        self._view, self._core = view, core
        self.recent: tuple[RecentWorkspace, ...] = ()
        view.new_wanted.connect(lambda: tasks.run(choices.new()))
        view.open_wanted.connect(lambda: tasks.run(choices.open()))
        view.demo_wanted.connect(lambda: tasks.run(choices.demo()))
        view.path_chosen.connect(lambda path: tasks.run(choices.path(path)))
        view.remove_wanted.connect(lambda path: tasks.run(self.forget(path)))

    async def load(self) -> None:
        """Fetch the recent workspaces and show them; an error is shown in place."""
        try:
            self.recent = await self._core.run(lambda core: core.workspaces.recent())
        except AppError as error:
            self._view.show_error(error)
        self._view.show_recent(self.recent)

    async def forget(self, path: Path) -> None:
        """Take a workspace out of the list; its file stays."""
        try:
            await self._core.run(lambda core: core.workspaces.forget(path))
        except AppError as error:
            self._view.show_error(error)
        await self.load()
        self._view.focus_main()
