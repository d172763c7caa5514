"""Gives out keys and makes new ones, wherever they lie.

What was read is kept, so that sealing and opening ask no keyring; a key that any process
makes changes a counter beside the key file, and is so seen by all of them.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import AppError, KeyConsentNeededError
from core.file_lock import locked
from core.security.keys.errors import KeyStoreError, wrong_key
from core.security.keys.in_keyring import KeyringKeys
from core.security.keys.key import Key, Keys, merged
from core.security.keys.key_file import KeyFile
from core.security.system_keyring import (
    AT_ONCE_S,
    PATIENT_S,
    KeyringUnavailableError,
    SystemKeyring,
)
from core.settings import KeyStorage
from core.translation import _

_ASKED_AGAIN_AFTER_S = 5.0


@dataclass(frozen=True, slots=True)
class Held:
    """What was read: all keys, and those of the place where new ones are made.

    Attributes:
        keys: All of them, those at home last.
        home: The place of new keys; None while there is no consent to any.
        at_home: The keys there; the last one seals.
        problem: Why there may be keys that were not read.
    """

    keys: Keys
    home: KeyStorage | None
    at_home: Keys
    problem: AppError | None
    stamp: tuple[object, ...]
    read_at: float


class KeyStore:
    """The keys of one person. All calls block: at most ``wait_s``, hardly ever at all.

    Args:
        file: The key file; a counter for all processes lies beside it.
        storage: Returns where the person wants the keys to lie.
        keep: Keeps that wish, where it came about without being asked.
        keyring: The system's.
    """

    def __init__(
        self,
        file: Path,
        *,
        storage: Callable[[], KeyStorage] = lambda: KeyStorage.FILE,
        keep: Callable[[KeyStorage], object] = lambda _storage: None,
        keyring: SystemKeyring | None = None,
    ) -> None:
        self.file = KeyFile(file)
        self.in_keyring = KeyringKeys(keyring or SystemKeyring())
        self._storage, self._keep = storage, keep
        self._counter = file.with_name(file.stem + ".lock")
        self._held: Held | None = None
        self._turn = threading.Lock()

    @property
    def wish(self) -> KeyStorage:
        """Where the person wants the keys to lie."""
        return self._storage()

    def current(self, *, wait_s: float = AT_ONCE_S) -> Key:
        """Return the key that seals new values; the first use makes it.

        Raises:
            KeyConsentNeededError: There is no keyring, and no consent to a file.
            WrongKeyError: What is kept as this key is another one.
            KeyStoreError: The keys cannot be read, or the new one not be kept.
        """
        held = self.held(wait_s=wait_s)
        if held.at_home:
            key = held.at_home[-1]
        else:
            self._check_home(held)
            key = self._make_first(wait_s)
        if not key.genuine:
            raise wrong_key(key.id)
        return key

    def find(self, key_id: str, *, wait_s: float = AT_ONCE_S) -> Key | None:
        """Return the key of this name, None where this computer has none.

        Raises:
            WrongKeyError: What is kept under the name is another key.
            KeyStoreError: The keys cannot be read.
        """
        held = self.held(wait_s=wait_s)
        named = [key for key in held.keys if key.id == key_id]
        for key in named:
            if key.genuine:
                return key
        if named:
            raise wrong_key(key_id)
        if held.problem is not None:
            raise _unreadable(held.problem)
        return None

    def numbered(self, number: str, *, wait_s: float = AT_ONCE_S) -> Keys:
        """Return the keys that the first format knew by this number; one per computer.

        Raises:
            KeyStoreError: The keys cannot be read.
        """
        held = self.held(wait_s=wait_s)
        found = tuple(key for key in held.keys if key.number == number and key.genuine)
        if not found and held.problem is not None:
            raise _unreadable(held.problem)
        return found

    def is_held(self, *, to_seal: bool, ids: Iterable[str] = ()) -> bool:
        """Tell whether the next call answers at once, from what was read before."""
        held = self._held
        if held is None or not self._holds(held):
            return False
        if to_seal and not held.at_home:
            return False
        return held.problem is None or {key.id for key in held.keys}.issuperset(ids)

    def held(self, *, wait_s: float = AT_ONCE_S, anew: bool = False) -> Held:
        """Return what is known of the keys, read again where it changed.

        Args:
            anew: Read it again in any case.

        Raises:
            KeyStoreError: They cannot be read.
        """
        held = self._held
        if held is not None and not anew and self._holds(held):
            return held
        with self._my_turn(wait_s):
            if anew or self._held is held or self._held is None:
                self._held = self._read(wait_s)
            return self._held

    def make(self, *, wait_s: float = PATIENT_S) -> Key:
        """Make a new key, which seals from now on, in all processes of this person.

        It is given out once it is kept and was read back.

        Raises:
            KeyConsentNeededError: There is no keyring, and no consent to a file.
            KeyStoreError: It could not be kept; the one before goes on.
        """
        with self._changing(wait_s) as held:
            return self._add(held, wait_s)

    def take(self, keys: Keys, *, wait_s: float = PATIENT_S) -> int:
        """Keep the keys that are not here yet, and return how many; what is here stays.

        Raises:
            KeyConsentNeededError: There is no keyring, and no consent to a file.
            KeyStoreError: They could not be kept.
        """
        with self._changing(wait_s) as held:
            known = {(key.id, key.secret) for key in held.keys}
            new = tuple(key for key in keys if (key.id, key.secret) not in known)
            if new:
                self._write(held, merged(new, held.at_home), wait_s)
            return len(new)

    def move(self, target: KeyStorage, *, wait_s: float = PATIENT_S) -> None:
        """Take all keys to another place; what was torn off half-way is finished.

        They are kept and read back there before the wish changes, and the wish is kept before
        they are removed here: at every moment each key is in one place at least.

        Raises:
            KeyStoreError: They are where they were.
            AppError: The wish could not be kept; the keys are in both places.
        """
        with self._changing(wait_s, consent=False):
            in_file, in_keyring = self.file.read(), self._keyring_now(target, wait_s)
            if target is KeyStorage.FILE:
                if in_file or in_keyring:
                    self.file.write(merged(in_file, in_keyring))
                self._keep(target)
                with suppress(*(() if in_keyring else (KeyringUnavailableError,))):
                    self.in_keyring.delete(wait_s=wait_s)
            else:
                if in_file or in_keyring:
                    self.in_keyring.write(merged(in_keyring, in_file), wait_s=wait_s)
                self._keep(target)
                self.file.delete()

    def close(self) -> None:
        """Wait for the keyring no more."""
        self.in_keyring.keyring.close()

    # Reading

    def _holds(self, held: Held) -> bool:
        if held.problem and time.monotonic() - held.read_at > _ASKED_AGAIN_AFTER_S:
            return False
        return held.stamp == self._stamp()

    def _stamp(self) -> tuple[object, ...]:
        try:
            changes = self._counter.stat().st_size
        except OSError:
            changes = 0
        return (self._storage(), changes, self.file.stamp())

    def _read(self, wait_s: float) -> Held:
        stamp, wish = self._stamp(), self._storage()
        if wish is KeyStorage.FILE or (wish is KeyStorage.ASK and self.file.exists()):
            keys = self.file.read()
            return Held(keys, KeyStorage.FILE, keys, None, stamp, time.monotonic())
        problem: AppError | None = None
        in_file: Keys = ()
        in_keyring: Keys = ()
        home: KeyStorage | None = KeyStorage.KEYRING
        try:
            in_file = self.file.read()
        except KeyStoreError as error:
            problem = error
        try:
            in_keyring = self.in_keyring.read(wait_s=wait_s)
        except (KeyringUnavailableError, KeyStoreError) as error:
            problem = error
            home = None if wish is KeyStorage.ASK else KeyStorage.KEYRING
        keys = merged(in_file, in_keyring)
        return Held(keys, home, in_keyring, problem, stamp, time.monotonic())

    def _keyring_now(self, target: KeyStorage, wait_s: float) -> Keys:
        """Return the keys in the keyring; where they go to a file there may be no keyring."""
        try:
            return self.in_keyring.read(wait_s=wait_s)
        except KeyringUnavailableError as error:
            if target is KeyStorage.FILE and self._storage() is not KeyStorage.KEYRING:
                return ()
            raise _unreadable(error) from error

    # Changing

    def _make_first(self, wait_s: float) -> Key:
        with self._changing(wait_s) as held:
            return held.at_home[-1] if held.at_home else self._add(held, wait_s)

    def _add(self, held: Held, wait_s: float) -> Key:
        key = Key.make()
        self._write(held, (*held.at_home, key), wait_s)
        return key

    def _write(self, held: Held, keys: Keys, wait_s: float) -> None:
        if held.home is KeyStorage.FILE:
            self.file.write(keys)
            return
        self.in_keyring.write(keys, wait_s=wait_s)
        if self._storage() is KeyStorage.ASK:
            # Should the keyring be locked tomorrow, nobody is to start a file beside it.
            self._keep(KeyStorage.KEYRING)

    @contextmanager
    def _changing(self, wait_s: float, *, consent: bool = True) -> Iterator[Held]:
        """Keep every other thread and process out, and give the keys as they are now."""
        with self._my_turn(wait_s):
            try:
                with locked(self._counter, wait_s=wait_s) as counter:
                    held = self._read(wait_s)
                    if consent:
                        self._check_home(held)
                    try:
                        yield held
                    finally:
                        os.write(counter, b".")
                        self._held = None
            except OSError as error:
                raise KeyStoreError(
                    _("The key for secrets could not be saved, so nothing was sealed with it."),
                    detail=f"{self._counter}: {error}",
                    hint=_("Check that the configuration folder is writable and has room."),
                ) from error
            except KeyringUnavailableError as error:
                raise _unreadable(error) from error

    def _check_home(self, held: Held) -> None:
        if held.home is None:
            problem = held.problem
            why = (problem.detail or problem.title) if problem else ""
            raise KeyConsentNeededError(self.file.path, why=why)
        if held.problem is not None:
            raise _unreadable(held.problem)

    @contextmanager
    def _my_turn(self, wait_s: float) -> Iterator[None]:
        if not self._turn.acquire(timeout=wait_s):
            raise KeyStoreError(
                _("The keys are in use: the system's keyring has not answered yet."),
                hint=_("Answer the question of the keyring, and try again."),
            )
        try:
            yield
        finally:
            self._turn.release()


def _unreadable(problem: AppError) -> KeyStoreError:
    if isinstance(problem, KeyStoreError):
        return problem
    return KeyStoreError(
        _("The keys are in the system's keyring, and that cannot be used now."),
        detail=problem.detail,
        hint=problem.hint,
    )
