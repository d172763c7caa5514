"""Which lines of the log are shown by how loud they are, and the way from error to error."""

from bisect import bisect_left, bisect_right
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from core.builds.schemas import LogLevel
from core.translation import _
from desktop.builds.panes.log_source import LogReading
from desktop.tasks import TaskRunner
from desktop.widgets.log_view import LogView


class Shown(StrEnum):
    """Which lines are shown."""

    ALL = "all"
    LOUD = "loud"
    ERRORS = "errors"


_LEVELS = {
    Shown.LOUD: frozenset({LogLevel.WARNING, LogLevel.ERROR}),
    Shown.ERRORS: frozenset({LogLevel.ERROR}),
}


class LogLevels(QObject):
    """The filter by level, and steps between lines of a level.

    Signals:
        shown_changed: Other lines are shown now; carries ``Shown``.
        notice: A sentence for the person.
    """

    shown_changed = Signal(object)
    notice = Signal(str)

    def __init__(self, tasks: TaskRunner, log: LogView) -> None:
        super().__init__()
        self._tasks, self._log = tasks, log
        self._source: LogReading | None = None
        self.shown = Shown.ALL
        log.filter_left.connect(self._left)

    def show_log(self, source: LogReading | None) -> None:
        """Take another log, of which all lines are shown."""
        self._source = source
        self._left()

    def choose(self, shown: Shown) -> None:
        """Show other lines."""
        if shown is self.shown:
            return
        self.shown = shown
        self.shown_changed.emit(shown)
        self._tasks.latest((self, "filter"), self._filter())

    async def again(self) -> None:
        """Show those that were printed since."""
        if self.shown is not Shown.ALL:
            await self._filter()

    def step(self, level: LogLevel, *, forward: bool = True) -> None:
        """Go to the next line of a level, or the one before."""
        self._tasks.latest((self, "step"), self._step(level, forward=forward))

    def _left(self) -> None:
        if self.shown is not Shown.ALL:
            self.shown = Shown.ALL
            self.shown_changed.emit(self.shown)

    async def _filter(self) -> None:
        shown, source = self.shown, self._source
        if shown is Shown.ALL or source is None:
            self._log.show_only(None)
            return
        lines = await source.lines_of(_LEVELS[shown])
        if shown is self.shown and source is self._source:
            self._log.show_only(lines, _nothing(shown))

    async def _step(self, level: LogLevel, *, forward: bool) -> None:
        source = self._source
        if source is None:
            return
        lines = await source.lines_of(frozenset({level}))
        if source is not self._source:
            return
        if not lines:
            self.notice.emit(
                _("There is no error in this log.")
                if level is LogLevel.ERROR
                else _("There is no warning in this log.")
            )
            return
        here = self._log.line
        if here is None:
            self._log.jump_to(lines[0] if forward else lines[-1])
        elif forward:
            self._log.jump_to(lines[bisect_right(lines, here) % len(lines)])
        else:
            self._log.jump_to(lines[bisect_left(lines, here) - 1])


def _nothing(shown: Shown) -> str:
    if shown is Shown.ERRORS:
        return _("There is no error in this log.")
    return _("There is neither a warning nor an error in this log.")
