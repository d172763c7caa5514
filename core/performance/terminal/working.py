"""What ``backup`` and ``check`` have in common: a database that is opened for one deed."""

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core import log, paths, translation
from core.app import Core, open_core
from core.errors import AppError
from core.performance.terminal.words import Words
from core.progress import Progress
from core.security.actors import Actor, Origin
from core.settings import SettingsStore, load_settings
from core.terminal.asking import BrokenOffError, Interrupts
from core.terminal.entering import entered
from core.terminal.opening import opened, opened_last
from core.terminal.saying import harmless, say_wrong
from core.translation import _
from core.workspaces.schemas import WorkspaceKind

if TYPE_CHECKING:
    from core.workspaces.workspace import Workspace

BROKEN_OFF = 130
_ERASE = "\r\x1b[K"


@dataclass(frozen=True, slots=True)
class Desk:
    """What a deed is done with."""

    core: Core
    words: Words
    path: Path
    interrupts: Interrupts
    line: "ProgressLine"

    async def entered(self) -> "tuple[Workspace, Actor]":
        """Open the file, and return it with who acts.

        Raises:
            BrokenOffError: An interrupt came first.
            AppError: It cannot be opened, or nobody can come in like this.
        """
        break_off = self.interrupts.breaking_off
        workspace = await break_off(opened(self.core, self.path, "FILE", duties=False))
        if workspace.info.kind is WorkspaceKind.PLAIN:
            return workspace, Actor.of_this_computer(Origin.SCRIPT)
        person, name = self.words.person, workspace.info.name
        return workspace, await break_off(entered(workspace.sign_in, person, name))

    def print(self, text: str) -> None:
        """Print a result in a line of its own."""
        self.line.erase()
        sys.stdout.write(harmless(text).replace("\n", " ") + "\n")
        sys.stdout.flush()

    def say(self, text: str) -> None:
        """Say something beside the results, unless only problems are to be told."""
        self.line.erase()
        if not self.words.quiet:
            say_wrong(text)


class ProgressLine:
    """Shows on a terminal how far the work is; nothing anywhere else."""

    def __init__(self, *, quiet: bool) -> None:
        self._shown = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self.progress = Progress(self._show)

    def erase(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write(_ERASE)
            sys.stderr.flush()

    def _show(self) -> None:
        if self._shown:
            done = self.progress.fraction or 0.0
            sys.stderr.write(f"{_ERASE}{done:4.0%}  {self.progress.text}")
            sys.stderr.flush()


def play(
    argv: Sequence[str],
    parse: Callable[[Sequence[str]], Words],
    work: Callable[[Desk], Awaitable[int]],
) -> int:
    """Do what the command line says; return the exit code."""
    gc.enable()
    try:
        settings = load_settings()
        translation.install(paths.resource("locale"), settings.current.language)
        words = parse(argv)
        return asyncio.run(_play(settings, words, work))
    except BrokenOffError:
        say_wrong("\n" + _("Broken off."))
        return BROKEN_OFF
    except AppError as error:
        say_wrong(log.redact(error.as_text()))
        return 1


async def _play(
    settings: SettingsStore, words: Words, work: Callable[[Desk], Awaitable[int]]
) -> int:
    interrupts, line = Interrupts(), ProgressLine(quiet=words.quiet)
    async with open_core(settings) as core:
        path = words.file or await opened_last(core, "FILE")
        desk = Desk(core, words, path, interrupts, line)
        if words.file is None:
            desk.say(_("The workspace that was opened last: {path}").format(path=path))
        try:
            return await work(desk)
        finally:
            line.erase()
