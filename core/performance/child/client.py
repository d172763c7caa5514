"""Runs an operation in a maintenance child and awaits its end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from core.completion import although_cancelled, take_back
from core.performance.child.phases import phase_words, waiting_words
from core.performance.child.process import Child
from core.performance.child.protocol import WAITING, Request
from core.performance.child.talk import CancelledInChildError, Talk, Told
from core.progress import Progress

KILLED_AFTER_S = 5.0


async def run_child(
    operation: str,
    *,
    path: Path,
    progress: Progress | None = None,
    role: str = "maintenance",
    hear: Callable[[object], None] | None = None,
    started: Future[Child] | None = None,
    **arguments: Any,
) -> dict[str, Any]:
    """Do one operation of ``operations.OPERATIONS`` on a file in a process of its own.

    A cancellation asks the child to stop and waits for its end; after five seconds it is
    killed. From ``no_return`` on it is waited for instead. What was completed all the same is
    returned as completed, and the cancellation is taken back.

    Args:
        path: The database.
        progress: Told how far it is.
        role: That of the child; another one has operations of its own.
        hear: Called with what the child measures meanwhile, which is not checked.
        started: The child of ``child_ahead``, if that was called; it is used up by this.
        arguments: Those of the operation, as JSON has them, and those of all (see
            ``protocol.Request``).

    Returns:
        The result of the operation, not checked: it may be the work of a damaged file.

    Raises:
        AppError: It failed or the child died; the words say what to do.
    """
    loop = asyncio.get_running_loop()

    def pass_on(told: Told) -> None:
        words = waiting_words(path) if told.phase == WAITING else phase_words(told.phase)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens
            loop.call_soon_threadsafe(_report, progress, told, words)
            if hear is not None and told.figures is not None:
                loop.call_soon_threadsafe(hear, told.figures)

    start = partial(Child, role, operation) if started is None else started.result
    talk = Talk(Request(operation, str(path), arguments), start, pass_on)
    executor = ThreadPoolExecutor(1, thread_name_prefix="maintenance")
    try:
        running = loop.run_in_executor(executor, talk.run)
        cancelled = await _at_end(talk, running)
    finally:
        executor.shutdown(wait=False)
    try:
        result = running.result()
    except CancelledInChildError:
        raise (cancelled or [asyncio.CancelledError()])[0] from None
    for _each in cancelled:
        take_back()
    return result


@contextlib.asynccontextmanager
async def child_ahead(operation: str) -> AsyncIterator[Future[Child]]:
    """Start the child for an operation while that is still being prepared.

    What is given is for one ``run_child(…, started=…)`` within, which raises what went wrong.
    A child that nobody came to use has opened nothing, and is killed.
    """
    executor = ThreadPoolExecutor(1, thread_name_prefix="maintenance")
    started = executor.submit(Child, "maintenance", operation)
    try:
        yield started
    finally:
        closing = asyncio.get_running_loop().run_in_executor(executor, _close, started)
        executor.shutdown(wait=False)
        await although_cancelled(closing)


def _close(started: Future[Child]) -> None:
    if started.exception() is None:
        started.result().close()


async def _at_end(
    talk: Talk, running: asyncio.Future[dict[str, Any]]
) -> list[asyncio.CancelledError]:
    """Wait for the end, also when cancelled; return the cancellations."""
    cancelled: list[asyncio.CancelledError] = []
    patience: float | None = None
    while not running.done():
        try:
            await asyncio.wait({running}, timeout=patience)
        except asyncio.CancelledError as error:
            if not cancelled:
                talk.cancel()
            cancelled.append(error)
            patience = KILLED_AFTER_S
        else:
            if not running.done() and not talk.no_return:
                talk.kill()
    return cancelled


def _report(progress: Progress | None, told: Told, words: str) -> None:
    if progress is None:
        return
    if told.no_return:
        progress.no_return(words)
    else:
        progress.report(told.fraction, words or None)
