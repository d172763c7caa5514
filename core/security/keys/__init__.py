"""The keys that seal secret values: of one person on one computer, never in a workspace.

``key`` is one of them; ``places`` are the two where they lie, ``key_file`` and ``in_keyring``;
``store`` gives them out and makes new ones; ``transfer`` takes them to another computer.
"""

from core.security.keys.errors import (
    DecryptError,
    KeyStoreError,
    MissingKeyError,
    TamperedError,
    WrongKeyError,
)
from core.security.keys.key import Key
from core.security.keys.store import KeyStore

__all__ = [
    "DecryptError",
    "Key",
    "KeyStore",
    "KeyStoreError",
    "MissingKeyError",
    "TamperedError",
    "WrongKeyError",
]
