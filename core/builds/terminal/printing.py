"""Prints a log on a terminal or into a pipe; what is said about the build goes beside it."""

import os
import re
import sys
from typing import TextIO

from core.builds.schemas import BuildLog, LogLevel, LogSource
from core.terminal.saying import CONTROL, SEQUENCE, harmless

_COLOUR = re.compile(r"\x1b\[[0-9;:]*m\Z")
_RESET = "\x1b[0m"
_OF_LEVEL = {LogLevel.ERROR: "\x1b[31m", LogLevel.WARNING: "\x1b[33m"}
_OF_SYSTEM = "\x1b[2m"


class Printer:
    """Writes lines of a log to the standard output, and words about it to standard error.

    Colours are written to a terminal alone, and not where ``NO_COLOR`` is set; other escape
    sequences never, since they could do anything to it. Once nobody reads the output any
    more, the rest is dropped.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._out, self._beside = sys.stdout, sys.stderr
        self._colours = _is_terminal(self._out) and not os.environ.get("NO_COLOR")
        for stream in (self._out, self._beside):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")

    @property
    def wants_log(self) -> bool:
        """Whether anybody reads the log."""
        return not self._quiet

    def log(self, lines: tuple[BuildLog, ...]) -> None:
        """Print lines of the log."""
        if self._quiet:
            return
        try:
            self._out.write("".join(f"{self._shown(line)}\n" for line in lines))
            self._out.flush()
        except (BrokenPipeError, ValueError):
            self._quiet = True
            # Else the interpreter complains of the same at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._out.fileno())

    def say(self, text: str) -> None:
        """Say something about the build, unless nothing is to be said but problems."""
        if not self._quiet:
            self.tell(text)

    def tell(self, text: str) -> None:
        """Say something that matters in any case; names in it may be of strangers."""
        if self._beside is not None:
            self._beside.write(harmless(text) + "\n")
            self._beside.flush()

    def _shown(self, line: BuildLog) -> str:
        text = line.message.rstrip("\r").rpartition("\r")[2]
        if line.cut:
            text += " …"
        if not self._colours:
            return harmless(text)
        kept = CONTROL.sub("", SEQUENCE.sub(_colour_alone, text))
        if line.source is LogSource.SYSTEM:
            return f"{_OF_SYSTEM}{kept}{_RESET}"
        if "\x1b" in kept:
            return kept + _RESET
        colour = _OF_LEVEL.get(line.level)
        return f"{colour}{kept}{_RESET}" if colour else kept


def _colour_alone(found: re.Match[str]) -> str:
    return found[0] if _COLOUR.match(found[0]) else ""


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()
