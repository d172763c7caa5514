"""The notes about people, which lie sealed in the database."""

from core.security.sealed import Sealed
from core.security.sealing import DecryptError, Sealer, place_of


class Notes:
    """Seals and opens notes; never inside a unit of work: a key may have to be asked for."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def seal(self, text: str | None, uid: str) -> Sealed | None:
        """Return the note of a person as it is stored; an empty one is none.

        Raises:
            KeyConsentNeededError: There is no place for a key yet.
            KeyStoreError: There is no key to seal with.
        """
        if not text:
            return None
        await self._sealer.ready(to_seal=True)
        return self._sealer.seal(text, place=_place(uid))

    async def open(self, stored: Sealed | None, uid: str) -> tuple[str | None, str]:
        """Return a note, or why it cannot be opened, in words."""
        if stored is None:
            return None, ""
        await self._sealer.ready(to_open=[stored])
        try:
            return self._sealer.open(stored, place=_place(uid)), ""
        except DecryptError as error:
            return None, error.title


def _place(uid: str) -> str:
    return place_of("users", "note", uid)
