"""“Remember on this computer”: the token of a session in the keyring of the person."""

import asyncio
from collections.abc import Callable

from core import log
from core.security.system_keyring import AT_ONCE_S, KeyringUnavailableError, SystemKeyring
from core.translation import _

SERVICE = "buildbench sign-in"


class RememberedToken:
    """The token of one workspace; there is no other place for it than the keyring.

    Args:
        keyring: The system's.
        uid: Names the workspace.
        allowed: Tells whether the person lets Buildbench use the keyring.
    """

    def __init__(
        self, keyring: SystemKeyring, uid: str, allowed: Callable[[], bool] = lambda: True
    ) -> None:
        self._keyring = keyring
        self._uid = uid
        self._allowed = allowed

    async def why_not(self) -> str:
        """Return in words why nothing can be remembered; empty where it can."""
        if not self._allowed():
            return _("Buildbench is set not to use the keyring of this computer.")
        try:
            await asyncio.to_thread(self._keyring.check, wait_s=AT_ONCE_S)
        except KeyringUnavailableError as error:
            return error.detail or error.title
        return ""

    async def keep(self, token: str) -> str:
        """Keep a token in the place of any other; return in words why not, where it failed."""
        if not self._allowed():
            return await self.why_not()
        log.hide(token)
        try:
            await asyncio.to_thread(self._keyring.set, SERVICE, self._uid, token)
        except KeyringUnavailableError as error:
            return error.detail or error.title
        return ""

    async def get(self) -> str | None:
        """Return the token; None where there is none, or the keyring gives no answer."""
        if not self._allowed():
            return None
        try:
            token = await asyncio.to_thread(self._keyring.get, SERVICE, self._uid)
        except KeyringUnavailableError:
            return None
        if token is not None:
            log.hide(token)
        return token

    async def forget(self) -> None:
        """Remember nothing any more; a keyring that does not answer keeps a dead token."""
        if not self._allowed():
            return
        try:
            await asyncio.to_thread(self._keyring.delete, SERVICE, self._uid, wait_s=AT_ONCE_S)
        except KeyringUnavailableError:
            return

    def close(self) -> None:
        """Wait for no answer of the keyring any more."""
        self._keyring.close()
