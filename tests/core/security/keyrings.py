"""A keyring that is kept in memory, and does badly what it is told to."""

import threading

from core.security.keys import KeyStore
from core.security.system_keyring import SystemKeyring
from core.settings import KeyStorage


class FakeKeyring:
    """Keeps entries; two of them with the same ``entries`` are one keyring of two processes.

    Attributes:
        error: Raised by each call, while there is one.
        forgets: Whether it loses in silence what it is given.
        gate: Each call waits for it.
        calls: How often it was asked anything.
        letters: The longest entry that it takes.
    """

    def __init__(self, entries: dict[tuple[str, str], str] | None = None) -> None:
        self.entries = {} if entries is None else entries
        self.error: Exception | None = None
        self.forgets = False
        self.gate = threading.Event()
        self.gate.set()
        self.calls = 0
        self.letters = 1_280

    def get_password(self, service: str, username: str) -> str | None:
        self._answer()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._answer()
        assert len(password) <= self.letters
        if not self.forgets:
            self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._answer()
        del self.entries[service, username]

    def _answer(self) -> None:
        self.calls += 1
        self.gate.wait()
        if self.error is not None:
            raise self.error


class Wish:
    """Where the person wants the keys to lie, as the settings tell it."""

    def __init__(self, storage: KeyStorage) -> None:
        self.storage = storage
        self.error: Exception | None = None

    def keep(self, storage: KeyStorage) -> None:
        if self.error is not None:
            raise self.error
        self.storage = storage


def store_of(
    file: object, keyring: FakeKeyring | None, wish: Wish | KeyStorage = KeyStorage.ASK
) -> KeyStore:
    """Return a store with this keyring, or with none."""
    from pathlib import Path

    wish = wish if isinstance(wish, Wish) else Wish(wish)
    return KeyStore(
        Path(str(file)),
        storage=lambda: wish.storage,
        keep=wish.keep,
        keyring=SystemKeyring(lambda: keyring),
    )
