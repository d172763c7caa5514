"""Searches the log that is shown: marks, counts, and leads from match to match."""

from bisect import bisect_left, bisect_right

from PySide6.QtCore import QObject, QTimer, Signal

from core.builds.schemas import LogMatches
from core.errors import ValidationError
from core.translation import _, ngettext
from desktop.builds.panes.log_search_field import LogSearchField
from desktop.builds.panes.log_source import LogReading
from desktop.figures import number
from desktop.tasks import TaskRunner
from desktop.widgets.log_view import LogView, Needle

_TYPING_MS = 150


class LogSearch(QObject):
    """Joins the field, the log and the core.

    Signals:
        told: Where the search stands, as words and whether they tell of a mistake; empty
            words while nothing is searched for.
    """

    told = Signal(str, bool)

    def __init__(self, tasks: TaskRunner, field: LogSearchField, log: LogView) -> None:
        super().__init__()
        self._tasks, self._field, self._log = tasks, field, log
        self._source: LogReading | None = None
        self._needle: Needle | None = None
        self._matches: LogMatches | None = None
        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self._start)
        field.changed.connect(self._changed)
        field.next_wanted.connect(self.next)
        field.previous_wanted.connect(self.previous)
        field.closed.connect(self.close)
        log.selectionModel().currentChanged.connect(self._tell)

    def show_log(self, source: LogReading | None) -> None:
        """Search another log from now on, for what was searched for before."""
        self._source = source
        self._matches = None
        self._typing.stop()
        self._tasks.latest((self, "search"), self._find(jump=False))

    def close(self) -> None:
        """Search for nothing any more; the log gets the keyboard."""
        self._field.edit.clear()
        self._typing.stop()
        self._start()
        self._log.setFocus()

    def next(self) -> None:
        """Go to the next matching line, after the last one to the first."""
        self._step(forward=True)

    def previous(self) -> None:
        """Go to the matching line before, from the first one to the last."""
        self._step(forward=False)

    async def again(self) -> None:
        """Search once more what has grown; the place is kept."""
        if self._needle is not None and self._matches is not None:
            await self._find(jump=False)

    def _changed(self) -> None:
        self._typing.start()
        self._field.tell("")

    def _start(self) -> None:
        self._typing.stop()
        self._tasks.latest((self, "search"), self._find(jump=True))

    async def _find(self, *, jump: bool) -> None:
        needle, source = self._field.needle, self._source
        if needle != self._needle:
            self._needle = needle
            self._log.mark(needle)
        if needle is None or source is None:
            self._take(None)
            return
        if self._matches is None or jump:
            self.told.emit(_("Searching…"), False)
        try:
            matches = await source.search(needle)
        except ValidationError as error:
            self._take(None)
            self._refuse(error)
            return
        if needle != self._field.needle or source is not self._source:
            return
        self._take(matches)
        if jump and matches.lines and self._log.line not in matches.lines[:1]:
            self._go(self._nearest(matches))

    def _take(self, matches: LogMatches | None) -> None:
        self._matches = matches
        self._field.tell("")
        self._log.show_matches(matches.lines if matches else ())
        self._tell()

    def _refuse(self, error: ValidationError) -> None:
        words = "\n".join(filter(None, error.fields.values())) or error.title
        self._field.tell(words)
        self.told.emit(words, True)

    def _nearest(self, matches: LogMatches) -> int:
        """Return the first match from the chosen line on, else the last one in the log."""
        line = self._log.line
        if line is None:
            return matches.lines[-1] if self._log.following else matches.lines[0]
        place = bisect_left(matches.lines, line)
        return matches.lines[place] if place < len(matches.lines) else matches.lines[0]

    def _step(self, *, forward: bool) -> None:
        if self._typing.isActive() or self._matches is None:
            self._start()
            return
        lines = self._matches.lines
        if not lines:
            return
        here = self._log.line
        if here is None:
            self._go(lines[0] if forward else lines[-1])
        elif forward:
            self._go(lines[bisect_right(lines, here) % len(lines)])
        else:
            self._go(lines[bisect_left(lines, here) - 1])

    def _go(self, line: int) -> None:
        self._log.jump_to(line)
        self._tell()

    def _tell(self) -> None:
        matches = self._matches
        if matches is None:
            self.told.emit("", False)
            return
        if not matches.total:
            self.told.emit(_("No match"), False)
            return
        line, count = self._log.line, number(matches.total)
        place = bisect_left(matches.lines, line) if line is not None else len(matches.lines)
        if place < len(matches.lines) and matches.lines[place] == line:
            words = _("{place} of {count}").format(place=number(place + 1), count=count)
        else:
            words = ngettext("{count} match", "{count} matches", matches.total)
            words = words.format(count=count)
        self.told.emit(words, False)
