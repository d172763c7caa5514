"""Sealed text: AES-256-GCM, bound to the place where it is stored.

A value moved to another row, column or table does not open. The form is
``1:KEY:BASE64(nonce + ciphertext + tag)``.
"""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import AppError, Category
from core.security.keys import KeyStore
from core.translation import _

_NONCE_BYTES = 12
_VERSION = "1"


class DecryptError(AppError):
    """A sealed value cannot be opened."""

    code = "decrypt"
    category = Category.SYSTEM


class MissingKeyError(DecryptError):
    """The value was sealed with a key that this machine does not have."""

    code = "missing_key"


class TamperedError(DecryptError):
    """The value was changed, moved, or sealed with another key of the same name."""

    code = "tampered"


class Sealer:
    """Seals and opens texts with the keys of this person."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    def seal(self, text: str, *, place: str) -> str:
        """Return the sealed form.

        Args:
            place: Table, column and ``uid`` of the row: the value opens nowhere else.
        """
        key_id, key = self._keys.current()
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(key).encrypt(nonce, text.encode(), place.encode())
        return f"{_VERSION}:{key_id}:{base64.b64encode(nonce + sealed).decode('ascii')}"

    def open(self, sealed: str, *, place: str) -> str:
        """Return the text.

        Raises:
            MissingKeyError: The key is not on this machine.
            TamperedError: The value is not what was sealed for this place.
        """
        version, _colon, rest = sealed.partition(":")
        key_id, _colon, encoded = rest.partition(":")
        if version != _VERSION:
            raise _tampered()
        key = self._keys.find(key_id)
        if key is None:
            raise MissingKeyError(
                _("A secret cannot be read: its key is not on this computer."),
                hint=_(
                    "Bring the key file of the computer it was entered on, or enter it anew."
                ),
            )
        try:
            raw = base64.b64decode(encoded, validate=True)
            plain = AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode())
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise _tampered() from error
        # Bits of the last letter that mean nothing could be changed unseen otherwise.
        if base64.b64encode(raw).decode("ascii") != encoded:
            raise _tampered()
        return plain.decode()


def _tampered() -> TamperedError:
    return TamperedError(
        _("A secret cannot be read: it was changed, or sealed with another key."),
        hint=_("Enter the secret anew."),
    )
