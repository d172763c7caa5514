"""What lives as long as the window and is handed to its parts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings

from core.paths import UserFolders
from desktop.activity.model import Activity
from desktop.core_thread import CoreClient
from desktop.failures import Failures
from desktop.notifications import Notifications
from desktop.tabs import TabEntry
from desktop.tasks import TaskRunner
from desktop.theme import Theme

if TYPE_CHECKING:
    from core.app import Core
    from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that the whole window shares.

    ``tabs`` is the table of tabs; ``tasks`` runs what belongs to the frame itself.
    """

    core: CoreClient
    tasks: TaskRunner
    theme: Theme
    notifications: Notifications
    failures: Failures
    activity: Activity
    folders: UserFolders
    tabs: tuple[TabEntry, ...]

    def window_settings(self, group: str = "") -> QSettings:
        """Return what the window keeps, in a group where one is named."""
        settings = QSettings(str(self.folders.window_file), QSettings.Format.IniFormat)
        if group:
            settings.beginGroup(group)
        return settings

    async def current_settings(self) -> "Settings":
        """Return the settings in force."""
        return await self.core.run(_settings_of)


async def _settings_of(core: "Core") -> "Settings":
    return core.settings.current
