"""Follows a build until it has ended: prints its log, and answers interrupts."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.builds.logs.service import LogService
from core.builds.queue.service import QueueService
from core.builds.schemas import BuildFinished, BuildRow, BuildState, FailureReason, LogGrown
from core.builds.service import BuildService
from core.builds.terminal.printing import Printer
from core.errors import AppError
from core.events import Changed, Event, EventBus
from core.security.actors import Actor
from core.terminal.asking import BrokenOffError, Interrupts, ask, can_ask
from core.translation import _, ngettext

LOOK_EVERY_S = 0.5
LINES_AT_ONCE = 500
CANCELLED_CODE = 130
_LARGEST_CODE = 255
_SIGNALLED = 128


class LeftError(Exception):
    """The person leaves the build to itself."""


class Follow:
    """One build, seen from a terminal."""

    def __init__(
        self,
        *,
        actor: Actor,
        builds: BuildService,
        logs: LogService,
        queue: QueueService,
        bus: EventBus,
        printer: Printer,
        interrupts: Interrupts,
    ) -> None:
        self._actor = actor
        self._builds, self._logs, self._queue = builds, logs, queue
        self._bus, self._printer, self._interrupts = bus, printer, interrupts
        self._changed = asyncio.Event()
        self._line = 0
        self._cancelling = False

    async def to_the_end(self, build: BuildRow) -> BuildRow:
        """Print the log of a build until it has ended, and return it as it then is.

        Raises:
            LeftError: The person leaves it.
            AppError: It cannot be followed any more, such as one that was deleted.
        """
        await self._say_where(build)
        async with self._woken(build.id):
            interrupt = asyncio.create_task(self._interrupts.next())
            try:
                while True:
                    self._changed.clear()
                    build = await self._builds.get(self._actor, build_id=build.id)
                    await self._print(build.id)
                    if build.state.finished:
                        return build
                    await self._something(interrupt)
                    if interrupt.done():
                        await self._answer(build, interrupt.result())
                        interrupt = asyncio.create_task(self._interrupts.next())
            finally:
                interrupt.cancel()

    async def until_it_runs(self, build: BuildRow, seconds: float) -> BuildRow:
        """Wait at most so long for a build to be started, and return it as it then is."""
        async with self._woken(build.id):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while build.state is BuildState.PENDING:
                        self._changed.clear()
                        build = await self._builds.get(self._actor, build_id=build.id)
                        await self._something()
        return build

    async def _say_where(self, build: BuildRow) -> None:
        overview = await self._queue.overview(self._actor)
        ids = [one.id for one in overview.waiting]
        ahead = ids.index(build.id) if build.id in ids else 0
        about = {"number": build.number, "project": build.project, "count": ahead}
        if overview.paused:
            text = _("Build #{number} of “{project}” waits: the queue is paused.")
        elif ahead:
            text = ngettext(
                "Build #{number} of “{project}” waits; {count} build is ahead of it.",
                "Build #{number} of “{project}” waits; {count} builds are ahead of it.",
                ahead,
            )
        else:
            text = _("Build #{number} of “{project}” is queued.")
        self._printer.say(text.format(**about))

    async def _print(self, build_id: int) -> None:
        """Print what there is by now."""
        while self._printer.wants_log:
            lines = await self._logs.lines(
                self._actor, build_id=build_id, first=self._line, count=LINES_AT_ONCE
            )
            self._printer.log(lines)
            self._line += len(lines)
            if not lines and not await self._skipped(build_id):
                return

    async def _skipped(self, build_id: int) -> bool:
        """Go on behind the lines that a log beyond its cap has lost; tell whether there are."""
        summary = await self._logs.summary(self._actor, build_id=build_id)
        after = summary.dropped_first + summary.dropped_lines
        if not summary.dropped_first <= self._line < after:
            return False
        lost = after - self._line
        text = ngettext(
            "… {count} line was not kept …", "… {count} lines were not kept …", lost
        )
        self._printer.say(text.format(count=lost))
        self._line = after
        return True

    async def _something(self, interrupt: asyncio.Task[signal.Signals] | None = None) -> None:
        """Wait for news, an interrupt, or a moment."""
        news = asyncio.create_task(self._changed.wait())
        waited = {news} if interrupt is None else {news, interrupt}
        try:
            await asyncio.wait(
                waited, timeout=LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            news.cancel()

    async def _answer(self, build: BuildRow, number: signal.Signals) -> None:
        if self._cancelling:
            raise LeftError
        if number is signal.SIGINT and can_ask() and not await self._shall_cancel(build):
            return
        self._cancelling = True
        try:
            await self._builds.cancel(self._actor, build_id=build.id)
        except AppError as error:
            self._printer.tell(error.as_text())
            return
        text = _("Build #{number} is being cancelled; Ctrl+C again leaves it to itself.")
        self._printer.tell(text.format(number=build.number))

    async def _shall_cancel(self, build: BuildRow) -> bool:
        """Ask; a second interrupt meanwhile leaves the build.

        Raises:
            LeftError: The person leaves it.
        """
        question = _("Cancel build #{number}? [y] yes, [l] leave it running, [n] go on: ")
        self._printer.tell("")
        try:
            answer = await self._interrupts.breaking_off(
                ask(question.format(number=build.number))
            )
        except BrokenOffError:
            self._printer.tell("")
            raise LeftError from None
        first = answer.strip().lower()[:1]
        if first == _("l"):
            raise LeftError
        return first == _("y")

    @asynccontextmanager
    async def _woken(self, build_id: int) -> AsyncIterator[None]:
        def on_event(event: Event) -> None:
            grown = isinstance(event, LogGrown) and event.build_id == build_id
            ended = isinstance(event, BuildFinished) and event.build.id == build_id
            if grown or ended or (isinstance(event, Changed) and "builds" in event.topics):
                self._changed.set()

        unsubscribe = self._bus.subscribe(on_event)
        try:
            yield
        finally:
            unsubscribe()


def exit_code(build: BuildRow) -> int:
    """Return what the program says of a build that has ended."""
    if build.state is BuildState.SUCCESS:
        return 0
    if build.state is BuildState.CANCELLED:
        return CANCELLED_CODE
    if build.exit_code and build.exit_code <= _LARGEST_CODE:
        return build.exit_code
    if build.reason is FailureReason.SIGNAL and build.signal:
        return _SIGNALLED + build.signal
    return 1


def end_words(build: BuildRow) -> str:
    """Return one sentence about how a build ended."""
    about = {
        "number": build.number,
        "project": build.project,
        "seconds": f"{(build.duration_ms or 0) / 1000:.1f}",
        "reason": build.message or _reason(build),
    }
    if build.state is BuildState.SUCCESS:
        text = _("Build #{number} of “{project}” succeeded in {seconds} s.")
    elif build.state is BuildState.CANCELLED:
        text = _("Build #{number} of “{project}” was cancelled. {reason}")
    else:
        text = _("Build #{number} of “{project}” failed after {seconds} s: {reason}")
    return text.format(**about).rstrip()


def _reason(build: BuildRow) -> str:
    if build.state is BuildState.CANCELLED:
        return ""
    if build.exit_code:
        return _("exit code {code}").format(code=build.exit_code)
    return str(build.reason or "").replace("_", " ")
