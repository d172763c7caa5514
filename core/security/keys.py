"""The keys that seal secret values: in the person's configuration folder, never in a workspace.

The file is readable by its owner alone. Each sealed value names its key, so that a new key
can be made while older values can still be opened.
"""

import base64
import contextlib
import json
import os
from pathlib import Path

from core.errors import AppError, Category
from core.files import create_atomically
from core.translation import _

KEY_BYTES = 32


class KeyStoreError(AppError):
    """The key file cannot be used."""

    code = "keys"
    category = Category.SYSTEM


class KeyStore:
    """The keys of one person, read when first needed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._keys: dict[str, bytes] | None = None

    def current(self) -> tuple[str, bytes]:
        """Return id and bytes of the key that seals new values; the first use makes it.

        Raises:
            KeyStoreError: The file cannot be read, or the new key not be saved.
        """
        keys = self._load() or self._load_again()
        if not keys:
            self._make_first()
            keys = self._load_again()
        key_id = max(keys, key=int)
        return key_id, keys[key_id]

    def find(self, key_id: str) -> bytes | None:
        """Return the key with this id, None where this machine has none.

        Raises:
            KeyStoreError: The file cannot be read.
        """
        return self._load().get(key_id) or self._load_again().get(key_id)

    def _load_again(self) -> dict[str, bytes]:
        """Read what another window may have made in the meantime."""
        self._keys = None
        return self._load()

    def _load(self) -> dict[str, bytes]:
        if self._keys is None:
            try:
                self._keys = _decoded(json.loads(self._file.read_text("utf-8")))
            except FileNotFoundError:
                self._keys = {}
            except (OSError, ValueError, RecursionError) as error:
                raise KeyStoreError(
                    _("The key file cannot be read, so secrets can be neither kept nor used."),
                    detail=f"{self._file}: {error}",
                    hint=_("Restore the file from a backup of your configuration folder."),
                ) from error
        return self._keys

    def _make_first(self) -> None:
        encoded = {"1": base64.b64encode(os.urandom(KEY_BYTES)).decode("ascii")}
        try:
            with contextlib.suppress(FileExistsError):
                create_atomically(self._file, json.dumps(encoded, indent=2).encode())
        except OSError as error:
            raise KeyStoreError(
                _("The key for secrets could not be saved, so the secret was not kept."),
                detail=f"{self._file}: {error}",
                hint=_("Check that the configuration folder is writable."),
            ) from error


def _decoded(stored: object) -> dict[str, bytes]:
    if not isinstance(stored, dict) or not all(isinstance(v, str) for v in stored.values()):
        raise ValueError(_("It holds no keys."))
    keys = {str(int(k)): base64.b64decode(v, validate=True) for k, v in stored.items()}
    if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise ValueError(_("A key in it is not complete."))
    return keys
