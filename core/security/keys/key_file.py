"""Keys in a file of the person's configuration folder, readable by its owner alone.

A file that others may read is taken from them at once; as they may have read it already,
the log and the settings window say so. Where that cannot be done, the file is refused.
"""

import json
import logging
import os
import stat
from pathlib import Path

from core.files import sync_folder, write_atomically
from core.security.keys.errors import KeyStoreError
from core.security.keys.key import Keys, decode_keys, encode_keys
from core.translation import _

_LARGEST = 1024 * 1024
_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO

_log = logging.getLogger(__name__)


class KeyFile:
    """The key file; its calls block shortly.

    Attributes:
        path: Where it lies.
        was_exposed: Whether others could read it until this process looked.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.was_exposed = False

    def exists(self) -> bool:
        """Tell whether there is a file, of whatever content."""
        return os.path.lexists(self.path)

    def stamp(self) -> tuple[int, ...]:
        """Return what is another one whenever the file was written; empty without a file."""
        try:
            status = self.path.stat()
        except OSError:
            return ()
        return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    def read(self) -> Keys:
        """Return the keys, none where there is no file.

        Raises:
            KeyStoreError: There is one, and it cannot be read as keys; it is left alone.
        """
        try:
            return decode_keys(json.loads(self._content()))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, RecursionError) as error:
            raise KeyStoreError(
                _("The key file cannot be read, so secrets can be neither kept nor used."),
                detail=f"{self.path}: {error}",
                hint=_(
                    "Restore the file from a backup of your configuration folder, or put it"
                    " aside and import the keys from an export (Settings, Keys)."
                ),
            ) from error

    def write(self, keys: Keys) -> None:
        """Replace the file, and make sure of it by reading it back.

        Raises:
            KeyStoreError: The keys are not kept; the file is as it was.
        """
        content = json.dumps(encode_keys(keys), indent=2).encode()
        if len(content) > _LARGEST:
            raise KeyStoreError(
                _("The keys were not saved: there are more than fit into a file."),
                hint=_("What is sealed goes on with the keys that were there before."),
            )
        try:
            write_atomically(self.path, content)
        except OSError as error:
            raise KeyStoreError(
                _("The key for secrets could not be saved, so nothing was sealed with it."),
                detail=f"{self.path}: {error}",
                hint=_("Check that the configuration folder is writable and has room."),
            ) from error
        if self.read() != keys:
            raise KeyStoreError(
                _("The key for secrets was saved, but something else is read back."),
                detail=str(self.path),
                hint=_("Check the disk; nothing was sealed with the new key."),
            )

    def delete(self) -> None:
        """Remove the file, if there is one.

        Raises:
            KeyStoreError: It is still there.
        """
        try:
            self.path.unlink(missing_ok=True)
            sync_folder(self.path.parent)
        except OSError as error:
            raise KeyStoreError(
                _("The key file could not be removed; the keys are in both places now."),
                detail=f"{self.path}: {error}",
                hint=_("Remove the file yourself."),
            ) from error

    def _content(self) -> bytes:
        # Opening a pipe that somebody put there must not wait for a writer.
        descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
                raise ValueError(_("It holds no keys."))
            if os.name == "posix" and status.st_mode & _FOR_OTHERS:
                self._take_from_others(file.fileno())
            return file.read()

    def _take_from_others(self, descriptor: int) -> None:
        try:
            os.fchmod(descriptor, 0o600)
        except OSError as error:
            raise OSError(_("Others may read it, and that cannot be changed.")) from error
        self.was_exposed = True
        _log.warning("Others could read %s until now; it is private again", self.path)
