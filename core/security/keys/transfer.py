"""Keys in a file that a passphrase protects, to be taken to another computer or put away.

The key of the file comes from the passphrase by Argon2id with the second of the parameters
that RFC 9106 recommends (64 MiB, three passes, four lanes); AES-256-GCM covers keys and head.
"""

import base64
import binascii
import json
import os
import unicodedata
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from core.errors import AppError, Category, ValidationError
from core.security.keys.key import Keys, decode_keys, encode_keys
from core.translation import _, ngettext

SHORTEST_PASSPHRASE = 12
LARGEST_FILE = 1024 * 1024

_KIND = "buildbench keys"
# Of a file from elsewhere: some seconds at most, and never all memory.
_MOST_MEMORY_KIB = 256 * 1024
_MOST_PASSES = 16
_MOST_LANES = 16
_MOST_KEYS = 1_000


class KeyTransferError(AppError):
    """A file of keys cannot be read or written."""

    code = "key_transfer"
    category = Category.SYSTEM


@dataclass(frozen=True, slots=True)
class _Head:
    """How the key of the file comes from the passphrase, and what else is not secret."""

    salt: bytes
    nonce: bytes
    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4

    def as_json(self) -> dict[str, object]:
        return {
            "kind": _KIND,
            "format": 1,
            "derivation": "argon2id",
            "memory_kib": self.memory_kib,
            "passes": self.passes,
            "lanes": self.lanes,
            "salt": base64.b64encode(self.salt).decode("ascii"),
            "nonce": base64.b64encode(self.nonce).decode("ascii"),
        }

    def bound(self) -> bytes:
        return json.dumps(self.as_json(), sort_keys=True).encode()

    def cipher(self, passphrase: str) -> AESGCM:
        derivation = Argon2id(
            salt=self.salt,
            length=32,
            iterations=self.passes,
            lanes=self.lanes,
            memory_cost=self.memory_kib,
        )
        typed = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
        return AESGCM(derivation.derive(typed))


def check_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that is too short to protect keys.

    Raises:
        ValidationError: It has fewer than twelve characters.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        short = ngettext(
            "The passphrase needs at least {count} character.",
            "The passphrase needs at least {count} characters.",
            SHORTEST_PASSPHRASE,
        ).format(count=SHORTEST_PASSPHRASE)
        raise ValidationError(_("The keys were not exported."), fields={"passphrase": short})


def pack(keys: Keys, passphrase: str) -> bytes:
    """Return the content of a file with these keys; takes a fraction of a second."""
    head = _Head(salt=os.urandom(16), nonce=os.urandom(12))
    plain = json.dumps(encode_keys(keys)).encode()
    sealed = head.cipher(passphrase).encrypt(head.nonce, plain, head.bound())
    content = {**head.as_json(), "keys": base64.b64encode(sealed).decode("ascii")}
    return json.dumps(content, indent=2).encode()


def unpack(content: bytes, passphrase: str) -> Keys:
    """Return the keys in a file that ``pack`` made; takes a fraction of a second.

    Raises:
        KeyTransferError: It is no such file, or was changed, or the passphrase is another.
    """
    head, sealed = _parts(content)
    try:
        plain = head.cipher(passphrase).decrypt(head.nonce, sealed, head.bound())
        keys = decode_keys(json.loads(plain))
    except InvalidTag as error:
        raise KeyTransferError(
            _("The keys cannot be opened."),
            detail=_("The passphrase is another one, or the file was changed."),
            hint=_("Type the passphrase again; capitals and spaces count."),
        ) from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise _no_keys() from error
    if len(keys) > _MOST_KEYS or not all(key.genuine for key in keys):
        raise _no_keys()
    return keys


def _parts(content: bytes) -> tuple[_Head, bytes]:
    try:
        stored = json.loads(content)
        head = _Head(
            salt=base64.b64decode(stored["salt"], validate=True),
            nonce=base64.b64decode(stored["nonce"], validate=True),
            memory_kib=int(stored["memory_kib"]),
            passes=int(stored["passes"]),
            lanes=int(stored["lanes"]),
        )
        sealed = base64.b64decode(stored["keys"], validate=True)
    except (ValueError, TypeError, KeyError, binascii.Error, RecursionError) as error:
        raise _no_keys() from error
    said = {name: value for name, value in stored.items() if name != "keys"}
    # A file from elsewhere must not eat all memory before its passphrase is even looked at.
    affordable = (
        8 * head.lanes <= head.memory_kib <= _MOST_MEMORY_KIB
        and 1 <= head.passes <= _MOST_PASSES
        and 1 <= head.lanes <= _MOST_LANES
    )
    if said != head.as_json() or not affordable:
        raise _no_keys()
    return head, sealed


def _no_keys() -> KeyTransferError:
    return KeyTransferError(
        _("This is not a file with exported keys, or it is damaged."),
        hint=_("Choose the file that “Export” wrote, or export the keys once more."),
    )
