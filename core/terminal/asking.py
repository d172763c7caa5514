"""Questions on the terminal, asked while the core goes on, and interrupts from the keyboard."""

import asyncio
import getpass
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from core.errors import AppError, Category
from core.translation import _

T = TypeVar("T")


class BrokenOffError(Exception):
    """The person broke it off before there was a build."""


class NobodyToAskError(AppError):
    """Something must be asked, and there is no terminal."""

    code = "nobody_to_ask"
    category = Category.AUTHENTICATION


class Interrupts:
    """Ctrl+C and the signals that end a program, told one by one to who waits for them."""

    def __init__(self) -> None:
        self._arrived: asyncio.Queue[signal.Signals] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, self._arrived.put_nowait, number)
            except NotImplementedError:  # Windows
                signal.signal(number, self._from_handler(loop))

    async def next(self) -> signal.Signals:
        """Wait for the next one and return which it is."""
        return await self._arrived.get()

    async def breaking_off(self, work: Coroutine[Any, Any, T]) -> T:
        """Do some work that an interrupt breaks off, unless it is too late for that.

        Raises:
            BrokenOffError: One came first.
        """
        task, waiting = asyncio.create_task(work), asyncio.create_task(self.next())
        try:
            await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
            if task.cancelled():
                raise BrokenOffError
            return task.result()
        finally:
            for one in (task, waiting):
                one.cancel()
            await asyncio.gather(task, waiting, return_exceptions=True)

    def _from_handler(self, loop: asyncio.AbstractEventLoop) -> Callable[[int, object], None]:
        def arrived(number: int, _frame: object) -> None:
            loop.call_soon_threadsafe(self._arrived.put_nowait, signal.Signals(number))

        return arrived


def can_ask() -> bool:
    """Tell whether somebody sits at a terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


async def ask(question: str, *, secret: bool = False) -> str:
    """Ask a question and return the line that is typed.

    Raises:
        NobodyToAskError: There is no terminal.
        BrokenOffError: The input ended.
    """
    if not can_ask():
        raise NobodyToAskError(
            _("There is nobody to ask: this is no terminal."),
            detail=question.strip(),
            hint=_("In scripts give the name by --user and the password by --password-stdin."),
        )
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str | None] = loop.create_future()
    kept = _terminal_state()

    def told(line: str | None) -> None:
        if not answer.done():
            answer.set_result(line)

    def wait() -> None:
        try:
            line = getpass.getpass(question, sys.stderr) if secret else _plain(question)
        except (EOFError, OSError):
            line = None
        loop.call_soon_threadsafe(told, line)

    # A thread that waits for a person cannot be ended: it must not keep the program alive.
    threading.Thread(target=wait, name="asking", daemon=True).start()
    try:
        line = await answer
    finally:
        _restore(kept)
    if line is None:
        raise BrokenOffError
    return line


def _plain(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\r\n")


def _terminal_state() -> list[Any] | None:
    """Return how the terminal is set, to undo the hiding of a password broken off."""
    try:
        import termios
    except ImportError:  # Windows
        return None
    return termios.tcgetattr(sys.stdin.fileno())


def _restore(state: list[Any] | None) -> None:
    if state is not None:
        import termios

        termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, state)
