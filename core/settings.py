"""The settings of this machine: typed, with defaults, kept in one JSON file.

They never lie in a workspace: a workspace that comes from elsewhere must not steer the
program that opens it.
"""

import json
import os
import threading
from enum import StrEnum
from typing import Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.database.fields.phones import known_region, region_here
from core.errors import AppError, Category
from core.files import write_atomically
from core.paths import UserFolders
from core.translation import _


class Appearance(StrEnum):
    """Which colours the window has."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Durability(StrEnum):
    """What a committed row survives: full, also a power cut; normal, a crash of the program."""

    FULL = "full"
    NORMAL = "normal"


class ClosePolicy(StrEnum):
    """What happens to running builds when the window is closed."""

    ASK = "ask"
    TRAY = "tray"
    FINISH = "finish"
    CANCEL = "cancel"


class BuildNewsPolicy(StrEnum):
    """Of which builds the system tells the end, while nobody looks at the window."""

    ALL = "all"
    FAILURES = "failures"
    NEVER = "never"


class LogLevel(StrEnum):
    """How much the program writes about itself."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"


class KeyStorage(StrEnum):
    """Where keys lie; ``ask`` takes the keyring, and asks for consent where there is none."""

    ASK = "ask"
    KEYRING = "keyring"
    FILE = "file"


class Settings(BaseSettings):
    """Everything that is called a setting; ``BUILDBENCH_…`` variables win over the file."""

    model_config = SettingsConfigDict(
        env_prefix="BUILDBENCH_", frozen=True, validate_default=True, extra="ignore"
    )

    appearance: Appearance = Appearance.SYSTEM
    language: str = ""
    reopen_last: bool = True
    close_policy: ClosePolicy = ClosePolicy.ASK
    build_news: BuildNewsPolicy = BuildNewsPolicy.ALL
    durability: Durability = Durability.FULL
    log_level: LogLevel = LogLevel.INFO
    slow_statement_ms: int = Field(default=100, ge=1, le=60_000)
    log_cap_mib: int = Field(default=1024, ge=1, le=1024 * 1024)
    phone_region: str = Field(default_factory=region_here)
    editor_command: str = Field(default="", max_length=1000)

    key_storage: KeyStorage = KeyStorage.ASK

    @field_validator("phone_region")
    @classmethod
    def _known_region(cls, value: str) -> str:
        return known_region(value)


class SettingsError(AppError):
    """The settings file cannot be read or written."""

    code = "settings"
    category = Category.SYSTEM


class SettingsStore:
    """Holds the settings in force and keeps them in the person's configuration folder."""

    def __init__(self, folders: UserFolders) -> None:
        self.folders = folders
        # Neither the file nor the environment is asked before ``load``.
        self.current = Settings.model_construct()
        # What the file says: without what only the environment says, and with what it means
        # to another version of the program.
        self._stored: dict[str, object] = {}
        self._changing = threading.Lock()

    def load(self) -> Settings:
        """Read the file; where there is none the defaults hold.

        Raises:
            SettingsError: The file is not readable as settings. The defaults are in force
                and the file is left alone until the next change.
        """
        path = self.folders.settings_file
        self.current = self._from_environment()
        try:
            values = _checked(json.loads(path.read_text("utf-8")))
            self.current = _with_environment(values)
            self._stored = values
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, RecursionError) as error:
            raise SettingsError(
                _("The settings could not be read, so the defaults are used."),
                detail=f"{path}: {error}",
                hint=_("Correct or delete the file; changing a setting writes it anew."),
            ) from error
        return self.current

    def _from_environment(self) -> Settings:
        try:
            return Settings()
        except ValidationError as error:
            first = error.errors()[0]
            raise SettingsError(
                _("The variable {name} has a value that cannot be used.").format(
                    name=f"BUILDBENCH_{first['loc'][0]}".upper()
                ),
                detail=first["msg"],
                hint=_("Correct it or leave it out; the defaults are used."),
            ) from error

    def _stored_by_now(self) -> dict[str, object]:
        """Return what the file holds: another window may have changed it since."""
        try:
            stored = json.loads(self.folders.settings_file.read_text("utf-8"))
        except (OSError, ValueError):
            return self._stored
        return stored if isinstance(stored, dict) else self._stored

    def change(self, **values: object) -> Settings:
        """Take new values, write them, and return the settings in force; on any thread.

        Raises:
            SettingsError: A value is outside its limits, or the file cannot be written.
        """
        with self._changing:
            return self._change(values)

    def _change(self, values: dict[str, object]) -> Settings:
        try:
            changed = Settings.model_validate({**self.current.model_dump(), **values})
        except ValidationError as error:
            first = error.errors()[0]
            raise SettingsError(
                _("The setting “{name}” was not taken.").format(name=first["loc"][0]),
                detail=first["msg"],
            ) from error
        try:
            stored = {
                **self._stored_by_now(),
                **changed.model_dump(mode="json", include=set(values)),
            }
            write_atomically(self.folders.settings_file, json.dumps(stored, indent=2).encode())
        except OSError as error:
            raise SettingsError(
                _("The settings could not be saved."),
                detail=str(error),
                hint=_("Check that the folder is writable and the disk has room."),
            ) from error
        self.current, self._stored = changed, stored
        return changed


def _checked(values: object) -> dict[str, object]:
    if not isinstance(values, dict):
        raise TypeError(_("It holds no settings."))
    return values


def _with_environment(values: dict[str, Any]) -> Settings:
    prefix = "BUILDBENCH_"
    from_environment = {
        name[len(prefix) :].lower() for name in os.environ if name.startswith(prefix)
    }
    return Settings(**{k: v for k, v in values.items() if k not in from_environment})


def load_settings(folders: UserFolders | None = None) -> SettingsStore:
    """Return the settings of this person, read from the file.

    Raises:
        SettingsError: As ``SettingsStore.load``.
    """
    store = SettingsStore(folders or UserFolders.of_this_user())
    store.load()
    return store
