"""Keeps what was found out last of a file beside the workspace, for the next start."""

import functools
import logging
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from core.errors import AppError
from core.files import write_atomically
from core.paths import WorkspaceFolders

_LARGEST_BYTES = 16 * 1024 * 1024

_log = logging.getLogger(__name__)

T = TypeVar("T")


class KeptFile(Generic[T]):
    """One finding, as JSON in a file of its own; whatever fails there is only logged.

    Args:
        name: Of the file.
        kind: The dataclass that is kept.
    """

    def __init__(self, name: str, kind: type[T]) -> None:
        self._name = name
        self._kind = kind

    def keep(self, found: T, folders: WorkspaceFolders) -> None:
        """Write it in the place of the one before; blocks."""
        try:
            folders.create()
            write_atomically(folders.root / self._name, self._adapter.dump_json(found))
        except (OSError, AppError) as error:
            _log.warning("%s was not kept: %s", self._name, error)

    def read(self, folders: WorkspaceFolders) -> T | None:
        """Return what was kept; None where there is none that can be read. Blocks."""
        try:
            with (folders.root / self._name).open("rb") as file:
                text = file.read(_LARGEST_BYTES)
            return self._adapter.validate_json(text)
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            _log.warning("%s cannot be read: %s", self._name, error)
            return None

    # Made when it is needed: that takes longer than all else of a module.
    @functools.cached_property
    def _adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self._kind)
