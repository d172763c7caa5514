"""The keys that seal secret values: in the person's configuration folder, never in a workspace.

The file is readable by its owner alone. Each sealed value names its key, so that a new key
can be made while older values can still be opened.
"""

import base64
import json
import os
from pathlib import Path

from core.errors import AppError, Category
from core.files import write_atomically
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
        """Return id and bytes of the key that seals new values; the first use makes it."""
        keys = self._load()
        if not keys:
            keys["1"] = os.urandom(KEY_BYTES)
            self._save(keys)
        key_id = max(keys, key=int)
        return key_id, keys[key_id]

    def find(self, key_id: str) -> bytes | None:
        """Return the key with this id, None where this machine has none."""
        return self._load().get(key_id)

    def _load(self) -> dict[str, bytes]:
        if self._keys is None:
            try:
                stored = json.loads(self._file.read_text("utf-8"))
                self._keys = {str(int(k)): base64.b64decode(v) for k, v in stored.items()}
            except FileNotFoundError:
                self._keys = {}
            except (OSError, ValueError, AttributeError) as error:
                raise KeyStoreError(
                    _("The key file cannot be read, so secrets can be neither kept nor used."),
                    detail=f"{self._file}: {error}",
                    hint=_("Restore the file from a backup of your configuration folder."),
                ) from error
        return self._keys

    def _save(self, keys: dict[str, bytes]) -> None:
        encoded = {k: base64.b64encode(v).decode("ascii") for k, v in keys.items()}
        try:
            write_atomically(self._file, json.dumps(encoded, indent=2).encode())
        except OSError as error:
            keys.clear()
            raise KeyStoreError(
                _("The key for secrets could not be saved, so the secret was not kept."),
                detail=str(error),
                hint=_("Check that the configuration folder is writable."),
            ) from error
