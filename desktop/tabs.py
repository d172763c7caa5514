"""What a tab is, and what the frame hands to it.

A tab belongs to one open workspace: it is made when the workspace opens and closed before
the workspace is. It gets everything through its ``TabContext`` and knows neither the window
nor another tab.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from core.events import Event
from core.security.actors import Actor
from core.workspaces.schemas import WorkspaceKind

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QWidget

    from core.builds.schemas import BuildRow
    from desktop.actions import Actions
    from desktop.activity.model import Activity
    from desktop.core_thread import WorkspaceClient
    from desktop.failures import Failures
    from desktop.notifications import Notifications
    from desktop.tasks import TaskRunner
    from desktop.theme import Theme


@dataclass(frozen=True, slots=True)
class TabContext:
    """Everything a tab may use.

    Attributes:
        workspace: Calls the open workspace: ``await workspace.run(lambda w: w.builds.…)``.
        tasks: Starts the coroutines of this tab; cancelled after ``Tab.close``.
        theme: Colours and icons.
        notifications: Quiet messages at the upper right.
        failures: Takes errors that have no place of their own.
        actions: The actions of this tab alone; the frame removes them when it closes.
        activity: Running and finished jobs, and the panel that shows them.
        settings: What the window keeps (splitters, columns), already in the tab's group.
        actor: On whose behalf the tab calls services.
        come_forward: Chooses this tab in the window.
    """

    workspace: "WorkspaceClient"
    tasks: "TaskRunner"
    theme: "Theme"
    notifications: "Notifications"
    failures: "Failures"
    actions: "Actions"
    activity: "Activity"
    settings: "QSettings"
    actor: Actor
    come_forward: Callable[[], None]


class Tab(Protocol):
    """One tab of the window."""

    @property
    def widget(self) -> "QWidget":
        """What the tab shows."""

    @property
    def title(self) -> str:
        """The words in the tab row."""

    @property
    def icon(self) -> str:
        """The name of the icon in the tab row, as ``Theme.icon`` takes it."""

    async def load(self) -> None:
        """Fetch what is shown first; called once, after the tab is on the screen.

        Raises:
            AppError: Shown by the frame as a notification.
        """

    async def close(self) -> None:
        """End what is under way; nothing of the tab is called afterwards."""

    def on_event(self, event: Event) -> None:
        """Take an event of the core, on the thread of the window; return at once."""

    def save_state(self) -> None:
        """Keep splitters, columns and selection in ``TabContext.settings``."""

    def focus_main(self) -> None:
        """Give the keyboard to what is used first."""


@runtime_checkable
class ShowsBuilds(Tab, Protocol):
    """The tab to which all that names a build leads."""

    def show_build(self, build: "BuildRow") -> None:
        """Come forward with this build chosen, of whatever project it is."""


@runtime_checkable
class ShowsAlerts(Tab, Protocol):
    """The tab to which all that names an alert leads."""

    def show_alerts(self) -> None:
        """Come forward with the alerts."""


@dataclass(frozen=True, slots=True)
class TabEntry:
    """A line of the table of tabs.

    Attributes:
        key: Names the tab in the kept state of the window; never translated.
        kinds: The workspaces that have this tab.
        create: Makes the tab; imports its package only when called.
    """

    key: str
    kinds: frozenset[WorkspaceKind]
    create: Callable[[TabContext], Tab]
