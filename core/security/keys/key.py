"""One key, several keys, and the text in which they are kept.

A key is named by its fingerprint, so that keys of several computers never share a name, and
bytes that are not the key they are kept as are found out. The keys of the first format were
numbered on each computer; they keep that number beside their fingerprint.
"""

import base64
import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.translation import _

KEY_BYTES = 32
FORMAT = 2
_ID_LETTERS = 16
_DOMAIN = b"buildbench key fingerprint\0"


def fingerprint(secret: bytes) -> str:
    """Return the name of a key: 16 hexadecimal digits that tell nothing about its bytes."""
    return hashlib.sha256(_DOMAIN + secret).hexdigest()[:_ID_LETTERS]


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """A key of AES-256.

    Attributes:
        id: The name that it is kept under.
        secret: Its 32 bytes.
        made_at: When it was made; None where that is not known.
        number: Its name in the first format, a number; empty where it never had one.
        cipher: Seals and opens with it; made once.
    """

    id: str
    secret: bytes
    made_at: datetime | None = None
    number: str = ""
    cipher: AESGCM = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cipher", AESGCM(self.secret))

    def __repr__(self) -> str:
        return f"Key({self.id})"

    @property
    def genuine(self) -> bool:
        """Whether its bytes are the key that its name says."""
        return fingerprint(self.secret) == self.id

    @classmethod
    def make(cls) -> "Key":
        """Return a new key."""
        secret = os.urandom(KEY_BYTES)
        return cls(fingerprint(secret), secret, datetime.now(UTC).replace(microsecond=0))


Keys = tuple[Key, ...]
"""Keys in the order in which they were made: the last one seals."""


def merged(first: Keys, last: Keys) -> Keys:
    """Return all keys once, those of ``last`` at the end; no key is ever replaced.

    A genuine key stands before one that is only kept under its name.
    """
    known = {(key.id, key.secret) for key in last}
    return (*(key for key in first if (key.id, key.secret) not in known), *last)


def encode_keys(keys: Keys) -> dict[str, object]:
    """Return the keys as they are kept, as JSON."""
    return {"format": FORMAT, "keys": [encode_key(key) for key in keys]}


def encode_key(key: Key) -> dict[str, str]:
    """Return one key as it is kept, as JSON."""
    kept = {"id": key.id, "key": base64.b64encode(key.secret).decode("ascii")}
    if key.made_at is not None:
        kept["made_at"] = key.made_at.isoformat()
    if key.number:
        kept["number"] = key.number
    return kept


def decode_keys(stored: object) -> Keys:
    """Return the keys that are kept in either format.

    Raises:
        ValueError: These are no keys, or not whole; the message says so to the person.
    """
    if isinstance(stored, dict) and "format" not in stored:
        return _decode_first_format(stored)
    if not isinstance(stored, dict) or not isinstance(stored.get("keys"), list):
        raise ValueError(_("It holds no keys."))  # noqa: TRY004
    if stored["format"] != FORMAT:
        raise ValueError(_("It was written by a newer version of Buildbench."))
    return tuple(decode_key(kept) for kept in stored["keys"])


def decode_key(kept: object) -> Key:
    """Return one key that is kept.

    Raises:
        ValueError: It is no key, or not whole.
    """
    if not isinstance(kept, dict) or not all(isinstance(v, str) for v in kept.values()):
        raise ValueError(_("It holds no keys."))
    try:
        made_at = datetime.fromisoformat(kept["made_at"]) if "made_at" in kept else None
        return Key(kept["id"], _decode(kept["key"]), made_at, kept.get("number", ""))
    except KeyError as error:
        raise ValueError(_("A key in it is not complete.")) from error


def _decode_first_format(stored: dict[str, Any]) -> Keys:
    if not stored or not all(isinstance(value, str) for value in stored.values()):
        raise ValueError(_("It holds no keys."))
    numbers = sorted(stored, key=int)
    secrets = [_decode(stored[number]) for number in numbers]
    return tuple(
        Key(fingerprint(secret), secret, None, str(int(number)))
        for number, secret in zip(numbers, secrets, strict=True)
    )


def _decode(text: str) -> bytes:
    secret = base64.b64decode(text, validate=True)
    if len(secret) != KEY_BYTES:
        raise ValueError(_("A key in it is not complete."))
    return secret
