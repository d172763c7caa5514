"""The keyring of the system, asked with a time limit: it may show a dialog of its own.

The library ``keyring`` knows the keyrings of all systems. What it offers where there is none
(nothing at all, or a file in plain text) does not count as one.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Protocol, TypeVar

from core.errors import AppError, Category
from core.translation import _

PATIENT_S = 60.0  # a person may have to unlock it
AT_ONCE_S = 2.0

_NO_KEYRINGS = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Backend(Protocol):
    """What a keyring of the library offers."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is kept, None where nothing is."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep something in the place of what was there."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget something that is kept."""


class KeyringUnavailableError(AppError):
    """There is no keyring, or it did not do what was asked of it."""

    code = "keyring"
    category = Category.EXTERNAL_SERVICE


class SystemKeyring:
    """Keeps short secrets in the keyring of the person; every call blocks up to ``wait_s``.

    Args:
        find: Returns the keyring, None where there is none.
    """

    def __init__(self, find: Callable[[], Backend | None] | None = None) -> None:
        self._find = find or _backend_of_the_system
        self._backend: Backend | None = None
        self._calls: set[Future[None]] = set()
        self._hanging: threading.Thread | None = None
        self._closed = False

    def check(self, *, wait_s: float = PATIENT_S) -> None:
        """Make sure that there is a keyring; whether it is locked shows when it is used.

        Raises:
            KeyringUnavailableError: There is none.
        """
        self._call(lambda _backend: None, wait_s)

    def get(self, service: str, name: str, *, wait_s: float = PATIENT_S) -> str | None:
        """Return what is kept under a name, None where nothing is.

        Raises:
            KeyringUnavailableError: The keyring gave no answer.
        """
        return self._call(lambda backend: backend.get_password(service, name), wait_s)

    def set(self, service: str, name: str, value: str, *, wait_s: float = PATIENT_S) -> None:
        """Keep something, and make sure that it is kept by reading it back.

        Raises:
            KeyringUnavailableError: It is not kept.
        """

        def keep(backend: Backend) -> bool:
            backend.set_password(service, name, value)
            return backend.get_password(service, name) == value

        if not self._call(keep, wait_s):
            raise _unavailable(_("It did not keep what it was given."))

    def delete(self, service: str, name: str, *, wait_s: float = PATIENT_S) -> None:
        """Forget what is kept under a name, if anything is.

        Raises:
            KeyringUnavailableError: The keyring gave no answer.
        """

        def forget(backend: Backend) -> None:
            if backend.get_password(service, name) is not None:
                backend.delete_password(service, name)

        self._call(forget, wait_s)

    def close(self) -> None:
        """Wait for no answer any more, now or later."""
        self._closed = True
        for answer in tuple(self._calls):
            with suppress(InvalidStateError):
                answer.set_exception(_unavailable(_("Buildbench is being closed.")))

    def _call(self, work: Callable[[Backend], T], wait_s: float) -> T:
        """Do the work on a thread of its own, as nothing else can be given up half-way."""
        if self._hanging is not None and self._hanging.is_alive():
            raise _unavailable(_("It has not answered an earlier question yet."))
        found: list[T] = []
        answer: Future[None] = Future()
        self._calls.add(answer)
        thread = threading.Thread(
            target=self._work, args=(work, found, answer), name="keyring", daemon=True
        )
        thread.start()
        try:
            if self._closed:
                raise _unavailable(_("Buildbench is being closed."))
            answer.result(wait_s)
        except TimeoutError:
            self._hanging = thread
            raise _unavailable(_("It did not answer in time.")) from None
        finally:
            self._calls.discard(answer)
        return found[0]

    def _work(
        self, work: Callable[[Backend], T], found: list[T], answer: "Future[None]"
    ) -> None:
        error: AppError | None = _unavailable(_("It ended without an answer."))
        try:
            self._backend = self._backend or self._find()
            if self._backend is None:
                error = _unavailable(_("This computer has no keyring."))
            else:
                found.append(work(self._backend))
                error = None
        except Exception as problem:  # keyrings of all systems raise what they like
            _log.info("The keyring failed: %s", type(problem).__name__)
            error = _unavailable(str(problem) or type(problem).__name__)
        finally:
            with suppress(InvalidStateError):
                answer.set_exception(error) if error else answer.set_result(None)


def _unavailable(why: str) -> KeyringUnavailableError:
    return KeyringUnavailableError(
        _("The system's keyring cannot be used."),
        detail=why,
        hint=_("Unlock it, or start its service, and try again."),
    )


def _backend_of_the_system() -> Backend | None:
    import keyring
    from keyring.backends.chainer import ChainerBackend

    found = keyring.get_keyring()
    candidates = found.backends if isinstance(found, ChainerBackend) else [found]
    return next((one for one in candidates if _is_safe(type(one))), None)


def _is_safe(kind: type) -> bool:
    return not kind.__module__.startswith(_NO_KEYRINGS)
