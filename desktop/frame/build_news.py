"""Tells the end of builds through the system, when nobody looks at the window."""

from collections.abc import Callable

from core.builds.schemas import BuildRow, BuildState
from core.settings import BuildNewsPolicy
from core.translation import _
from desktop.frame.services import Services
from desktop.frame.tray import Tray
from desktop.main_window import MainWindow


class BuildNews:
    """Shows a message of the system; a click on it leads to the build.

    Args:
        show_build: Brings the window forward with a build shown.
    """

    def __init__(
        self,
        window: MainWindow,
        services: Services,
        tray: Tray,
        show_build: Callable[[BuildRow], object],
    ) -> None:
        self._window, self._services, self._tray = window, services, tray
        self._show_build = show_build

    def ended(self, build: BuildRow) -> None:
        """Tell the end of a build, as the settings say."""
        if not self._window.isActiveWindow():
            self._services.tasks.run(self._tell(build))

    async def _tell(self, build: BuildRow) -> None:
        policy = (await self._services.current_settings()).build_news
        failed = build.state is BuildState.FAILED
        if policy is BuildNewsPolicy.NEVER or (
            policy is BuildNewsPolicy.FAILURES and not failed
        ):
            return
        title = _("{project} #{number}").format(project=build.project, number=build.number)
        self._tray.tell(title, _outcome(build), lambda: self._show_build(build))


def _outcome(build: BuildRow) -> str:
    words = {
        BuildState.SUCCESS: _("The build succeeded."),
        BuildState.CANCELLED: _("The build was cancelled."),
    }
    return words.get(build.state, _("The build failed."))
