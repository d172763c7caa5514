"""Passwords: how they are prepared, stored as argon2id, verified, and made up.

The parameters are the second recommended option of RFC 9106, section 4: three passes over
64 MiB with four lanes. Hashing runs in threads, two at a time in this process, so that a
flood of attempts takes at most 128 MiB.
"""

import asyncio
import re
import secrets
import threading
import unicodedata

from pwdlib.hashers.argon2 import Argon2Hasher

from core.completion import to_the_end
from core.database.concurrency.board import ConcurrencyBoard

LONGEST = 1024
# Of what is typed: NFC makes at least a quarter of it, so whatever is cut is too long.
LOOKED_AT = 4 * LONGEST + 1

# No l, I, O, 0, 1: a temporary password is read from one screen and typed at another.
_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
AT_ONCE = 2
TURNS = "password_hashing"

# A hash in a workspace from elsewhere must not eat all memory, nor a thread for ever.
_STORED = re.compile(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$[\w+/]+\$[\w+/]+", re.ASCII)
_MOST = (256 * 1024, 16, 16)


def prepared(password: str) -> str:
    """Return a password in the form that is hashed.

    As the profile OpaqueString of RFC 8265 has it: NFC, each space of any script as a plain
    one, and nothing else changed: neither case nor space at the ends.
    """
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in password)
    return unicodedata.normalize("NFC", spaced)


def generate(groups: int = 4) -> str:
    """Return a new password of groups of five letters, about 29 bits each: ``aBcDe-fGhJk``."""
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _letter in range(5)) for _group in range(groups)
    )


class Passwords:
    """Hashes and verifies passwords, in threads.

    Args:
        board: Of this process, for all of which so many hash at once; by default each has
            turns of its own.
        time_cost: Passes of argon2id over the memory.
        memory_kib: The memory of one hash, in KiB.
        lanes: How many threads one hash takes.
    """

    def __init__(
        self,
        board: ConcurrencyBoard | None = None,
        *,
        time_cost: int = 3,
        memory_kib: int = 64 * 1024,
        lanes: int = 4,
    ) -> None:
        self._turns = (board or ConcurrencyBoard()).semaphore(TURNS, AT_ONCE)
        self._hasher = Argon2Hasher(
            time_cost=time_cost, memory_cost=memory_kib, parallelism=lanes
        )
        self._making = threading.Lock()
        self._dummy = ""
        self.verified = 0

    async def hash(self, password: str) -> str:
        """Return the form to store, with a salt of its own."""
        async with self._turns.hold():
            return await to_the_end(asyncio.to_thread(self._hash, password))

    async def verify(self, password: str, stored: str | None) -> bool:
        """Tell whether this is the password.

        Args:
            password: What was typed.
            stored: What ``hash`` gave; with None the same work is done in vain.
        """
        self.verified += 1
        async with self._turns.hold():
            # A thread cannot be stopped: who gives up keeps the place until it has ended.
            return await to_the_end(asyncio.to_thread(self._verify, password, stored))

    def is_outdated(self, stored: str) -> bool:
        """Tell whether this was hashed with other parameters than those in force."""
        return self._hasher.check_needs_rehash(stored)

    def _hash(self, password: str) -> str:
        return self._hasher.hash(_bytes(password))

    def _verify(self, password: str, stored: str | None) -> bool:
        nobodys = self._nobodys()
        ours = stored if stored is not None and _is_affordable(stored) else None
        right = self._hasher.verify(_bytes(password), ours or nobodys)
        return right and ours is not None

    def _nobodys(self) -> str:
        """Return a hash that belongs to nobody, made with the parameters in force."""
        with self._making:
            if not self._dummy:
                self._dummy = self._hasher.hash(secrets.token_bytes(16))
            return self._dummy


def _bytes(password: str) -> bytes:
    return prepared(password[:LOOKED_AT]).encode("utf-8", "surrogatepass")


def _is_affordable(stored: str) -> bool:
    """Tell whether this is a hash of ours, in kind and in what it costs to verify."""
    found = _STORED.fullmatch(str(stored)[:1_000])
    return found is not None and all(
        int(said) <= most for said, most in zip(found.groups(), _MOST, strict=True)
    )
