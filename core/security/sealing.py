"""Sealed text: AES-256-GCM, bound to the place where it is stored.

A value moved to another row, column or table does not open. The form is
``2:KEY:BASE64(nonce + ciphertext + tag)``, KEY being the fingerprint of the key; its version
and key are authenticated with the place. In version 1 KEY is a number that each computer
gave by itself, and the place alone is authenticated; it is still opened.
"""

import asyncio
import base64
import binascii
import os
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag

from core.security.keys.errors import (
    DecryptError,
    KeyStoreError,
    KeysUnreachableError,
    MissingKeyError,
    TamperedError,
    WrongKeyError,
    missing_key,
    tampered,
)
from core.security.keys.key import Keys
from core.security.keys.store import KeyStore
from core.security.sealed import Sealed
from core.security.system_keyring import PATIENT_S

__all__ = [
    "DecryptError",
    "KeysUnreachableError",
    "MissingKeyError",
    "Sealed",
    "Sealer",
    "TamperedError",
    "WrongKeyError",
    "place_of",
]

_NONCE_BYTES = 12
_FIRST, _VERSION = "1", "2"


def place_of(table: str, column: str, uid: str) -> str:
    """Return the name of the place where a value is stored: it opens nowhere else.

    Args:
        table: The table.
        column: The column; for a value in a JSON object with its name behind a dot.
        uid: The ``uid`` of the row.
    """
    return f"{_without_dots(table)}.{column}.{_without_dots(uid)}"


def _without_dots(name: str) -> str:
    """Return a name whose dots, which no name of ours has, are not those of the place."""
    return name.replace("%", "%25").replace(".", "%2e")


class Sealer:
    """Seals and opens texts with the keys of this person.

    Outside a unit of work await ``ready`` first: reading keys may have to wait for a person.
    """

    def __init__(self, keys: KeyStore) -> None:
        self.keys = keys

    async def ready(self, *, to_seal: bool = False, to_open: Iterable[Sealed] = ()) -> None:
        """Read the keys in a thread, where they are not known yet, and make the first.

        Raises:
            KeyConsentNeededError: There is no keyring, and no consent to a file.
            KeyStoreError: There is no key to seal with. Where values are to be opened,
                ``open`` tells of each what is wrong.
        """
        ids = [_parts(sealed.stored)[1] for sealed in to_open]
        if not self.keys.is_held(to_seal=to_seal, ids=ids):
            await asyncio.to_thread(self._read_keys, to_seal)

    def seal(self, text: str, *, place: str) -> Sealed:
        """Return the sealed form.

        Args:
            place: What ``place_of`` gives: the value opens nowhere else.

        Raises:
            KeyConsentNeededError: There is no keyring, and no consent to a file.
            WrongKeyError: What is kept as the key is another one.
            KeyStoreError: There is no key to seal with.
        """
        key = self.keys.current()
        nonce = os.urandom(_NONCE_BYTES)
        bound = _bound(key.id, place)
        sealed = key.cipher.encrypt(nonce, text.encode("utf-8", "surrogatepass"), bound)
        encoded = base64.b64encode(nonce + sealed).decode("ascii")
        return Sealed(f"{_VERSION}:{key.id}:{encoded}")

    def open(self, sealed: Sealed, *, place: str) -> str:
        """Return the text.

        Raises:
            MissingKeyError: The key is not on this computer.
            WrongKeyError: What is kept as the key is another one.
            TamperedError: The value is not what was sealed for this place.
            KeysUnreachableError: The keys cannot be read now.
        """
        version, key_id, encoded = _parts(sealed.stored)
        try:
            if version == _VERSION:
                return self._open(encoded, self._named(key_id), _bound(key_id, place))
            if version == _FIRST:
                return self._open(encoded, self._numbered(key_id), _plain(place))
        except KeyStoreError as error:
            raise KeysUnreachableError(
                error.title, detail=error.detail, hint=error.hint
            ) from error
        raise tampered()

    def is_current(self, sealed: Sealed) -> bool:
        """Tell whether a value is sealed in the present form with the present key.

        Raises:
            KeyStoreError: There is no key to seal with.
        """
        return str(sealed.stored).startswith(self.prefix())

    def prefix(self) -> str:
        """Return how all values begin that are sealed in the present form with the present key.

        Raises:
            KeyStoreError: There is no key to seal with.
        """
        return f"{_VERSION}:{self.keys.current().id}:"

    def _read_keys(self, to_seal: bool) -> None:
        try:
            self.keys.held(wait_s=PATIENT_S, anew=True)
        except KeyStoreError:
            if to_seal:
                raise
            return  # told of each value when it is opened
        if to_seal:
            self.keys.current(wait_s=PATIENT_S)

    def _named(self, key_id: str) -> Keys:
        key = self.keys.find(key_id)
        if key is None:
            raise missing_key(key_id) if _is_id(key_id) else tampered()
        return (key,)

    def _numbered(self, number: str) -> Keys:
        keys = self.keys.numbered(number)
        if not keys:
            raise missing_key(number) if number.isdecimal() else tampered()
        return keys

    def _open(self, encoded: str, keys: Keys, bound: bytes) -> str:
        try:
            raw = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise tampered() from error
        # Bits of the last letter that mean nothing could be changed unseen otherwise.
        if base64.b64encode(raw).decode("ascii") != encoded:
            raise tampered()
        for key in keys:
            try:
                plain = key.cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], bound)
            except (InvalidTag, ValueError):
                continue
            return plain.decode("utf-8", "surrogatepass")
        raise tampered()


def _parts(stored: object) -> tuple[str, str, str]:
    """Return version, key and content of what is stored, whatever that is."""
    version, _colon, rest = str(stored).partition(":")
    key_id, _colon, encoded = rest.partition(":")
    return version, key_id, encoded


def _is_id(key_id: str) -> bool:
    return len(key_id) == 16 and set(key_id) <= set("0123456789abcdef")


def _bound(key_id: str, place: str) -> bytes:
    return _plain(f"buildbench sealed {_VERSION}:{key_id}:{place}")


def _plain(place: str) -> bytes:
    return place.encode("utf-8", "surrogatepass")
