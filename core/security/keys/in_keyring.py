"""Keys in the system's keyring: an entry for each, and one that lists them in order.

Windows keeps no more than 1,280 letters in an entry, so that all keys do not fit into one.
An entry is named by its content and so never replaced; the list is written last.
"""

import hashlib
import json
import logging

from core.security.keys.errors import KeyStoreError
from core.security.keys.key import FORMAT, Key, Keys, decode_key, encode_key
from core.security.system_keyring import SystemKeyring
from core.translation import _

SERVICE = "Buildbench keys"
LIST = "list"

_log = logging.getLogger(__name__)


class KeyringKeys:
    """The keys in the keyring; its calls block up to ``wait_s`` for each entry."""

    def __init__(self, keyring: SystemKeyring) -> None:
        self.keyring = keyring

    def read(self, *, wait_s: float) -> Keys:
        """Return the keys, none where there are none; what is damaged is left out.

        Raises:
            KeyringUnavailableError: The keyring gives no answer.
            KeyStoreError: The list of the keys is not one.
        """
        found = (self._entry(name, wait_s) for name in self._names(wait_s))
        return tuple(key for key in found if key is not None)

    def write(self, keys: Keys, *, wait_s: float) -> None:
        """Keep these keys, and make sure of each by reading it back.

        Raises:
            KeyringUnavailableError: They are not all kept; what was kept still is.
        """
        before = self._names(wait_s)
        entries = {_name(text): text for text in map(_text, keys)}
        for name, text in entries.items():
            if name not in before:
                self.keyring.set(SERVICE, name, text, wait_s=wait_s)
        listed = json.dumps({"format": FORMAT, "names": list(entries)})
        self.keyring.set(SERVICE, LIST, listed, wait_s=wait_s)

    def delete(self, *, wait_s: float) -> None:
        """Forget all keys.

        Raises:
            KeyringUnavailableError: The keyring gives no answer.
        """
        # The list last: what is cut off is known to the next one.
        for name in (*self._names(wait_s), LIST):
            self.keyring.delete(SERVICE, name, wait_s=wait_s)

    def _names(self, wait_s: float) -> list[str]:
        text = self.keyring.get(SERVICE, LIST, wait_s=wait_s)
        if text is None:
            return []
        try:
            return [str(name) for name in json.loads(text)["names"]]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise KeyStoreError(
                _("The list of the keys in the system's keyring is damaged."),
                detail=str(error),
                hint=_(
                    "Remove the entry “{name}” of “{service}” from the keyring and import the"
                    " keys from an export (Settings, Keys)."
                ).format(name=LIST, service=SERVICE),
            ) from error

    def _entry(self, name: str, wait_s: float) -> Key | None:
        text = self.keyring.get(SERVICE, name, wait_s=wait_s)
        if text is None:
            return None
        try:
            return decode_key(json.loads(text))
        except (ValueError, RecursionError):
            _log.warning("The entry %s in the keyring is no key", name)
            return None


def _text(key: Key) -> str:
    return json.dumps(encode_key(key), sort_keys=True)


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
